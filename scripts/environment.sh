# shellcheck shell=bash
# Sourced by the scripts beside it, from the root of the checkout.

# Print the first command that is Python 3.11 or newer and can make virtual environments; PYTHON
# names the only one to look at.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  [[ -z "${PYTHON:-}" ]] || echo "PYTHON=$PYTHON isn't one:" >&2
  echo "colloquia needs Python 3.11 or newer with venv: install it from https://www.python.org/downloads/ (Debian, Ubuntu: apt install python3-venv)" >&2
  return 1
}

# environment DIR REQUIREMENT: put DIR/bin first on PATH, after making it anew where pyproject.toml
# (or the checkout's place) is not what it was made from. With PYTHON=python3.13 it is DIR-3.13.
# Sets `venv` to its place.
environment() {
  local folder=$1 python stamp
  if [[ -n "${PYTHON:-}" ]]; then
    python=$(find_python)
    folder+=-$("$python" -c 'import sys; print("{}.{}".format(*sys.version_info))')
  fi
  stamp="$PWD $(cat pyproject.toml setup.py | cksum)"
  if [[ "$(cat "$folder/.stamp" 2>/dev/null)" != "$stamp" ]]; then
    python=${python:-$(find_python)}
    heading "environment: $("$python" --version) in $folder (a few minutes, only the first time)"
    "$python" -m venv --clear "$folder"
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    [[ "$2" != *finetune* ]] || cpu_torch "$folder/bin/python"
    "$folder/bin/python" -m pip install --quiet --quiet --editable "$2"
    echo "$stamp" >"$folder/.stamp"
  fi
  venv=$PWD/$folder
  PATH="$venv/bin:$PATH"
}

# cpu_torch PYTHON: a build of torch without CUDA, which is a tenth of the size on Linux; where its
# own index is out of reach, whatever pip finds.
cpu_torch() {
  local install=("$1" -m pip install --quiet --quiet 'torch==2.13.0')
  "${install[@]}" --timeout 10 --retries 1 -i https://download.pytorch.org/whl/cpu 2>/dev/null ||
    "${install[@]}"
}

# links: where git or unzip left small text files in place of the links under src/colloquia, make
# them; type checkers see the rooms at the top through them, nothing else needs them.
links() {
  local link
  for link in src/colloquia/{agents,simulator,store}; do
    [[ -L $link || -d $link ]] || (target=$(cat "$link") && ln -sfn "$target" "$link")
  done
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
