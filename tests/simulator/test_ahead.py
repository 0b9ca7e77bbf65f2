"""Asking ahead saves time and changes nothing else, whatever becomes of the answer under review."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage import QUOTE, Actor, Kept, walk_of

import colloquia
from colloquia.core.errors import DialogueFailure, WorldError
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.types import Dialogue
from colloquia.simulator.dialogue import Interrupted
from tests.simulator.test_runner import corpus_of

SHAPE = {"exchanges": 3, "unanswerable_share": 0}
ACCEPT = {"grounded": 1, "helpful": 1, "clear": 1}
REVISE = {"grounded": 0, "helpful": 1, "clear": 1, "rationale": "Too short."}


async def played(
    actor: Actor, *, ahead: bool, limit: int = 120
) -> tuple[Kept, Dialogue | str, Actor]:
    """Walk one dialogue; what it kept, and how it ended."""
    kept = Kept()
    dialogue = {**SHAPE, "speculate": ahead}
    walk = walk_of(actor, kept, dialogue=dialogue, limits={"calls_per_dialogue": limit})
    try:
        return kept, await walk.run(), actor
    except DialogueFailure as error:
        await walk.end("failed", reason=error.cause, stop_reason=str(error))
        return kept, str(error), actor


def twice(make: Callable[[], Actor], **settings: Any) -> tuple[Kept, Kept]:
    """Walk without and with asking ahead; they must not differ but in calls."""

    async def both() -> tuple[Kept, Kept]:
        plain, how, _ = await played(make(), ahead=False, **settings)
        hasty, ends, _ = await played(make(), ahead=True, **settings)
        assert ends == how
        return plain, hasty

    plain, hasty = asyncio.run(both())
    assert (hasty.plans, hasty.turns, hasty.reviews, hasty.dialogues) == (
        plain.plans,
        plain.turns,
        plain.reviews,
        plain.dialogues,
    )
    assert not plain.wasted
    made = {call.id for call in hasty.made}
    assert made - hasty.wasted == {call.id for call in plain.made}, "and nothing is lost"
    assert len(made) == len(hasty.made), "no call is made twice"
    return plain, hasty


def revised_once() -> Actor:
    """An actor whose first answer to each question is turned down."""

    def critic(told: dict[str, Any]) -> dict[str, Any]:
        return REVISE if told["answer"].startswith("First") else ACCEPT

    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        return {"answer": "Second." if told["draft"] else "First.", "quotes": [QUOTE]}

    return Actor(critic=critic, answerer=answerer)


async def test_the_next_question_is_on_its_way_during_the_reviews() -> None:
    class Slow(Actor):
        next_asked = asyncio.Event()

        async def complete(self, request: ChatRequest) -> ChatReply:
            if request.role == "questioner" and request.variables["transcript"]:
                self.next_asked.set()
            if request.role == "critic" and not request.variables["transcript"]:
                await self.next_asked.wait()
            return await super().complete(request)

    async with asyncio.timeout(300):
        _, dialogue, _ = await played(Slow(), ahead=True)
    assert isinstance(dialogue, Dialogue)
    assert dialogue.outcome == "accepted"


def test_where_every_answer_stands_there_is_no_waste() -> None:
    plain, hasty = twice(Actor)
    assert len(hasty.made) == len(plain.made)
    assert not hasty.wasted


def test_a_question_after_an_answer_that_fell_is_thrown_away_and_marked() -> None:
    _, hasty = twice(revised_once)
    wasted = [call for call in hasty.made if call.id in hasty.wasted]
    assert [call.place for call in wasted] == ["2.questioner", "3.questioner"]
    assert all("First." in call.messages[-1].content for call in wasted)


def test_a_revision_in_the_same_words_finds_its_question_asked() -> None:
    def answerer(told: dict[str, Any]) -> dict[str, Any]:
        quotes = [QUOTE] if told["draft"] else ["It was never built at all."]
        return {"answer": "It was built in 1851.", "quotes": quotes}

    _, hasty = twice(lambda: Actor(answerer=answerer))
    assert any(turn.attempt for turn in hasty.turns), "answers were revised"
    assert not hasty.wasted


def test_an_error_of_a_question_counts_only_if_the_question_is_put() -> None:
    def questioner(told: dict[str, Any]) -> dict[str, Any]:
        after = [line["text"] for line in told["transcript"]]
        return {} if "First." in after else {"question": f"What about {told['aim']}?"}

    def falls() -> Actor:
        made = revised_once()
        made._acts["questioner"] = questioner
        return made

    _, hasty = twice(falls)
    assert hasty.dialogues[-1].outcome == "accepted"
    assert len(hasty.wasted) == 6, "two questions, each asked for three times"

    def stands() -> Actor:
        made = falls()
        made._acts["critic"] = lambda told: ACCEPT
        return made

    plain, hasty = twice(stands)
    assert plain.dialogues[-1].reason == "content"
    assert not hasty.wasted


@pytest.mark.parametrize("limit", range(1, 26))
def test_the_limit_of_calls_is_met_at_the_same_place(limit: int) -> None:
    async def both() -> None:
        plain, how, _ = await played(revised_once(), ahead=False, limit=limit)
        hasty, ends, _ = await played(revised_once(), ahead=True, limit=limit)
        assert ends == how
        assert (hasty.turns, hasty.reviews) == (plain.turns, plain.reviews)

    asyncio.run(both())


async def test_an_outage_met_ahead_ends_the_run() -> None:
    class Cut(Actor):
        async def complete(self, request: ChatRequest) -> ChatReply:
            if request.role == "questioner" and request.variables["transcript"]:
                raise WorldError("connection refused")
            if request.role == "critic":
                await asyncio.Event().wait()
            return await super().complete(request)

    with pytest.raises(WorldError, match="connection refused"):
        async with asyncio.timeout(300):
            await played(Cut(), ahead=True)


async def test_a_stop_lets_the_question_ahead_arrive() -> None:
    stopping: list[asyncio.Event] = []

    class Late(Actor):
        async def complete(self, request: ChatRequest) -> ChatReply:
            if request.role == "questioner" and request.variables["transcript"]:
                stopping[0].set()
                await asyncio.sleep(0.05)
            return await super().complete(request)

    kept = Kept()
    walk = walk_of(Late(), kept, dialogue={**SHAPE, "speculate": True})
    stopping.append(walk._stopping)
    with pytest.raises(Interrupted):
        await walk.run()
    assert kept.made[-1].place == "2.questioner", "it was paid for"
    assert not kept.dialogues

    again = Actor()
    rest = walk_of(again, kept, known=kept.made, dialogue={**SHAPE, "speculate": True})
    assert (await rest.run()).outcome == "accepted"
    assert len(again.heard("questioner")) == 1, "the third; the second is in the ledger"


def test_a_corpus_is_the_same_to_the_byte_and_the_run_too(tmp_path: Path) -> None:
    starter = Path(colloquia.__file__).parent / "starter" / "snippets.jsonl"
    files, runs = [], []
    for ahead in ("false", "true"):
        recipe = tmp_path / "recipe.yaml"
        shape = f"exchanges: [3, 5], unanswerable_share: 0.4, speculate: {ahead}"
        recipe.write_text(f"seed: 5\nsnippets: {starter}\ndialogue: {{{shape}}}\n")
        runs.append(colloquia.run(recipe, store=str(tmp_path / f"{ahead}.db")))
        files.append(corpus_of(runs[-1], tmp_path / ahead))
    plain, hasty = (run.counts() for run in runs)
    different = {name for name in files[0] if files[0][name] != files[1][name]}
    assert not different
    assert runs[0].id == runs[1].id
    assert hasty.wasted_calls == hasty.calls - plain.calls > 0
