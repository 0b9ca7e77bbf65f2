"""Many dialogues: they add up, continue after any death, and come out the same in any order."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stage import Actor, plan

import colloquia
from colloquia.agents.critic import Critic
from colloquia.agents.reviewer import Check
from colloquia.core.errors import RunOwned, SnippetError, UserError, WorldError
from colloquia.core.heartbeat import Heartbeat
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.recipe import Recipe
from colloquia.core.roles import ReviewInput
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Verdict
from colloquia.models.faults.redactor import redact
from colloquia.models.scripted import ScriptedModel
from colloquia.runs.prepare import prepare
from colloquia.runs.start import arun
from colloquia.simulator.dialogue import Walk
from colloquia.simulator.graph import Graph
from colloquia.simulator.runner import Runner
from colloquia.simulator.setup import Setup
from colloquia.store.repository import Store
from colloquia.store.writing import Claimed

TEXTS = [
    f"The {name} mill was built in {year} by {builder}. It stands on the river {river}. "
    f"The mill ground flour until {year + 90}, because a railway then brought cheaper flour. "
    f"It has {floors} floors and a wheel of oak."
    for name, year, builder, river, floors in [
        ("Arden", 1702, "John Pell", "Tay", 3),
        ("Brill", 1715, "Mary Lowe", "Exe", 4),
        ("Corley", 1731, "Peter Nash", "Wye", 2),
        ("Denby", 1744, "Anne Hart", "Dee", 5),
        ("Elmley", 1758, "Hugh Grey", "Axe", 3),
        ("Fenwick", 1769, "Ruth Cole", "Esk", 4),
        ("Garth", 1780, "Adam Page", "Ure", 2),
        ("Holme", 1793, "Jane Ford", "Nene", 3),
    ]
]


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    lines = [json.dumps({"id": f"mill-{n}", "text": text}) for n, text in enumerate(TEXTS)]
    (tmp_path / "mills.jsonl").write_text("\n".join(lines), "utf-8")
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "seed: 5\nsnippets: {path: mills.jsonl}\ndialogue: {exchanges: [3, 5]}\n"
        "limits: {concurrency: 2}\n"
    )
    return path


def corpus_of(run: colloquia.Run, out: Path) -> dict[str, bytes]:
    run.export(out, to=["canonical", "trl-sft", "trl-sft-turns", "trl-dpo"])
    return {
        str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*") if file.is_file()
    }


def test_a_run_adds_up_and_a_second_one_has_nothing_to_do(
    recipe_file: Path, tmp_path: Path
) -> None:
    store = str(tmp_path / "store.db")
    run = colloquia.run(recipe_file, store=store)
    counts = run.counts()
    assert counts.planned == len(TEXTS)
    assert counts.planned == counts.accepted + sum(counts.rejected.values())
    calls = counts.calls
    again = colloquia.run(recipe_file, store=store)
    assert again.id == run.id
    assert again.counts().calls == calls


def test_the_corpus_is_the_same_to_the_byte_in_any_order_and_afresh(
    recipe_file: Path, tmp_path: Path
) -> None:
    store = str(tmp_path / "store.db")
    expected = corpus_of(colloquia.run(recipe_file, store=store), tmp_path / "first")
    afresh = colloquia.run(recipe_file, store=store, fresh=True)
    assert corpus_of(afresh, tmp_path / "fresh") == expected
    lines = (tmp_path / "mills.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "mills.jsonl").write_text("\n".join(reversed(lines)), "utf-8")
    one_by_one = colloquia.load(recipe_file).override(concurrency=1)
    other = colloquia.run(one_by_one, store=str(tmp_path / "other.db"))
    assert corpus_of(other, tmp_path / "shuffled") == expected


@pytest.mark.parametrize("hash_seed", ["0", "7"])
def test_the_corpus_does_not_hang_on_the_hash_seed(
    hash_seed: str, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = corpus_of(colloquia.run(recipe_file, store=str(tmp_path / "a.db")), tmp_path / "a")
    monkeypatch.setenv("PYTHONHASHSEED", hash_seed)
    store = str(tmp_path / "b.db")
    subprocess.run([*slow_run(recipe_file, store)], check=True, capture_output=True)
    assert corpus_of(colloquia.find_run(store), tmp_path / "b") == expected


def test_a_run_that_forgets_after_every_call_makes_the_same_corpus(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = colloquia.run(recipe_file, store=str(tmp_path / "a.db"))
    walks = Counter[str]()
    make = Setup.walk

    def counted(setup: Setup, dialogue: Dialogue, *args: Any, **told: Any) -> Walk:
        walks[dialogue.id] += 1
        return make(setup, dialogue, *args, **told)

    monkeypatch.setattr(Setup, "walk", counted)
    monkeypatch.setenv("COLLOQUIA_ALWAYS_REPLAY", "1")
    replayed = colloquia.run(recipe_file, store=str(tmp_path / "b.db"))
    assert replayed.counts() == usual.counts()
    assert corpus_of(replayed, tmp_path / "b") == corpus_of(usual, tmp_path / "a")
    assert sum(walks.values()) >= usual.counts().calls / 2, "reviewers may share a walk, no others"


async def test_a_key_in_what_a_node_raises_is_not_stored(recipe_file: Path, tmp_path: Path) -> None:
    redact.learn(key := "sk-canary-in-a-node")

    def planner(told: dict[str, Any]) -> dict[str, Any]:
        if "Brill" in told["snippet"]["text"]:
            raise RuntimeError(f"401 for {key}")
        return plan(told)

    run = await play(recipe_file, tmp_path, planner=planner)
    (failed,) = run.dialogues(outcome="failed")
    assert failed.dialogue.stop_reason == "RuntimeError: 401 for [key]"


def slow_run(recipe: Path, store: str) -> list[str]:
    script = Path(__file__).parent.parent / "support" / "slow_run.py"
    return [sys.executable, str(script), str(recipe), store]


def committed(store: Path) -> set[str]:
    if not store.exists():
        return set()
    with closing(sqlite3.connect(store)) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        tables = {name for (name,) in database.execute("select name from sqlite_master")}
        if "turns" not in tables:
            return set()
        return {
            row[0]
            for table in ("turns", "calls", "reviews")
            for row in database.execute(f"select id from {table}")
        }


async def test_a_failed_dialogue_is_a_row_with_a_cause_and_the_run_goes_on(
    recipe_file: Path, tmp_path: Path
) -> None:
    def critic(told: dict[str, Any]) -> dict[str, Any]:
        if "Brill" in told["snippet"]["text"]:
            return {"scores": "none"}
        if "Corley" in told["snippet"]["text"]:
            raise RuntimeError("out of ideas")
        return {"grounded": 1, "helpful": 1, "clear": 1}

    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        return {"answer": "It is a mill.", "quotes": [told["snippet"]["text"][:20]]}

    run = await play(recipe_file, tmp_path, critic=critic, answerer=answerer)
    counts = run.counts()
    assert counts.failed == {"content": 1, "agent_error": 1}
    assert counts.accepted == len(TEXTS) - 2
    (failed,) = [d for d in run.dialogues(outcome="failed") if d.dialogue.reason == "agent_error"]
    assert failed.dialogue.stop_reason == "RuntimeError: out of ideas"
    assert [turn.speaker for turn in failed.turns] == ["questioner", "answerer"], "kept to read"


async def play(recipe_file: Path, tmp_path: Path, **acts: Callable[..., Any]) -> colloquia.Run:
    recipe = colloquia.load(recipe_file).override(model="actor")
    dialogue = recipe.dialogue.model_copy(update={"unanswerable_share": 0})
    agents = recipe.agents.model_copy(update={"reviewers": "panel"})
    recipe = recipe.model_copy(update={"dialogue": dialogue, "agents": agents})
    return await arun(recipe, store=str(tmp_path / "acted.db"), models={"actor": Actor(**acts)})


async def test_the_longest_dialogues_are_begun_first(recipe_file: Path, tmp_path: Path) -> None:
    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=1)
    actor = Actor()
    await arun(recipe, store=str(tmp_path / "order.db"), models={"actor": actor})
    begun = [(t["exchanges"], len(t["snippet"]["text"])) for t in actor.heard("planner")]
    assert begun == sorted(begun, reverse=True)
    assert len({exchanges for exchanges, _ in begun}) == 3, "3 to 5, so there was a choice"


class Crowd(Actor):
    """An actor that says nothing before all dialogues have begun."""

    def __init__(self) -> None:
        super().__init__()
        self.all_here = asyncio.Barrier(len(TEXTS))

    async def complete(self, request: ChatRequest) -> ChatReply:
        if request.role == "answerer" and not request.variables["question"]:  # the foundation
            await self.all_here.wait()
        return await super().complete(request)


async def test_as_many_dialogues_are_claimed_at_a_time_as_are_under_way(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    claim = Store.claim

    async def noting(store: Store, run_id: str, limit: int) -> list[Claimed]:
        claimed = await claim(store, run_id, limit)
        found.append(len(claimed))
        assert len(claimed) <= limit
        return claimed

    monkeypatch.setattr(Store, "claim", noting)
    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=len(TEXTS))
    run = await arun(recipe, store=str(tmp_path / "crowd.db"), models={"actor": Crowd()})
    assert not run.counts().pending
    assert [claimed for claimed in found if claimed] == [1, 1, 2, 4]


async def test_an_unreachable_model_stops_the_run_and_keeps_what_is_done(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file).override(model="gone")
    model = ScriptedModel([WorldError("connection refused")], name="gone")
    with pytest.raises(WorldError, match="connection refused"):
        await arun(recipe, store=str(tmp_path / "gone.db"), models={"gone": model})
    assert colloquia.find_run(str(tmp_path / "gone.db")).counts().pending == len(TEXTS)


async def test_a_stopped_run_goes_on_where_it_was(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "stopped.db")
    runners: list[Any] = []
    recipe = colloquia.load(recipe_file).override(concurrency=2)
    run = await arun(
        recipe,
        store=store,
        on_start=lambda runner, _: runners.append(runner),
        on_finish=lambda _: runners[0].stop(),
    )
    assert run.interrupted
    assert 0 < run.counts().pending < len(TEXTS)
    rest = await arun(recipe, store=store)
    assert rest.id == run.id
    assert rest.counts().pending == 0


class Waiting(Actor):
    """An actor whose answers, of two dialogues at a time, wait for the word."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.both_wait = asyncio.Event()

    async def complete(self, request: ChatRequest) -> ChatReply:
        reply = await super().complete(request)
        if request.role == "answerer":
            if len(self.heard("answerer")) == 2:
                self.both_wait.set()
            await self.go_on.wait()
        return reply


