"""Stores that are damaged, made by strangers, taken away during a run, or read by a crowd."""

import json
import os
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.faults.nursery import Child, Nursery, Stopwatch
from benchmarks.faults.stage import Teacher, rows, served, write_recipe
from benchmarks.hostile.made import CORPUS, STORE, change, read, store_in, words
from benchmarks.hostile.store_rows import BORNE, TOLD
from benchmarks.hostile.variant import ENGLISH_MB, Stage, Variant

READERS, AT_ONCE = 200, 4
NOTICED_S = 4.0  # a heartbeat is sent each second; the machine may have more to do
Spoil = Callable[[Path], object]


def _sql(stage: Stage, *, statement: str, told: bool) -> None:
    store = store_in(stage)
    change(store, statement)
    if told:
        read(stage, told=True)
    else:
        read(stage, readers=(("status",), ("ls",), ("ls", "--runs"), ("show", "--calls")))
    stage.holds("stop", codes=(0, 2, 4))
    stage.holds("retry", codes=(0, 2, 4))


def _file(stage: Stage, *, spoil: Spoil, told: bool) -> None:
    spoil(store_in(stage))
    read(stage, told=told)


def _instead(make: Spoil) -> Spoil:
    def spoil(store: Path) -> None:
        store.unlink()
        make(store)

    return spoil


def _foreign(store: Path) -> None:
    with closing(sqlite3.connect(store)) as db:
        db.executescript("CREATE TABLE moz_places (id); INSERT INTO moz_places VALUES (1)")


def _beside(end: str, content: bytes) -> Spoil:
    """Put a file beside the store."""
    return lambda store: store.with_name(store.name + end).write_bytes(content)


def _cut(store: Path, *, share: float) -> None:
    os.truncate(store, int(store.stat().st_size * share))


def _flipped(stage: Stage, *, seed: int, places: int) -> None:
    """Change one byte at a time, anywhere, and export: no word is another, or it is told.

    Labels, scores and titles have no hash that could tell.
    """
    store = store_in(stage)
    right = words(stage.folder / CORPUS)
    whole, chance = store.read_bytes(), random.Random(seed)
    export = ("export", "--to", "canonical,trl-sft,trl-sft-turns,trl-dpo,trl-grpo", "--with-stale")
    for _ in range(places):
        place, value = chance.randrange(len(whole)), chance.randrange(1, 256)
        for beside in ("-wal", "-shm"):
            store.with_name(store.name + beside).unlink(missing_ok=True)
        store.write_bytes(whole[:place] + bytes([whole[place] ^ value]) + whole[place + 1 :])
        end = stage.holds(*export, "-o", "out", codes=(0, 2, 4))
        assert not end.code or end.err.count("\n") == 1, f"byte {place}: {end.err[-300:]!r}"
        if not end.code:
            changed = f"byte {place} ^ {value} changes words, and nobody says so"
            assert words(stage.folder / "out") == right, changed
        shutil.rmtree(stage.folder / "out", ignore_errors=True)


def _taken_away(stage: Stage, *, take: Spoil) -> None:
    """Take a store away while a run writes it."""
    with served(Teacher(latency_s=0.2)) as endpoint:
        recipe = write_recipe(stage.folder, endpoint.url, snippets=300)
        store = stage.folder / STORE
        child = stage.nursery.start("run", recipe, "--quiet", folder=stage.folder)
        _begun(store, child)
        take(store)
        watch = Stopwatch(child)
        if (end := watch.wait(NOTICED_S)) is None:
            raise stage.killed(child, f"goes on with a store that is gone for {NOTICED_S:.0f} s")
        stage.stops_s.append(watch.seconds)
    stage.ends.append(end)
    assert end.code == 4, f"exit code {end.code}: {end.err[-300:]!r}"
    assert [line for line in end.err.splitlines() if line.startswith("error: ")] == [
        end.err.splitlines()[-1]
    ], f"says {end.err[-500:]!r}"


def _begun(store: Path, child: Child) -> None:
    """Wait until a run has made calls."""
    while not rows(store, "SELECT 1 FROM calls LIMIT 1"):
        assert child.poll() is None, f"the run has ended: {child.ended().err[-300:]!r}"
        time.sleep(0.05)


def _replaced(store: Path) -> None:
    shutil.copy(store, store.with_name("copy.db"))
    store.with_name("copy.db").replace(store)


def _folder_moved(store: Path) -> None:
    """A folder can't be moved from under the command's own files; a link to the store can."""
    store.rename(store.with_name("moved.db"))
    store.with_name(f"{store.name}-wal").rename(store.with_name("moved.db-wal"))
    store.touch()


