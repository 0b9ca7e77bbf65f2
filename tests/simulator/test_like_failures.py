"""A bug ends the run after a few dialogues and costs none; an odd snippet costs its own alone."""

import asyncio
import json
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest
from stage import Actor, plan

import colloquia
from colloquia import Check, Graph, ReviewInput, Verdict
from colloquia.core.errors import AgentError, PromptError
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults.redactor import redact
from colloquia.runs.pool import Job, WorkerPool
from colloquia.runs.start import arun
from colloquia.store.repository import Store
from tests.simulator.test_runner import TEXTS, TITLE_LOVER, recipe_file

__all__ = ["recipe_file"]


class Picky(Check):
    """A check that a test can break."""

    def __init__(self) -> None:
        super().__init__()
        self._is_broken = True

    def judge(self, case: ReviewInput) -> Verdict:
        if self._is_broken:
            return case.verdict  # type: ignore[attr-defined, no-any-return]  # the bug
        return Verdict(decision="accept")


async def test_a_bug_ends_the_run_after_three_dialogues_and_what_was_paid_is_not_paid_again(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=1)
    picky, actor, store = Picky(), Actor(), str(tmp_path / "bug.db")
    graph = Graph.default().insert(picky, after="answerer")
    with pytest.raises(AgentError, match=r"3 dialogues failed alike.*has no attribute") as caught:
        await arun(recipe, store=store, graph=graph, models={"actor": actor})
    cause = caught.value.__cause__
    assert isinstance(cause, AttributeError)
    assert "return case.verdict" in "".join(format_exception(cause)), "where it was raised"
    run = colloquia.find_run(store)
    assert (run.counts().pending, run.counts().failed) == (len(TEXTS), {})
    assert len(actor.heard("planner")) == 3

    picky._is_broken = False
    again = await arun(recipe, store=store, graph=graph, models={"actor": actor})
    assert again.id == run.id
    assert again.counts().pending == 0
    assert len(actor.heard("planner")) == len(TEXTS), "none was planned twice"


@pytest.mark.parametrize("odd", [1, 2])
async def test_fewer_than_three_are_failed_dialogues_even_where_no_other_is_left(
    recipe_file: Path, tmp_path: Path, odd: int
) -> None:
    recipe = colloquia.load(recipe_file).override(limit=odd)
    graph = Graph.default().insert(Picky(), after="answerer")
    run = await arun(recipe, store=str(tmp_path / "few.db"), graph=graph)
    assert run.counts().failed == {"agent_error": odd}


async def test_failures_that_end_first_wait_for_those_under_way(
    recipe_file: Path, tmp_path: Path
) -> None:
    class Half(Actor):
        """Five dialogues are planned at once; four of them fail there."""

        all_are_asked = asyncio.Event()

        async def complete(self, request: ChatRequest) -> ChatReply:
            reply = await super().complete(request)
            number = len(self.heard("planner"))
            if number == 5:
                self.all_are_asked.set()
            if request.role == "planner":
                await self.all_are_asked.wait()
                if number < 5:
                    raise RuntimeError("out of ideas")
            return reply

    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=5)
    run = await arun(recipe, store=str(tmp_path / "half.db"), models={"actor": Half()})
    counts = run.counts()
    assert (counts.failed, counts.pending) == ({"agent_error": 4}, 0)
    assert counts.planned == len(TEXTS)


def planner_that_fails(*numbers: int) -> Any:
    """A planner whose calls of these numbers, from 0, raise."""
    calls = iter(range(1000))

    def planner(told: dict[str, Any]) -> dict[str, Any]:
        if next(calls) in numbers:
            raise RuntimeError("out of ideas")
        return plan(told)

    return planner


async def many(recipe_file: Path, tmp_path: Path, planner: Any) -> colloquia.Run:
    lines = [json.dumps({"text": f"{text} It is number {n}."}) for n in range(4) for text in TEXTS]
    (tmp_path / "mills.jsonl").write_text("\n".join(lines), "utf-8")
    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=1)
    models = {"actor": Actor(planner=planner)}
    return await arun(recipe, store=str(tmp_path / "many.db"), models=models)


async def test_once_dialogues_have_come_through_it_takes_ten_alike(
    recipe_file: Path, tmp_path: Path
) -> None:
    run = await many(recipe_file, tmp_path, planner_that_fails(*range(1, 10)))
    assert (run.counts().failed, run.counts().pending) == ({"agent_error": 9}, 0)