async def test_another_process_watches_a_run_and_stops_it(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "asked.db")
    run_id = ""
    heard, stop = asyncio.Event(), Runner.stop

    def stopped(runner: Runner) -> None:
        stop(runner)
        heard.set()

    monkeypatch.setattr(Runner, "stop", stopped)

    def begun(_: object, manifest: RunManifest) -> None:
        nonlocal run_id
        run_id = manifest.id

    recipe = colloquia.load(recipe_file).override(model="actor", concurrency=2)
    actor = Waiting()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(
            arun(recipe, store=store, models={"actor": actor}, on_start=begun)
        )
        await actor.both_wait.wait()
        with Store.open(store) as elsewhere:
            async with asyncio.timeout(300):
                while (heartbeat := elsewhere.heartbeat(run_id)) is None or not heartbeat.dialogues:  # noqa: ASYNC110, a store rings no bell
                    await asyncio.sleep(0.05)
            assert heartbeat == Heartbeat(dialogues=2)
            assert elsewhere.ask_to_stop(run_id)
            async with asyncio.timeout(300):
                await heard.wait()
        actor.go_on.set()
    run = running.result()
    assert run.interrupted and run.asked_to_stop
    assert run.counts().pending == len(TEXTS)
    assert run.counts().calls == 2, "calls in flight are finished and kept"
    rest = await arun(recipe, store=store, models={"actor": actor})
    assert rest.id == run.id
    assert not rest.asked_to_stop
    assert rest.counts().pending == 0