def _crowd(stage: Stage) -> None:
    """Let 200 commands read while a run writes."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(served(Teacher(latency_s=0.05)))
        nurseries = [stack.enter_context(Nursery()) for _ in range(AT_ONCE)]
        recipe = write_recipe(stage.folder, endpoint.url, snippets=150)
        child = stage.nursery.start("run", recipe, "--quiet", folder=stage.folder)
        _begun(stage.folder / STORE, child)
        wrong: list[str] = []
        crowd = [
            threading.Thread(target=_look, args=(nursery, stage.folder, n, wrong))
            for n, nursery in enumerate(nurseries)
        ]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        end = child.ended()
    assert not wrong, f"{len(wrong)} of {READERS} readers: {wrong[0]}"
    assert end.code == 0, f"the run: {end.err[-300:]!r}"


def _look(nursery: Nursery, parent: Path, number: int, wrong: list[str]) -> None:
    folder = parent / f"reader-{number}"
    folder.mkdir()
    for turn in range(READERS // AT_ONCE):
        command = ("status", "ls", "show")[turn % 3]
        end = nursery.run(command, "--store", parent / STORE, "--json", folder=folder)
        if end.code:
            wrong.append(f"{command}: {end.err[-300:]!r}")
        elif command == "status":
            told = json.loads(end.out)
            parts = sum(told["rejected"].values()) + sum(told["failed"].values())
            if told["planned"] != told["accepted"] + parts + told["pending"]:
                wrong.append(f"status doesn't add up: {end.out}")


def _later(stage: Stage) -> None:
    """A clock that was set back: owner and heartbeat stand in the future, elsewhere."""
    store = store_in(stage)
    change(
        store,
        "UPDATE dialogues SET outcome = 'pending', claimed_by = 'x' WHERE position = 1",
        "INSERT INTO owners (run_id, token, host, machine, pid, heartbeat) "
        "SELECT id, 'x', 'elsewhere', 'elsewhere', 1, 4e9 FROM runs",
        "INSERT INTO heartbeats SELECT id, 'x', 4e9, '{}' FROM runs",
    )
    end = stage.holds("status", codes=(0,))
    assert "elsewhere" not in end.out, "a process of the future works on it for ever"
    stage.holds("run", "recipe.yaml", "--quiet", codes=(0,))  # all its calls are there


_FILES: dict[str, Spoil] = {
    "a folder": _instead(Path.mkdir),
    "a pipe": _instead(os.mkfifo),
    "a device that never ends": _instead(lambda store: store.symlink_to("/dev/zero")),
    "a full device": _instead(lambda store: store.symlink_to("/dev/full")),
    "a dangling link": _instead(lambda store: store.symlink_to("nowhere.db")),
    "a link to itself": _instead(lambda store: store.symlink_to(store.name)),
    "an empty file": _instead(Path.touch),
    "a text": _instead(lambda store: store.write_text("Hello.\n" * 10_000)),
    "a header and zeros": _instead(
        lambda store: store.write_bytes(b"SQLite format 3\0" + bytes(100_000))
    ),
    "another program's file": _instead(_foreign),
    **{f"cut at {tenth}0 %": partial(_cut, share=tenth / 10) for tenth in range(1, 10)},
}
_BESIDE: dict[str, Spoil] = {
    "a log of garbage": _beside("-wal", os.urandom(100_000)),
    "an index of garbage": _beside("-shm", os.urandom(32_768)),
    "a log of zeros": _beside("-wal", bytes(100_000)),
    "a rollback journal of garbage": _beside("-journal", os.urandom(100_000)),
    "a log that is a folder": lambda store: store.with_name(f"{store.name}-wal").mkdir(),
    "a log that is a pipe": lambda store: os.mkfifo(store.with_name(f"{store.name}-wal")),
    "a rollback journal that is a pipe": lambda store: os.mkfifo(
        store.with_name(f"{store.name}-journal")
    ),
}
_TAKEN: dict[str, Spoil] = {
    "deleted": Path.unlink,
    "moved": lambda store: store.rename(store.with_name("moved.db")),
    "replaced by a copy": _replaced,
    "replaced by an empty file": _folder_moved,
    "left without its log": lambda store: store.with_name(f"{store.name}-wal").unlink(),
}
_SHORT = {
    "a turn that is its own parent",
    "a trigger on what is written",
    "a reworded turn",
    "during a run, deleted",
}


def _variant(name: str, attack: Callable[[Stage], None], **more: Any) -> Variant:
    return Variant(family="store", name=name, attack=attack, short=name in _SHORT, **more)


VARIANTS = [
    *(_variant(n, partial(_file, spoil=spoil, told=True)) for n, spoil in _FILES.items()),
    *(_variant(n, partial(_file, spoil=spoil, told=False)) for n, spoil in _BESIDE.items()),
    *(_variant(n, partial(_sql, statement=sql, told=True)) for n, sql in TOLD.items()),
    *(_variant(n, partial(_sql, statement=sql, told=False)) for n, sql in BORNE.items()),
    *(
        _variant(f"20 flipped bytes, {seed}", partial(_flipped, seed=seed, places=20))
        for seed in range(10)
    ),
    *(
        _variant(f"during a run, {n}", partial(_taken_away, take=take))
        for n, take in _TAKEN.items()
    ),
    _variant("a clock that was set back", _later, peak_mb=ENGLISH_MB),
    _variant("200 readers while a run writes", _crowd, limit_s=300),
]
