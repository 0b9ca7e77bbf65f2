"""A run's store and an export of it, made once by the real command and copied for each attack."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from benchmarks.faults.stage import Teacher, served, write_recipe
from benchmarks.hostile.variant import Stage

FORMATS = "canonical,trl-sft,trl-sft-turns,trl-dpo,trl-grpo"
STORE = "colloquia.db"
CORPUS = "corpus"
_MADE: dict[str, TemporaryDirectory[str]] = {}
_MAKING = Lock()  # variants are tried in several threads
#: What reads a store, a command a line.
READERS = (
    ("status",),
    ("ls",),
    ("ls", "--runs"),
    ("show", "--drafts", "--calls"),
    ("export", "--to", FORMATS, "--with-stale", "-o", "out"),
)


def store_in(stage: Stage) -> Path:
    """Copy a store of six finished dialogues to the stage, with its recipe and an export."""
    with _MAKING:
        if not _MADE:
            _MADE["folder"] = _made(stage)
    shutil.copytree(_MADE["folder"].name, stage.folder, dirs_exist_ok=True)
    return stage.folder / STORE


def corpus_in(stage: Stage) -> Path:
    """Copy an export to the stage."""
    store_in(stage)
    return stage.folder / CORPUS


def _made(stage: Stage) -> TemporaryDirectory[str]:
    made = TemporaryDirectory(prefix="colloquia-hostile-made-")
    folder = Path(made.name)
    with served(Teacher()) as endpoint:
        recipe = write_recipe(folder, endpoint.url, snippets=6)
        for command in (
            ("run", recipe, "--quiet"),
            ("export", "--to", FORMATS, "--with-stale", "-o", CORPUS),
        ):
            end = stage.nursery.run(*command, folder=folder)
            assert end.code == 0, f"no store could be made: {end.err}"
    for told in folder.glob("[0-9]*.*"):
        told.unlink()
    return made


def change(store: Path, *statements: str) -> None:
    """Change a store behind the program's back, whatever its schema forbids."""
    with closing(sqlite3.connect(store)) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE type='table'")
        db.commit()
    with closing(sqlite3.connect(store)) as db:
        db.execute("PRAGMA recursive_triggers=OFF")
        db.executescript(";".join(statements))
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def read(stage: Stage, *, told: bool = False, readers: Iterable[tuple[str, ...]] = READERS) -> None:
    """Hold every command that reads a store to one line or the right content.

    Args:
        stage: where the store is.
        told: whether at least one of them must say that something is wrong.
        readers: the commands.
    """
    codes = set()
    for command in readers:
        end = stage.holds(*command, codes=(0, 2, 4))
        codes.add(end.code)
        if end.code:
            lines = [line for line in end.err.splitlines() if not line.startswith("warning")]
            assert len(lines) == 1, f"{command[0]} says {len(lines)} lines"
            assert len(lines[0]) < 1000, f"{command[0]} says a line of {len(lines[0])}"
            assert "unexpected" not in lines[0], f"{command[0]}: {lines[0]}"
    assert not told or codes - {0}, "nobody tells that anything is wrong"
    right_or_none(stage)


def right_or_none(stage: Stage) -> None:
    """Hold the export in `out` to be the one that an untouched store gives, or not to be there."""
    out = stage.folder / "out"
    if out.exists():
        assert digests(out) == digests(stage.folder / CORPUS), "a wrong export, and nobody says so"


def digests(folder: Path) -> Mapping[str, str]:
    """Return the hash of every file."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def words(folder: Path) -> list[object]:
    """Return what is said in the rows of an export that are trained on."""
    parts = ("messages", "prompt", "completion", "chosen", "rejected", "reference")
    return [
        [file.name, *(row.get(part) for part in parts)]
        for file in sorted(folder.glob("*/*.jsonl"))
        for row in map(json.loads, file.read_text("utf-8").splitlines())
    ]
