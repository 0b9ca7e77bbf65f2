"""How a run is doing: the panel on a terminal, a plain line elsewhere, and sums that add up."""

import time
from pathlib import Path

import pytest
from rich.console import Console

from colloquia.cli import progress as module
from colloquia.cli.common import Common
from colloquia.cli.panel import draw
from colloquia.cli.progress import Progress
from colloquia.core.types import Dialogue
from colloquia.store.reading import RunCounts
from colloquia.store.repository import Store

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


def _progress(store: str = "none.db", *, quiet: bool = False) -> Progress:
    return Progress(Common(store=store, as_json=False, quiet=quiet, verbose=0))


def _drawn(progress: Progress) -> str:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(draw(progress))
    return capture.get()


def test_the_panel_has_every_number() -> None:
    progress = _progress()
    progress.counts = COUNTS
    progress.opening = "What is a lighthouse [bold]for[/bold]?"
    drawn = _drawn(progress)
    for words in ("200 of 1,000", "20%", "180 accepted", "17 rejected", "3 failed", "800 pending"):
        assert words in drawn
    assert "4,310 calls" in drawn and "cost unknown" in drawn
    assert "“What is a lighthouse [bold]for[/bold]?”" in drawn


def test_the_panel_says_when_it_waits_stops_and_is_done() -> None:
    progress = _progress()
    assert "waiting for the first dialogue" in _drawn(progress)
    progress.is_stopping = True
    assert "Ctrl-C again ends at once" in _drawn(progress)
    with progress:
        pass
    assert "stopped" in _drawn(progress)
    with _progress() as finished:
        pass
    assert "done" in _drawn(finished)


def test_the_plain_line_has_the_same_numbers() -> None:
    progress = _progress()
    assert progress.line() == "starting"
    progress.counts = COUNTS
    assert progress.line() == ("200 of 1,000 done: accepted 180, rejected 17, failed 3; 0.0/s")


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


def _wait_for_line(progress: Progress) -> None:
    until = time.monotonic() + 30
    while progress.counts is None:
        assert time.monotonic() < until
        time.sleep(0.01)


def _dialogue(run_id: str) -> Dialogue:
    return Dialogue(id="dlg1_0", run_id=run_id, snippet_id="s", persona_id="p", seed=0)
