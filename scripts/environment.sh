# shellcheck shell=bash
# Sourced by the scripts beside it, from the root of the checkout.

# Print the first command that is Python 3.11 or newer and can make virtual environments.
find_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "colloquia needs Python 3.11 or newer with venv: install it from https://www.python.org/downloads/ (Debian, Ubuntu: apt install python3-venv)" >&2
  return 1
}

# environment DIR REQUIREMENT: put DIR/bin first on PATH, after making it anew where pyproject.toml
# (or the checkout's place) is not what it was made from.
environment() {
  local python stamp
  stamp="$PWD $(cksum <pyproject.toml)"
  if [[ "$(cat "$1/.stamp" 2>/dev/null)" != "$stamp" ]]; then
    python=$(find_python)
    heading "environment: $("$python" --version) in $1 (about a minute, only the first time)"
    "$python" -m venv --clear "$1"
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$1/bin/python" -m pip install --quiet --quiet --editable "$2"
    echo "$stamp" >"$1/.stamp"
  fi
  PATH="$PWD/$1/bin:$PATH"
}

heading() {
  printf '\n== %s\n' "$1"
}

# step NAME COMMAND…: run a command under a heading; stop the script by that name if it fails.
step() {
  heading "$1: ${*:2}"
  "${@:2}" || {
    printf '\n%s: the step "%s" failed\n' "$0" "$1" >&2
    exit 1
  }
}