async def test_ten_alike_end_a_run_however_much_is_done(recipe_file: Path, tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="10 dialogues failed alike"):
        await many(recipe_file, tmp_path, planner_that_fails(*range(1, 1000)))
    counts = colloquia.find_run(str(tmp_path / "many.db")).counts()
    assert (counts.failed, counts.pending) == ({}, 31)


async def test_what_earlier_commands_finished_counts_as_well(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=1)
    store = str(tmp_path / "two.db")
    for limit, fails in ((1, ()), (None, range(1000))):
        actor = Actor(planner=planner_that_fails(*fails))
        chosen = recipe.override(limit=limit)
        run = await arun(chosen, store=store, models={"actor": actor})
    assert run.counts().failed == {"agent_error": len(TEXTS) - 1}


async def test_failures_of_different_kinds_are_not_alike(recipe_file: Path, tmp_path: Path) -> None:
    kinds = iter([KeyError, ValueError] * 2)

    def planner(told: dict[str, Any]) -> dict[str, Any]:
        if (kind := next(kinds, None)) is not None:
            raise kind("odd")
        return plan(told)

    run = await many(recipe_file, tmp_path, planner)
    assert run.counts().failed == {"agent_error": 4}


async def test_what_most_failed_of_is_told(recipe_file: Path, tmp_path: Path) -> None:
    class Odd(Actor):
        """Four dialogues are planned at once; the last of them fails of something else."""

        all_are_asked = asyncio.Event()

        async def complete(self, request: ChatRequest) -> ChatReply:
            reply = await super().complete(request)
            if request.role == "planner":
                number = len(self.heard("planner"))
                if number == 4:
                    self.all_are_asked.set()
                await self.all_are_asked.wait()
                raise ValueError("odd") if number == 4 else RuntimeError("out of ideas")
            return reply

    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=4)
    with pytest.raises(AgentError, match=r"3 dialogues failed alike.*RuntimeError: out of ideas"):
        await arun(recipe, store=str(tmp_path / "odd.db"), models={"actor": Odd()})


def with_a_template_that_no_snippet_fits(recipe_file: Path) -> None:
    (recipe_file.parent / "prompts").mkdir()
    template = recipe_file.parent / "prompts" / "critic.prompt.j2"
    template.write_text(TITLE_LOVER, "utf-8")
    recipe_file.write_text(recipe_file.read_text() + "prompts: prompts\n")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_template_that_fails_all_ends_the_run_however_many_work_on_it(
    recipe_file: Path, tmp_path: Path, workers: int
) -> None:
    with_a_template_that_no_snippet_fits(recipe_file)
    store = str(tmp_path / "t.db")
    with pytest.raises(AgentError, match=r"dialogues failed alike.*critic\.prompt\.j2:9: P50"):
        colloquia.run(recipe_file, store=store, workers=workers)
    counts = colloquia.find_run(store).counts()
    assert (counts.pending, counts.failed) == (len(TEXTS), {})


def test_the_traceback_of_a_worker_arrives_with_its_error(tmp_path: Path) -> None:
    job = Job(recipe={}, folder="", recipe_hash="", store="", run_id="", share=1)
    report = {"error": ["AgentError", "3 alike"], "traceback": "Traceback: in judge"}
    with Store.open(tmp_path / "w.db", create=True) as store:
        pool = WorkerPool(job, store=store, on_finish=lambda _: None)
        pool._take_report(json.dumps(report).encode() + b"\n")
    (error,) = pool._errors
    assert isinstance(error, AgentError)
    assert "Traceback: in judge" in "".join(format_exception(error))


async def test_a_key_in_what_an_agent_raises_is_in_no_message(
    recipe_file: Path, tmp_path: Path
) -> None:
    redact.learn(key := "sk-canary-in-an-agent")

    def planner(told: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError(f"401 for {key}")

    recipe = colloquia.load(recipe_file).override(model="actor")
    with pytest.raises(AgentError, match=r"RuntimeError: 401 for \[key\];"):
        await arun(recipe, store=str(tmp_path / "k.db"), models={"actor": Actor(planner=planner)})


async def test_a_templates_error_is_the_cause_as_well(recipe_file: Path, tmp_path: Path) -> None:
    with_a_template_that_no_snippet_fits(recipe_file)
    with pytest.raises(AgentError) as caught:
        await arun(recipe_file, store=str(tmp_path / "p.db"))
    assert isinstance(caught.value.__cause__, PromptError)
