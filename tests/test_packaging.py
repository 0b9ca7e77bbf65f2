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
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from checkout import DOOR, LINKED, ROOT, brought_by, output_of, pyproject, rooms, script

import colloquia

# What the core install has to do without, whoever would bring it.
HEAVY = {"datasets", "matplotlib", "peft", "ray", "torch", "transformers", "trl"}


def test_the_rooms_that_stand_at_the_top_are_linked_beside_the_door() -> None:
    """A checkout without symbolic links has a small file with the link's target instead."""
    targets = {}
    for room in LINKED:
        link = DOOR / room
        targets[room] = str(link.readlink()) if link.is_symlink() else link.read_text()
    assert targets == {room: f"../../{room}" for room in LINKED}


@pytest.mark.parametrize(
    "room", [name for name, folder in rooms().items() if folder.parent == ROOT]
)
def test_a_room_at_the_top_refuses_its_bare_name(room: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {room}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"ModuleNotFoundError: import colloquia.{room}, not {room}" in done.stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An sdist, the wheel built from it, and what is in that."""

    sdist: Path
    path: Path
    names: set[str]
    metadata: Message


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build sdist and from it the wheel, from a copy as Windows and zip files have it: no links."""
    folder = tmp_path_factory.mktemp("build")
    leftovers = shutil.ignore_patterns(".*", "build", "dist", "demo", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, folder / "copy", symlinks=True, ignore=leftovers)
    for room in LINKED:
        link = folder / "copy" / "src" / "colloquia" / room
        link.unlink()
        link.write_text(f"../../{room}")
    output_of([sys.executable, "-m", "build", "--no-isolation", "-o", folder, "copy"], cwd=folder)
    (sdist,), (path,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
    return Built(sdist=sdist, path=path, names=names, metadata=Parser().parsestr(text))


def _on_disk() -> Iterator[str]:
    """Yield what the checkout has, named as in the package."""
    for name, folder in {"": DOOR, **rooms()}.items():
        for path in folder.rglob("*"):
            inside = path.relative_to(folder)
            if path.is_dir() or path.suffix == ".pyc" or (not name and str(inside) in LINKED):
                continue
            yield (Path("colloquia") / name / inside).as_posix()


def test_the_wheel_holds_the_folders_and_nothing_else(wheel: Built) -> None:
    packed = {name for name in wheel.names if ".dist-info/" not in name}
    assert packed == set(_on_disk())


def test_the_wheel_carries_license_and_version(wheel: Built) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel.names)
    assert wheel.metadata["Version"] == colloquia.__version__ == pyproject()["project"]["version"]


def test_the_core_install_pulls_nothing_heavy(wheel: Built) -> None:
    needed = brought_by(wheel.metadata.get_all("Requires-Dist", []))
    assert not needed & HEAVY


@pytest.fixture(scope="session")
def installed(wheel: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel beside what it requires and nothing else; return the environment's `bin`.

    What it requires is borrowed from here by links: an import that the wheel's metadata doesn't
    name, directly or by a detour, fails there.
    """
    folder = tmp_path_factory.mktemp("installed")
    output_of([sys.executable, "-m", "venv", "--without-pip", "venv"], cwd=folder)
    commands = folder / "venv" / "bin"
    packages = Path(output_of([commands / "python", "-c", WHERE_PACKAGES_LIE], cwd=folder).strip())
    for name in brought_by(wheel.metadata.get_all("Requires-Dist", [])):
        for top, there in _tops(distribution(name)).items():
            if not (packages / top).exists():
                (packages / top).symlink_to(there)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", commands / "python"]
    output_of([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel.path], cwd=folder)
    return commands


WHERE_PACKAGES_LIE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def _tops(of: Distribution) -> dict[str, Path]:
    """Return the files and folders that a distribution has put on the path, by their names."""
    tops = {file.parts[0] for file in of.files or () if file.parts[0] not in ("..", "__pycache__")}
    return {top: Path(str(of.locate_file(top))) for top in tops}


def _does_the_main_job(command: list[str | Path], folder: Path) -> None:
    output_of([*command, "init", "project"], cwd=folder)
    project = folder / "project"
    run = ["run", "recipe.yaml", "--limit", "6", "--json"]
    totals = json.loads(output_of([*command, *run], cwd=project))
    assert totals["accepted"] > 0
    assert totals["planned"] == (
        totals["accepted"] + sum(totals["rejected"].values()) + sum(totals["failed"].values())
    )
    output_of([*command, "export", "-o", "corpus"], cwd=project)
    verdict = json.loads(output_of([*command, "check", "corpus", "--json"], cwd=project))
    assert verdict["ok"], verdict["problems"]


def test_the_installed_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    _does_the_main_job([installed / "colloquia"], tmp_path)


def test_the_installed_sdist_does_the_main_job(wheel: Built, tmp_path: Path) -> None:
    """Beside the dependencies that are here: the wheel's test has shown that they are all named."""
    there = tmp_path / "there"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
    ]
    output_of([*pip, "--target", there, wheel.sdist], cwd=tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(there)!r}); sys.meta_path[:] = [finder for finder in "
        "sys.meta_path if 'Editable' not in getattr(finder, '__name__', '')]; import colloquia; "
        f"assert colloquia.__file__.startswith({str(there)!r}); "
        "from colloquia.cli import main; main()"
    )
    _does_the_main_job([sys.executable, "-P", "-c", code], tmp_path)


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
