"""Ctrl-C for real: the first signal keeps all finished work, the second ends at once."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from command import Command

from benchmarks.faults.nursery import Nursery
from colloquia.authoring.starter import starter_files
from colloquia.cli.signals.ctrl_c import Signals

PATIENCE_S = 300.0  # who takes that long hangs


@pytest.mark.parametrize(
    ("number", "workers"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 2)]
)
def test_a_signal_keeps_what_is_finished_and_the_same_command_continues(
    colloquia: Command, nursery: Nursery, workplace: Path, number: signal.Signals, workers: int
) -> None:
    recipe = _many_snippets(workplace)
    sizes = ["--concurrency", "2", "--workers", str(workers)]
    running = nursery.start("run", recipe, *sizes, folder=workplace)
    _wait_for(lambda: _finished(workplace / "colloquia.db") > 0)
    running.signal(number)
    ended = running.ended()
    assert ended.code == 130, ended.err
    assert "interrupted: all finished work is kept; the same command continues\n" in ended.err
    assert " + pending " in ended.out
    kept = _finished(workplace / "colloquia.db")
    again = colloquia("run", recipe, "--json").document
    assert again["worked_on"] == again["planned"] - kept
    assert again["pending"] == 0


def test_a_second_signal_ends_at_once(workplace: Path) -> None:
    script = workplace / "endless.py"
    script.write_text(ENDLESS)
    running = _start([str(script)])
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGINT)
    assert running.stdout.readline() == "stopping\n"
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, err) == (-signal.SIGTERM, "")


@pytest.mark.skipif(sys.platform != "linux", reason="needs System V's signal()")
@pytest.mark.parametrize("inside", ["", "with Signals() as inner:"])
def test_a_second_signal_ends_at_once_whatever_c_is_busy(workplace: Path, inside: str) -> None:
    script = workplace / "busy.py"
    script.write_text(BUSY.format(inside=inside or "if True:"))
    running = _start([str(script)])
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.3)  # now it sorts, and holds Python's lock for an hour
    running.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert running.poll() is None, "the first signal is no reason to lose work"
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=PATIENCE_S)
    assert running.returncode == -signal.SIGINT
    assert time.monotonic() - began < 30  # at once; the machine may be busy too


def test_a_signal_that_is_lost_in_a_destructor_comes_again(workplace: Path) -> None:
    script = workplace / "lost.py"
    script.write_text(LOST)
    running = _start([str(script)])
    out, err = running.communicate(timeout=PATIENCE_S)
    assert (out, err, running.returncode) == ("lost\nheard\n", "", 0)


def test_a_signal_before_anything_began_is_exit_130(
    colloquia: Command, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("colloquia.core.recipe.load_recipe", interrupted)
    result = colloquia("run", "recipe.yaml")
    assert (result.code, result.err) == (130, "error: interrupted\n")


def test_a_signal_after_a_run_has_ended_changes_nothing() -> None:
    said: list[str] = []
    loop = asyncio.new_event_loop()
    with Signals() as signals:
        signals.on_first(lambda: said.append("stop"), loop, then=lambda: said.append("stopping"))
        loop.close()
        signal.raise_signal(signal.SIGINT)
    assert said == []


def test_what_a_library_logs_of_a_signal_is_not_told(workplace: Path) -> None:
    script = """
import logging
from colloquia.cli.application import main

main(["ls", "--json"])
for raised in (KeyboardInterrupt(), OSError("gone")):
    logging.getLogger("sqlalchemy.pool").error("closing", exc_info=raised)
"""
    running = _start(["-c", script])
    _, err = running.communicate(timeout=PATIENCE_S)
    assert err.count("error: closing") == 1
    assert "OSError" in err
    assert "KeyboardInterrupt" not in err


@pytest.mark.parametrize(
    ("hangs", "imports"),
    [
        ("typer", "from colloquia.__main__ import main; main()"),
        ("slow", "from colloquia.cli.signals.ctrl_c import Signals\nwith Signals(): import slow"),
    ],
    ids=["before the command listens", "inside it"],
)
def test_a_signal_during_imports_ends_without_a_word(
    workplace: Path, hangs: str, imports: str
) -> None:
    """Raised inside a callback, an exception would be printed as ignored, and be so."""
    (workplace / f"{hangs}.py").write_text(SLOW)
    # A shell's background jobs, this test's too, ignore Ctrl-C and so would what they start.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    found = f"{heard}\nimport sys; sys.path.insert(0, {str(workplace)!r})"
    running = _start(["-c", f"{found}\n{imports}"])
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, err) == (-signal.SIGINT, "")


#: A module whose import hangs in a callback.
SLOW = """
import time, weakref

class Gone:
    pass

def called(_):
    print("ready", flush=True)
    time.sleep(300)

one = Gone()
watched = weakref.ref(one, called)
del one
"""

#: A run whose call never returns.
ENDLESS = """
import asyncio
from colloquia.cli.signals.ctrl_c import Signals

async def work():
    told = lambda: print("stopping", flush=True)
    signals.on_first(lambda: None, asyncio.get_running_loop(), then=told)
    print("ready", flush=True)
    await asyncio.Event().wait()

with Signals() as signals:
    asyncio.run(work())
"""

#: Ctrl-C while a destructor runs, out of which Python lets nothing be raised.
LOST = """
import signal, time
from colloquia.cli.signals.ctrl_c import Signals

class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

with Signals():
    try:
        Dying()
        print("lost", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("heard", flush=True)
"""

#: Ctrl-C while the first import of the command line is under way.
#: A sort of marks that takes an hour, in C.
BUSY = """
import unicodedata
from colloquia.cli.signals.ctrl_c import Signals

with Signals():
    {inside}
        pass
    print("ready", flush=True)
    unicodedata.normalize("NFC", "a" + "\\u0301\\u0316" * 2_000_000)
"""


def _many_snippets(folder: Path) -> Path:
    lines = starter_files()["snippets.jsonl"].splitlines()
    copies = [line.replace('"text": "', f'"text": "Note {n}. ') for n in range(2) for line in lines]
    (folder / "many.jsonl").write_text("\n".join(copies), encoding="utf-8")
    recipe = folder / "recipe.yaml"
    recipe.write_text("snippets: {path: many.jsonl}\n")
    return recipe


def _start(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _finished(store: Path) -> int:
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store)) as connection, suppress(sqlite3.Error):
        query = "SELECT count(*) FROM dialogues WHERE outcome <> 'pending'"
        return int(connection.execute(query).fetchone()[0])
    return 0


def _wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.05)
