"""Disks that are full, or may only be read: what is written stands whole or not at all.

They are file systems in memory of so many KB; only who may mount those tries these variants.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.faults.stage import Teacher, served, write_recipe
from benchmarks.hostile.made import CORPUS, FORMATS, STORE, digests, store_in
from benchmarks.hostile.variant import ENGLISH_MB, PEAK_MB, Stage, Variant

TORCH_MB = 1200.0  # torch, transformers and trl
_SYS_ADMIN = 1 << 21  # who has this capability may mount
DISK = "disk"


def _may_mount() -> bool:
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    (held,) = (line for line in status.read_text("ascii").splitlines() if line[:7] == "CapEff:")
    return bool(int(held.split()[1], 16) & _SYS_ADMIN)


@contextmanager
def _disk(stage: Stage, options: str) -> Iterator[Path]:
    """Mount a disk."""
    place = stage.folder / DISK
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def _again(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)


def _told(stage: Stage, *command: str | Path) -> None:
    """Hold a command to ending with one line on a disk that takes nothing more."""
    end = stage.holds(*command, codes=(2, 4))
    errors = [line for line in end.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, f"says {end.err[-500:]!r}"
    assert "unexpected" not in errors[0], errors[0]
    assert any(sign in errors[0] for sign in _SIGNS), errors[0]


_SIGNS = ("full", "room", "No space left", "read-only", "Read-only", "writable", "can't be written")


def _run(stage: Stage, *, kb: int) -> None:
    """A run fills its disk; with more room the same command goes on, and loses nothing."""
    with served(Teacher()) as endpoint, _disk(stage, f"size={kb}k") as disk:
        recipe = write_recipe(stage.folder, endpoint.url, snippets=40)
        command = ("run", recipe, "--quiet", "--store", disk / STORE)
        _told(stage, *command)
        _again(disk, "size=99m")
        stage.holds(*command, codes=(0,))
        told = json.loads(stage.holds("status", "--json", "--store", disk / STORE, codes=(0,)).out)
        assert (told["planned"], told["pending"], told["failed"]) == (40, 0, {}), f"{told}"


def _export(stage: Stage, *, kb: int) -> None:
    store_in(stage)
    with _disk(stage, f"size={kb}k") as disk:
        command = ("export", "--to", FORMATS, "--with-stale", "-o", disk / "out")
        _told(stage, *command)
        assert not list(disk.iterdir()), f"leaves {[*disk.iterdir()]}"
        _again(disk, "size=99m")
        stage.holds(*command, codes=(0,))
        assert digests(disk / "out") == digests(stage.folder / CORPUS)


def _train(stage: Stage, *, kb: int) -> None:
    store_in(stage)
    with _disk(stage, f"size={kb}k") as disk:
        _told(stage, "train", CORPUS, "-o", disk / "student", "--steps", "2")


def _init(stage: Stage) -> None:
    with _disk(stage, "size=4k") as disk:
        _told(stage, "init", disk / "demo")


def _read_only(stage: Stage, *, command: tuple[str, ...]) -> None:
    store_in(stage)
    with _disk(stage, "size=9m") as disk:
        _again(disk, "ro")
        _told(stage, *(part.format(disk=disk) for part in command))


def _read_from(stage: Stage) -> None:
    """A store on a disk that may only be read is read and exported all the same, or it is told."""
    store = store_in(stage)
    with _disk(stage, "size=9m") as disk:
        shutil.copy(store, disk / STORE)
        _again(disk, "ro")
        for command in (("status",), ("ls",), ("show",), ("export", "--with-stale", "-o", "out")):
            stage.holds(*command, "--store", disk / STORE, codes=(0, 4))


def _variant(name: str, attack: Callable[[Stage], None], **more: Any) -> Variant:
    return Variant(family="disks", name=name, attack=attack, **more)


_WRITERS = {
    "a run": ("run", "recipe.yaml", "--store", "{disk}/new.db"),
    "an export": ("export", "--with-stale", "-o", "{disk}/out"),
    "a starter": ("init", "{disk}/demo"),
    "a student": ("train", CORPUS, "--steps", "1", "-o", "{disk}/student"),
}
VARIANTS = [
    *(
        _variant(f"a run on {kb} KB", partial(_run, kb=kb), peak_mb=ENGLISH_MB)
        for kb in (4, 64, 200, 700)
    ),
    *(_variant(f"an export on {kb} KB", partial(_export, kb=kb)) for kb in (4, 16, 32)),
    *(
        _variant(f"a student on {kb} KB", partial(_train, kb=kb), peak_mb=TORCH_MB, limit_s=90)
        for kb in (4, 300)
    ),
    _variant("a starter on 4 KB", _init),
    *(
        _variant(
            f"{name} on a disk that may only be read",
            partial(_read_only, command=command),
            peak_mb=TORCH_MB if "train" in command else PEAK_MB,
        )
        for name, command in _WRITERS.items()
    ),
    _variant("a store on a disk that may only be read", _read_from),
] * _may_mount()