def test_a_run_that_another_process_works_on_is_refused(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "owned.db")
    process = subprocess.Popen(slow_run(recipe_file, store), stdout=subprocess.PIPE)
    try:
        while not committed(Path(store)):
            assert process.poll() is None
        with pytest.raises(RunOwned):
            colloquia.run(recipe_file, store=store)
    finally:
        process.kill()
        process.communicate()


async def test_a_higher_limit_adds_to_the_same_run(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "limits.db")
    few = await arun(colloquia.load(recipe_file).override(limit=2), store=store)
    assert few.counts().planned == 2
    more = await arun(colloquia.load(recipe_file).override(limit=5), store=store)
    assert more.id == few.id
    assert more.counts().planned == more.counts().accepted == 5


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 6},
        {"dialogue": {"exchanges": [3, 4]}},
        {"personas": ["curious_teen"]},
        {"accept": {"grounded": 0.9}},
        {"agents": {"critic": {"temperature": 0.2}}},
    ],
)
def test_a_changed_recipe_is_another_run(
    change: dict[str, Any], recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file)
    store = str(tmp_path / "changed.db")
    first = colloquia.run(recipe.override(limit=1), store=store)
    other = Recipe.model_validate(recipe.model_dump(mode="json") | change)
    other._folder = recipe.folder
    second = colloquia.run(other.override(limit=1), store=store)
    assert second.id != first.id
    with Store.open(store) as opened:
        assert len(opened.runs()) == 2


