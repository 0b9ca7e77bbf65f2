"""Several processes on one run: the same corpus, whoever dies, is stopped or can't go on."""

import asyncio
import os
import signal
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from stage import Actor

import colloquia
from benchmarks.faults import stage
from benchmarks.faults.workers import workers_of
from benchmarks.servers.endpoint import Endpoint
from colloquia.core.errors import BudgetReached, UserError, WorldError
from colloquia.core.run_manifest import RunManifest
from colloquia.models.faults.errors import EndpointDown
from colloquia.runs.pool import WorkerPool
from colloquia.runs.start import arun
from colloquia.simulator.graph import Graph
from colloquia.store.repository import Store
from tests.simulator.test_runner import TEXTS, corpus_of, recipe_file

__all__ = ["recipe_file"]

CARD = (resources.files("colloquia.personas") / "curious_teen.yaml").read_text("utf-8")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="workers are found in /proc")


async def test_workers_make_the_same_corpus_with_the_same_calls(
    recipe_file: Path, tmp_path: Path
) -> None:
    alone = await arun(recipe_file, store=str(tmp_path / "a.db"))
    heard: list[str] = []
    shared = await arun(
        recipe_file,
        store=str(tmp_path / "b.db"),
        workers=3,
        on_finish=lambda dialogue: heard.append(dialogue.id),
    )
    assert shared.id == alone.id
    assert len(heard) == len(set(heard)) == len(TEXTS)
    assert shared.counts() == alone.counts()
    assert corpus_of(shared, tmp_path / "b") == corpus_of(alone, tmp_path / "a")
    again = await arun(recipe_file, store=str(tmp_path / "b.db"), workers=2)
    assert again.counts() == alone.counts(), "nothing was left to do"


def test_workers_read_names_in_any_script_wherever_they_run(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")  # as on a machine whose locale isn't UTF-8
    (tmp_path / "mills.jsonl").rename(tmp_path / "мельницы.jsonl")
    recipe_file.write_text(recipe_file.read_text().replace("mills", "мельницы"), "utf-8")
    run = colloquia.run(recipe_file, store=str(tmp_path / "хранилище.db"), workers=2)
    assert run.counts().pending == 0


@LINUX
async def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    killed: list[int] = []

    def kill_one(_: object) -> None:
        if not killed:
            killed.append(workers_of(os.getpid())[0])
            os.kill(killed[0], signal.SIGKILL)

    # Each of them has seconds of waiting before it, so the first to finish finds both at work.
    async with Endpoint(stage.Teacher(latency_s=0.03)) as endpoint:
        few = {"limits": {"concurrency": 2}}
        recipe = stage.write_recipe(tmp_path, endpoint.url, snippets=8, **few)
        run = await arun(recipe, store=str(tmp_path / "a.db"), workers=2, on_finish=kill_one)
        plain = await arun(recipe, store=str(tmp_path / "b.db"))
    assert "was ended by SIGKILL" in caplog.text
    assert run.counts().pending == 0
    assert run.counts() == plain.counts()
    assert corpus_of(run, tmp_path / "a") == corpus_of(plain, tmp_path / "b")


async def test_a_stop_and_a_pulse_reach_all_workers(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "s.db")
    begun: list[RunManifest] = []
    workers: list[int] = []

    def finished(_: object) -> None:
        with Store.open(store) as elsewhere:
            heartbeat = elsewhere.heartbeat(begun[0].id)
            workers.append(heartbeat.workers if heartbeat else 0)
            elsewhere.ask_to_stop(begun[0].id)

    run = await arun(
        colloquia.load(recipe_file).override(concurrency=2),
        store=store,
        workers=2,
        on_start=lambda _, manifest: begun.append(manifest),
        on_finish=finished,
    )
    assert set(workers) <= {1, 2} and workers
    assert run.counts().pending + len(workers) == len(TEXTS)
    assert run.interrupted == run.asked_to_stop == (run.counts().pending > 0)
    with Store.open(store) as elsewhere:
        assert elsewhere.heartbeat(run.id) is None
    rest = await arun(recipe_file, store=store, workers=2)
    assert rest.counts().pending == 0


async def test_a_stop_that_only_the_workers_heard_is_told_all_the_same(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quick(WorkerPool):
        async def work(self) -> None:
            self._store.ask_to_stop(self._job.run_id)

    monkeypatch.setattr(colloquia.runs.start, "WorkerPool", Quick)
    run = await arun(recipe_file, store=str(tmp_path / "q.db"), workers=2)
    assert run.interrupted and run.asked_to_stop


def test_an_error_of_a_worker_ends_the_run_as_its_own_would(
    recipe_file: Path, tmp_path: Path
) -> None:
    gone = 'models: {gone: {model: ollama_chat/any, api_base: "http://127.0.0.1:9"}}\n'
    recipe_file.write_text(recipe_file.read_text() + gone)
    recipe = colloquia.load(recipe_file).override(model="gone")
    with pytest.raises(EndpointDown, match=r"127\.0\.0\.1:9: connection refused"):
        colloquia.run(recipe, store=str(tmp_path / "e.db"), workers=2)


def test_workers_that_can_not_live_end_the_run_with_a_word(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly").mkdir()
    deadly = "import os, sys\nif 'colloquia.runs.worker' in sys.orig_argv: os._exit(9)\n"
    (tmp_path / "deadly" / "sitecustomize.py").write_text(deadly)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "deadly"))
    with pytest.raises(WorldError, match="died and finished nothing, the last ended with code 9"):
        colloquia.run(recipe_file, store=str(tmp_path / "d.db"), workers=2)
    assert colloquia.find_run(str(tmp_path / "d.db")).counts().pending == len(TEXTS)


def test_prompts_that_change_while_workers_start_are_no_part_of_the_run(
    recipe_file: Path, tmp_path: Path
) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(CARD)
    recipe_file.write_text(recipe_file.read_text() + "personas: [card.yaml]\n")

    def change(*_: object) -> None:
        card.write_text(CARD.replace("teen", "adult"))

    with pytest.raises(UserError, match="changed while the workers started"):
        asyncio.run(arun(recipe_file, store=str(tmp_path / "c.db"), workers=2, on_start=change))


@pytest.mark.parametrize("own", [{"graph": Graph.default()}, {"models": {"m": Actor()}}])
async def test_what_was_made_in_python_stays_in_one_process(
    own: dict[str, Any], recipe_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="can't be handed to other processes; leave workers at 1"):
        await arun(recipe_file, store=str(tmp_path / "o.db"), workers=2, **own)
    assert not (tmp_path / "o.db").exists()


async def test_one_budget_holds_for_all_workers(tmp_path: Path) -> None:
    async with Endpoint(stage.Teacher()) as endpoint:
        limits = {"limits": {"calls": 20}}
        recipe = stage.write_recipe(tmp_path, endpoint.url, snippets=12, **limits)
        store = str(tmp_path / "b.db")
        with pytest.raises(BudgetReached, match="limit of 20 calls reached"):
            await arun(recipe, store=store, workers=2)
    counts = colloquia.find_run(store).counts()
    assert counts.calls == endpoint.seen == 20
    assert counts.pending == 12


@LINUX
async def test_a_cancelled_run_leaves_no_worker_behind(recipe_file: Path, tmp_path: Path) -> None:
    running = asyncio.ensure_future(arun(recipe_file, store=str(tmp_path / "t.db"), workers=2))
    async with asyncio.timeout(300):
        while not workers_of(os.getpid()):  # noqa: ASYNC110, processes ring no bell
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not workers_of(os.getpid())
