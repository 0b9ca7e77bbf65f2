"""Endpoints that send too much, for ever, drop by drop, or what isn't what it says it is.

A run of 32 dialogues asks each of them twice: once to its end, once until a Ctrl-C at some moment
(and a second one after a second). Both must keep within memory and time, say what was wrong, and
leave a store that every command reads, without a trace of the key that the endpoint was sent.
"""

import signal
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from benchmarks.faults.nursery import Child, Ended
from benchmarks.faults.stage import rows, write_recipe
from benchmarks.hostile.endpoint_bodies import BODIES
from benchmarks.hostile.endpoint_echoes import ECHOES, KEY, left_of
from benchmarks.hostile.endpoint_lines import LATE, LINES
from benchmarks.hostile.raw_server import RawServer, Script
from benchmarks.hostile.variant import Stage, Variant

TIMEOUT_S = 2.0  # that no reply is late by which comes at once, on a busy machine either
SILENCE_S = 0.5  # for those that are late
STOP_S = 2.0
SECOND_S = 1.0  # after the first Ctrl-C
ENDS_S = 300.0  # on a machine with much else to do
STOPPED = (130, -signal.SIGINT)  # the second Ctrl-C is the kernel's
ENV = {"HOSTILE_KEY": KEY, "COLUMNS": "200"}
CONSTANTS: dict[str, float] = {
    "colloquia.models.retry.retry:ATTEMPTS": 2,
    "colloquia.models.retry.retry:FIRST_CEILING_S": 0.01,
    "colloquia.models.retry.retry:LAST_CEILING_S": 0.02,
    "colloquia.models.retry.retry:LONGEST_REFUSAL_S": 0.5,
    "colloquia.models.faults.causes:LONGEST_WAIT_S": 0.6,
    "colloquia.models.wire.silence:SILENCES": 3,
}
SHORT = {
    "an endless chunked body",
    "a gzip bomb of 1 GB",
    "2,000,000 brackets",
    "the key's pieces in a 400",
}


def _asked(stage: Stage, *, script: Script, code: int, says: str, moment_s: float) -> None:
    timeout_s = SILENCE_S if says in LATE else TIMEOUT_S
    with RawServer(script) as server:
        recipe = write_recipe(
            stage.folder,
            server.url,
            snippets=40,
            teacher={"timeout_s": timeout_s, "api_key_env": "HOSTILE_KEY"},
            limits={"concurrency": 32},
        )
        ended = _run(stage, recipe, "ended.db")
        if (end := ended.wait(ENDS_S)) is None:
            raise stage.killed(ended, f"still running after {ENDS_S:.0f} s")
        stage.judge(end, codes=[code], says=says)
        _holds_afterwards(stage, end, "ended.db", ["status"])
        assert server.asked, "was never asked"
        server.asked = 0
        stopped = _run(stage, recipe, "stopped.db")
        until = time.monotonic() + ENDS_S
        while not server.asked and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(moment_s)
        end = stage.stopped(stopped, second_s=SECOND_S, limit_s=STOP_S)
        stage.judge(end, codes=[code, *STOPPED])
        _holds_afterwards(stage, end, "stopped.db", ["ls"], ["export", "--only", "all"])


def _run(stage: Stage, recipe: Path, store: str) -> Child:
    return stage.nursery.start(
        "run",
        recipe,
        "--quiet",
        "--store",
        store,
        folder=stage.folder,
        env=ENV,
        constants=CONSTANTS,
    )


def _holds_afterwards(stage: Stage, run: Ended, store: str, *commands: list[str]) -> None:
    """Read the store by these commands and `show`, and look for the key."""
    path = stage.folder / store
    told = [f"{run.out}\n{run.err}"]
    if path.exists() and rows(path, "SELECT id FROM runs"):
        for command in commands:
            end = stage.holds(*command, "--store", store, codes=(0, 1, 2))
            told.append(f"{end.out}\n{end.err}")
        for (dialogue,) in rows(path, "SELECT id FROM dialogues LIMIT 1"):
            end = stage.holds("show", dialogue, "--calls", "-v", "--store", store, codes=[0])
            told.append(f"{end.out}\n{end.err}")
    kept = b"".join(file.read_bytes() for file in stage.folder.glob(f"{store}*") if file.is_file())
    told.append(kept.decode("utf-8", "replace"))
    assert not (left := left_of("\n".join(told))), f"the key is told: {left!r}"


def _variants(table: dict[str, tuple[Script, int, str]]) -> list[Variant]:
    attack: Callable[..., None] = _asked
    return [
        Variant(
            family="endpoint",
            name=name,
            attack=partial(
                attack, script=script, code=code, says=says, moment_s=0.15 * (number % 6)
            ),
            short=name in SHORT,
        )
        for number, (name, (script, code, says)) in enumerate(table.items())
    ]


def names(variants: Collection[Variant]) -> set[str]:
    """Return what they are called."""
    return {variant.name for variant in variants}


VARIANTS = _variants({**LINES, **BODIES, **ECHOES})
assert names(VARIANTS) >= SHORT
