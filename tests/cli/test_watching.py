"""`status`, `watch` and `stop` beside a run that another process works on, and `retry` after it."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import Command
from critics import approve, critic_recipe

from benchmarks.faults.nursery import Child, Nursery
from benchmarks.faults.stage import rows
from benchmarks.servers.endpoint import Answer, Endpoint
from colloquia.cli.commands.runs import watch
from colloquia.cli.view import progress
from colloquia.store.repository import Store

PATIENCE_S = 300.0  # who takes that long hangs


@contextmanager
def running(nursery: Nursery, recipe: Path) -> Iterator[Child]:
    """Run a recipe in a process of its own."""
    process = nursery.start("run", recipe, folder=recipe.parent)
    try:
        yield process
    finally:
        process.signal(signal.SIGKILL)
        process.ended()


def wait_for(happened: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.05)


def is_under_way(recipe: Path) -> bool:
    """Whether calls are in flight, as `status` would tell."""
    store = recipe.with_name("colloquia.db")
    if not rows(store, "SELECT * FROM heartbeats"):
        return False
    with Store.open(store) as opened:
        (run,) = opened.runs()
        return bool((heartbeat := opened.heartbeat(run.id)) and heartbeat.in_flight)


def seen(look: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """Look until what is seen fits, and return it."""
    looks: list[Any] = []

    def look_again() -> bool:
        looks.append(look())
        return fits(looks[-1])

    wait_for(look_again)
    return looks[-1]


def _tells_of_both(document: dict[str, Any]) -> bool:
    return bool(document["pulse"]) and document["pulse"]["dialogues"] == 2


@pytest.fixture
def slow(project: Path, endpoint: Endpoint) -> Path:
    """A recipe of 24 dialogues, two at once, whose critic takes its time."""
    endpoint.decide = approve(latency_s=0.3)
    return critic_recipe(project, endpoint.url, more="limits: {concurrency: 2}\n")


def test_status_tells_who_works_and_how_it_goes(
    colloquia: Command, nursery: Nursery, slow: Path
) -> None:
    store = slow.with_name("colloquia.db")
    with running(nursery, slow) as process:
        wait_for(lambda: is_under_way(slow))
        wait_for(lambda: rows(store, "SELECT id FROM dialogues WHERE outcome = 'accepted'"))
        # Where one dialogue ends and the next begins, there is one for a moment.
        document = seen(lambda: colloquia("status", "--json").document, _tells_of_both)
        told = seen(lambda: colloquia("status").out, lambda out: "2 dialogues at once" in out)
    assert document["worker"]["pid"] == process.pid
    assert (document["pulse"]["dialogues"], document["worker"]["stopping"]) == (2, False)
    assert document["rest"]["basis"] == "measured"
    assert document["rest"]["seconds"][0] > 0
    assert f"process {process.pid} on " in told and "2 dialogues at once" in told
    assert re.search(r"of \d+ calls in flight", told) and "the rest takes " in told


def test_a_run_is_watched_to_its_end(
    colloquia: Command, nursery: Nursery, slow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)  # with the first look
    slow.write_text(slow.read_text().replace("snippets.jsonl", "snippets.jsonl, limit: 4"))
    with running(nursery, slow) as process:
        wait_for(lambda: is_under_way(slow))
        result = colloquia("watch")
        assert process.ended().code == 0
    assert result.code == 0
    assert result.out == "planned 4 = accepted 4\n"
    assert "works on run1_" in result.err and "Ctrl-C ends the watching" in result.err
    assert " of 4 done: accepted " in result.err and "in flight" in result.err


def test_a_stopped_run_keeps_all_and_goes_on(
    colloquia: Command, nursery: Nursery, slow: Path, endpoint: Endpoint
) -> None:
    with running(nursery, slow) as process:
        wait_for(lambda: is_under_way(slow))
        result = colloquia("stop")
        ended = process.ended()
        assert ended.code == 130
    assert result.code == 0
    assert " + pending " in result.out and "goes on with what is pending" in result.err
    assert "stopped from another terminal" in ended.err
    endpoint.decide = approve()
    again = colloquia("run", slow, "--json").document
    done = again["accepted"] + sum(again["rejected"].values())
    assert (again["pending"], done) == (0, 24)
    bodies = [request.body for request in endpoint.requests]
    assert len(set(bodies)) == len(bodies), "no call was made twice"


def test_where_nobody_works_there_is_nothing_to_watch_or_stop(
    colloquia: Command, finished_store: Path
) -> None:
    for command in ("watch", "stop"):
        result = colloquia(command, "--store", finished_store)
        assert result.code == 0
        assert result.out.startswith("nobody works on run1_")
        document = colloquia(command, "--store", finished_store, "--json").document
        assert (document["was_worked_on"], document["accepted"]) == (False, 6)
    assert watch.LOOK_EVERY_S < 1


def test_failed_dialogues_get_another_try(
    colloquia: Command, project: Path, endpoint: Endpoint
) -> None:
    recipe = critic_recipe(project, endpoint.url, more="")
    endpoint.decide = lambda request: Answer(status=400, body=b'{"error": {"message": "bad"}}')
    assert colloquia("run", recipe, "--limit", 3).code == 1
    assert (
        "fatal would fail again: mend what they failed of, then colloquia retry"
        in colloquia("status").err
    )
    result = colloquia("retry", "--cause", "fatal")
    assert result.out == "3 dialogues pending again: fatal 3\n"
    assert "next: colloquia run RECIPE" in result.err
    endpoint.decide = approve()
    done = colloquia("run", recipe, "--limit", 3, "--json").document
    assert (done["accepted"], done["failed"], done["worked_on"]) == (3, {}, 3)
    places = [
        call["place"]
        for row in colloquia("ls", "--json").document["dialogues"]
        for call in colloquia("show", row["id"], "--calls", "--json").document["calls"]
    ]
    assert any(place.startswith("retry1.") for place in places)
    assert "nothing to retry" in colloquia("retry").out


def test_only_the_causes_asked_for_are_retried(colloquia: Command, project: Path) -> None:
    recipe = project / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "limits: {calls_per_dialogue: 2}\n")
    colloquia("run", recipe, "--limit", 2)
    wrong = colloquia("retry", "--cause", "lop")
    assert (wrong.code, "did you mean 'loop'?" in wrong.err) == (2, True)
    assert "failed: loop 2" in wrong.err
    assert colloquia("status", "--json").document["failed"] == {"loop": 2}
    document = colloquia("retry", "--json").document
    assert (document["pending_again"], document["causes"]) == (2, {"loop": 2})


def test_ctrl_c_ends_the_watching_quietly_and_not_the_run(
    colloquia: Command, nursery: Nursery, slow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with running(nursery, slow) as process:
        wait_for(lambda: is_under_way(slow))
        with monkeypatch.context() as patch:
            patch.setattr(watch, "time", type("Clock", (), {"sleep": staticmethod(interrupt)}))
            result = colloquia("watch")
        assert (result.code, result.out) == (0, "")
        assert result.err.endswith("no longer watching; the run goes on\n")
        assert process.poll() is None
