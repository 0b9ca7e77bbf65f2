"""One import package from many folders: the mapping, the links and the wheel all tell the same."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from checkout import DOOR, ROOT, brought_by, output_of, pyproject, rooms, script

import colloquia

SETUPTOOLS = pyproject()["tool"]["setuptools"]
PACKAGE_DIR: dict[str, str] = SETUPTOOLS["package-dir"]
# What the core install has to do without, whoever would bring it.
HEAVY = {"datasets", "matplotlib", "peft", "ray", "torch", "transformers", "trl"}


def test_every_room_is_mapped_into_the_package() -> None:
    mapped = {name: folder for name, folder in PACKAGE_DIR.items() if "/" not in folder}
    assert mapped == {f"colloquia.{room.name}": room.name for room in rooms()}
    assert sorted(SETUPTOOLS["packages"]) == sorted(PACKAGE_DIR)


def test_every_room_is_linked_beside_the_door() -> None:
    links = {link.name: str(link.readlink()) for link in DOOR.iterdir() if link.is_symlink()}
    assert links == {room.name: f"../../{room.name}" for room in rooms()}


@pytest.mark.parametrize("room", [room.name for room in rooms()])
def test_a_room_refuses_its_bare_name(room: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {room}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"ModuleNotFoundError: import colloquia.{room}, not {room}" in done.stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A built wheel and what is in it."""

    path: Path
    names: set[str]
    metadata: Message


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    """Build sdist and from it the wheel, from a copy: a stale build folder would end up inside."""
    folder = tmp_path_factory.mktemp("build")
    leftovers = shutil.ignore_patterns(".*", "build", "dist", "demo", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, folder / "copy", symlinks=True, ignore=leftovers)
    output_of([sys.executable, "-m", "build", "--no-isolation", "-o", folder, "copy"], cwd=folder)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
    return Wheel(path=path, names=names, metadata=Parser().parsestr(text))


def _on_disk() -> Iterator[str]:
    for package, folder in PACKAGE_DIR.items():
        place = package.replace(".", "/")
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                yield f"{place}/{path.relative_to(ROOT / folder).as_posix()}"


def test_the_wheel_holds_the_folders_and_nothing_else(wheel: Wheel) -> None:
    packed = {name for name in wheel.names if ".dist-info/" not in name}
    assert packed == set(_on_disk())


def test_the_wheel_carries_license_and_version(wheel: Wheel) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel.names)
    assert wheel.metadata["Version"] == colloquia.__version__ == pyproject()["project"]["version"]


def test_the_core_install_pulls_nothing_heavy(wheel: Wheel) -> None:
    needed = brought_by(wheel.metadata.get_all("Requires-Dist", []))
    assert not needed & HEAVY


@pytest.fixture(scope="session")
def installed(wheel: Wheel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with its dependencies in a fresh environment; return its `bin`."""
    folder = tmp_path_factory.mktemp("installed")
    output_of([sys.executable, "-m", "venv", "venv"], cwd=folder)
    commands = folder / "venv" / "bin"
    output_of([commands / "python", "-m", "pip", "install", "--quiet", wheel.path], cwd=folder)
    return commands


def test_the_installed_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    colloquia_command = installed / "colloquia"
    output_of([colloquia_command, "init", "project"], cwd=tmp_path)
    project = tmp_path / "project"
    totals = json.loads(output_of([colloquia_command, "run", "recipe.yaml", "--json"], cwd=project))
    assert totals["accepted"] > 0
    assert totals["planned"] == (
        totals["accepted"] + sum(totals["rejected"].values()) + sum(totals["failed"].values())
    )
    output_of([colloquia_command, "export", "-o", "corpus"], cwd=project)
    verdict = json.loads(output_of([colloquia_command, "check", "corpus", "--json"], cwd=project))
    assert verdict["ok"], verdict["problems"]


def test_the_installed_wheel_is_one_module(installed: Path, tmp_path: Path) -> None:
    code = "from importlib.metadata import files; print(*files('colloquia'), sep='\\n')"
    lines = output_of([installed / "python", "-c", code], cwd=tmp_path).splitlines()
    tops = {line.partition("/")[0] for line in lines if not line.startswith("../")}
    assert {top for top in tops if not re.fullmatch(r"colloquia-.*\.dist-info", top)} == {
        "colloquia"
    }


@pytest.mark.parametrize(
    "command",
    [
        [script("pytest"), "--collect-only", "--quiet", "tests/test_public_door.py"],
        [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "tests/test_public_door.py"],
        [sys.executable, "-m", "colloquia", "--help"],
    ],
    ids=["pytest", "python -m pytest", "python -m colloquia"],
)
def test_commands_run_from_the_root_of_the_checkout(command: list[str | Path]) -> None:
    """With `python -m` the current folder, rooms and all, comes first on sys.path."""
    assert output_of(command, cwd=ROOT)