def test_a_source_without_a_usable_line_starts_nothing(recipe_file: Path, tmp_path: Path) -> None:
    (tmp_path / "mills.jsonl").write_text("not json\n{}\n", "utf-8")
    with pytest.raises(SnippetError, match="none of 2 can be used"):
        colloquia.run(recipe_file, store=str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


def test_nothing_is_created_where_the_snippets_are_missing(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file).override(snippets="nowhere.jsonl")
    with pytest.raises(SnippetError, match="nowhere"):
        colloquia.run(recipe, store=str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


TITLE_LOVER = """\
---
role: critic
description: Can't do without a title.
input:
  snippet: {type: object, untrusted: true}
  answer: {type: string, untrusted: true}
---
<<user>>
{{ snippet.title | length }} {{ answer }}
"""


def test_a_template_that_fails_on_one_snippet_fails_that_dialogue_alone(
    recipe_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "critic.prompt.j2").write_text(TITLE_LOVER, "utf-8")
    lines = [json.dumps({"text": text, "title": "A mill"}) for text in TEXTS[:3]]
    lines.append(json.dumps({"text": TEXTS[3]}))
    (tmp_path / "mills.jsonl").write_text("\n".join(lines), "utf-8")
    recipe_file.write_text("snippets: {path: mills.jsonl}\nprompts: prompts\n", "utf-8")
    run = colloquia.run(recipe_file, store=str(tmp_path / "p.db"))
    assert (run.counts().accepted, run.counts().failed) == (3, {"agent_error": 1})


async def test_a_source_that_breaks_off_is_worked_off_so_far_and_then_reported(
    recipe_file: Path, tmp_path: Path
) -> None:
    good = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS)
    (tmp_path / "mills.jsonl").write_bytes(good.encode() + b'{"text": "caf\xe9 noir, long"}\n')
    with pytest.raises(SnippetError, match="UTF-8"):
        await arun(recipe_file, store=str(tmp_path / "b.db"))
    assert colloquia.find_run(str(tmp_path / "b.db")).counts().pending == 0


async def test_another_model_under_the_same_name_is_another_run(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file).override(model="m", limit=1)
    runs = []
    for name in ("small", "large"):
        actor = Actor()
        actor.name = name
        runs.append(await arun(recipe, store=str(tmp_path / "m.db"), models={"m": actor}))
    assert runs[0].id != runs[1].id


class Banned(Check):
    """Turns down answers with a banned word."""

    def __init__(self, words: list[str]) -> None:
        super().__init__()
        self.words = words

    def judge(self, case: ReviewInput) -> Verdict:
        bad = any(word in case.answer for word in self.words)
        return Verdict(decision="revise" if bad else "accept")


def test_a_check_with_other_settings_is_another_run_and_so_are_other_edges(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = colloquia.load(recipe_file).override(limit=1)
    graphs = [
        Graph.default().insert(Banned(["zebra"]), after="answerer"),
        Graph.default().insert(Banned(["okapi"]), after="answerer"),
        Graph.default().insert(Banned(["okapi"]), after="critic"),
    ]
    assert len({prepare(recipe, graph=graph).recipe_hash for graph in graphs}) == 3


async def test_one_graph_serves_two_recipes_at_a_time(recipe_file: Path) -> None:
    graph, recipe = Graph.default(), colloquia.load(recipe_file)
    first, second = Actor(), Actor()
    one = colloquia.team(recipe.override(model="m"), graph=graph, models={"m": first})
    colloquia.team(recipe.override(model="m"), graph=graph, models={"m": second})
    await one.run(task=TEXTS[0])
    assert first.requests
    assert not second.requests


async def test_an_unknown_model_of_a_reviewer_is_refused(recipe_file: Path) -> None:
    graph = Graph.default().replace("critic", Critic(name="critic", model="nobody"))
    with pytest.raises(UserError, match="no model 'nobody'"):
        prepare(colloquia.load(recipe_file), graph=graph)


async def test_a_mended_title_arrives_with_a_fresh_run(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "titles.db")
    for title in ("Wrong", "Right"):
        (tmp_path / "mills.jsonl").write_text(json.dumps({"text": TEXTS[0], "title": title}))
        run = await arun(recipe_file, store=store, fresh=True)
    assert [dialogue.snippet.title for dialogue in run.dialogues()] == ["Right"]


def test_export_settings_may_change_after_the_run(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "e.db")
    colloquia.run(recipe_file, store=store)
    text = recipe_file.read_text("utf-8") + "export: {to: [canonical], split: {train: 1.0}}\n"
    recipe_file.write_text(text, "utf-8")
    again = colloquia.run(recipe_file, store=store)
    again.export(tmp_path / "out")
    assert not (tmp_path / "out" / "sft").exists()
    assert colloquia.find_run(store).manifest.recipe.export.to == ("canonical",)


async def test_inside_an_event_loop_run_says_what_to_write(recipe_file: Path) -> None:
    with pytest.raises(UserError, match=r"await colloquia\.arun"):
        colloquia.run(recipe_file)


async def test_no_more_dialogues_are_taken_up_than_asked(recipe_file: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "some.db")
    for asked, left in ((1, len(TEXTS) - 1), (1, len(TEXTS) - 2)):
        run = await arun(recipe_file, store=store, at_most=asked)
        assert (run.counts().pending, run.interrupted) == (left, False)
    assert (await arun(recipe_file, store=store)).counts().pending == 0
