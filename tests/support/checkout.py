"""The checkout the tests stand in: its root, its rooms and its files."""

import functools
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "src" / "colloquia"


# The links under src/colloquia; where a checkout has none, these are small text files.
LINKED = ("agents", "simulator", "store")


@functools.cache
def rooms() -> dict[str, Path]:
    """Return the folder of each room by the name it is imported by: `colloquia.<name>`."""
    inits = [*ROOT.glob("*/__init__.py"), *DOOR.glob("*/__init__.py")]
    return {init.parent.name: init.parent for init in inits if not init.parent.is_symlink()}


@functools.cache
def sources() -> dict[str, Path]:
    """Return every Python file of the product by its place in the package, as `core/types.py`."""
    door = {path.name: path for path in DOOR.glob("*.py")}
    return door | {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in sorted(rooms().items())
        for path in sorted(folder.rglob("*.py"))
    }


@functools.cache
def pyproject() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def brought_by(requirements: Iterable[str]) -> set[str]:
    """Return the names of all distributions that these requirements install, theirs included."""
    names, queue = set[str](), list(requirements)
    while queue:
        requirement = Requirement(queue.pop())
        name = canonicalize_name(requirement.name)
        wanted = not requirement.marker or requirement.marker.evaluate({"extra": ""})
        if wanted and name not in names:
            names.add(name)
            queue += distribution(name).requires or []
    return names


def without_checkout() -> dict[str, str]:
    """Return an environment for a child process that finds nothing of the checkout by itself."""
    ours = ("PYTHON", "COLLOQUIA_", "COV_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def output_of(command: Sequence[str | Path], *, cwd: Path) -> str:
    """Run a command without the checkout in its environment and return what it prints.

    Raises:
        AssertionError: it failed; the message holds all it printed.
    """
    done = subprocess.run(
        command, cwd=cwd, env=without_checkout(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command} exited {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def script(name: str) -> Path:
    """Return the path of a command installed beside this Python."""
    return Path(sys.executable).with_name(name)
