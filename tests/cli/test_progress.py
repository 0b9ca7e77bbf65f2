"""How a run is doing: the panel on a terminal, a plain line elsewhere, and sums that add up."""

import time
from pathlib import Path

import pytest
from rich.console import Console

from colloquia.cli.view import progress as module
from colloquia.cli.view.pace import Pace
from colloquia.cli.view.panel import draw
from colloquia.cli.view.progress import RunProgress
from colloquia.cli.view.run_figures import RunFigures
from colloquia.cli.view.terminal import Terminal
from colloquia.core.heartbeat import Heartbeat
from colloquia.core.recipe import Limits, Recipe, Snippets
from colloquia.core.types import Dialogue
from colloquia.store.reading import RunCounts
from colloquia.store.repository import Store
from tests.store.samples import manifest

COUNTS = RunCounts(
    planned=1000,
    accepted=180,
    rejected={"critic": 15, "evidence": 2},
    failed={"content": 3},
    pending=800,
    exchanges=800,
    calls=4310,
    tokens_in=0,
    tokens_out=0,
    cost_usd=None,
)


BUSY = Heartbeat(dialogues=12, in_flight=9, limit=20, requests=4400, rate_limits=31, retries=90)


def _priced(run: RunFigures, *, cap: float | None) -> RunFigures:
    """Fill in a run that spends, seen after twenty seconds of work."""
    recipe = Recipe(snippets=Snippets(path="s.jsonl"), limits=Limits(budget_usd=cap))
    run.manifest = manifest().model_copy(update={"recipe": recipe, "name": "glens"})
    run.counts = COUNTS.model_copy(update={"cost_usd": 1.25, "retries": 90})
    run.heartbeat = BUSY
    for second, done in ((0.0, 100), (10.0, 150), (20.0, 200)):
        run.pace.note(done, at=second)
    return run


def _progress(store: str = "none.db", *, quiet: bool = False) -> RunProgress:
    return RunProgress(Terminal(store=store, as_json=False, quiet=quiet, verbose=0))


def _drawn(run: RunFigures, columns: int = 100) -> str:
    console = Console(width=columns, color_system=None)
    with console.capture() as capture:
        console.print(draw(run, columns=columns))
    return capture.get()


def test_the_panel_has_every_number() -> None:
    run = RunFigures()
    run.counts = COUNTS
    run.question = "What is a lighthouse [bold]for[/bold]?"
    drawn = _drawn(run)
    for words in ("200 of 1,000", "20%", "180 accepted", "17 rejected", "3 failed", "800 pending"):
        assert words in drawn
    assert "4,310 calls" in drawn and "cost unknown" in drawn
    assert "“What is a lighthouse [bold]for[/bold]?”" in drawn


def test_the_panel_tells_calls_money_and_pace_on_a_row_each() -> None:
    drawn = _drawn(_priced(RunFigures(), cap=5.0))
    rows = [line.strip("│ \n") for line in drawn.splitlines()]
    assert "calls  4,310 calls  ·  9 of 20 in flight  ·  31 × 429  ·  90 sent again" in rows
    assert "spent  $1.25 of $5.00  ·  about $6.25 in the end" in rows
    assert "pace   5.0 dialogues/s  ·  about 2 min 40 s left" in rows
    ahead = RunFigures()
    ahead.counts = COUNTS.model_copy(update={"wasted_calls": 12})
    assert "4,310 calls  ·  12 in vain" in _drawn(ahead)
    outage = _priced(RunFigures(), cap=None)
    outage.heartbeat = BUSY.model_copy(update={"outage": True})
    assert "an endpoint is down; calls wait for it" in _drawn(outage)
    assert "spent  $1.25  ·" in _drawn(outage)


@pytest.mark.parametrize("columns", [120, 80, 50, 36])
def test_nothing_is_lost_on_a_narrow_terminal(columns: int) -> None:
    run = _priced(RunFigures(), cap=5.0)
    run.question = "What is a lighthouse for, and who " + "or what " * 20
    drawn = _drawn(run, columns)
    lines = drawn.splitlines()
    assert {len(line) for line in lines} == {min(columns, 88)}
    words = " ".join(" ".join(line.strip("│╭╮╰╯─ ") for line in lines).split())
    for said in ("180 accepted", "31 × 429", "90 sent again", "$5.00", "in the end", "40 s left"):
        assert said in words, words
    assert sum("What is a lighthouse" in line for line in lines) == 1


def test_the_panel_says_how_many_a_server_works_on() -> None:
    run = _priced(RunFigures(), cap=5.0)
    run.heartbeat = Heartbeat(dialogues=32, in_flight=1, limit=1, worked_on=1)
    assert "the server works on about 1 at a time" in _drawn(run)
    assert len(_drawn(run).splitlines()) == len(_drawn(RunFigures()).splitlines())
    run.is_over = True
    assert "at a time" not in _drawn(run)


def test_the_panel_keeps_its_height_while_numbers_come_in() -> None:
    busy = _priced(RunFigures(), cap=5.0)
    assert len(_drawn(RunFigures()).splitlines()) == len(_drawn(busy).splitlines())


def test_the_pace_is_that_of_the_last_half_minute_or_of_ten_dialogues() -> None:
    pace = Pace()
    assert pace.per_second == 0
    for second in range(121):
        pace.note(second if second < 60 else 59 + 10 * (second - 59), at=float(second))
    assert pace.per_second == pytest.approx(10)
    slow = Pace()
    for second in range(2001):
        slow.note(second // 100, at=float(second))
    assert slow.per_second == pytest.approx(1 / 100, rel=0.15)


def test_the_panel_says_when_it_waits_stops_and_is_done() -> None:
    progress = _progress()
    assert "waiting for the first question" in _drawn(progress.run)
    progress.run.is_stopping = True
    assert "Ctrl-C again ends at once" in _drawn(progress.run)
    with progress:
        pass
    assert "stopped" in _drawn(progress.run)
    with _progress() as finished:
        pass
    assert "done" in _drawn(finished.run)


def test_the_plain_line_has_the_same_numbers() -> None:
    run = RunFigures()
    assert run.line() == "starting"
    run.counts = COUNTS
    assert run.line() == (
        "200 of 1,000 done: accepted 180, rejected 17, failed 3; "
        "4,310 calls; cost unknown; 0.0 dialogues/min"
    )


def test_elsewhere_than_on_a_terminal_a_line_is_printed_now_and_then(
    finished_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "LINE_EVERY_S", 0.0)
    with Store.open(finished_store) as store:
        manifest = store.latest_run()
    assert manifest is not None
    with _progress(str(finished_store)) as progress:
        progress.begin(manifest)
        _wait_for_line(progress)
    assert "6 of 6 done: accepted 6, rejected 0, failed 0" in capsys.readouterr().err


def test_a_store_out_of_reach_never_stops_the_run(
    finished_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(finished_store) as store:
        manifest = store.latest_run()
    assert manifest is not None
    with _progress("none.db") as progress:
        progress.begin(manifest)
        progress.finished(_dialogue(manifest.id))
    assert (progress.done_here, capsys.readouterr().err) == (1, "")


def _wait_for_line(progress: RunProgress) -> None:
    until = time.monotonic() + 300
    while progress.run.counts is None:
        assert time.monotonic() < until
        time.sleep(0.01)


def _dialogue(run_id: str) -> Dialogue:
    return Dialogue(id="dlg1_0", run_id=run_id, snippet_id="s", persona_id="p", seed=0)
