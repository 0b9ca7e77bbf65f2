"""The ledger asks once per place and request, and commits before it answers."""

import pytest

from colloquia.core.errors import LoopGuard
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.types import Message, ModelCall
from colloquia.models.ledger.ledger import Ledger, request_hash
from colloquia.models.scripted import ScriptedModel


class Rows:
    def __init__(self) -> None:
        self.kept: list[ModelCall] = []

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        return self.kept

    async def record(self, call: ModelCall) -> None:
        self.kept.append(call)


def request(text: str = "When?", **settings: float) -> ChatRequest:
    return ChatRequest(
        role="answerer",
        prompt="answerer@1",
        messages=(Message(role="user", content=text),),
        **settings,
    )


def ledger(rows: Rows, *, limit: int = 9) -> Ledger:
    return Ledger(dialogue_id="d", known=rows.kept, store=rows, limit=limit)


async def test_a_call_is_committed_with_all_that_is_known_of_it() -> None:
    rows = Rows()
    model = ScriptedModel([ChatReply(text="In 1851.", tokens_in=7, tokens_out=3, cost_usd=0.5)])
    call = await ledger(rows).ask(model, request(), place="1.answerer.0")
    assert rows.kept == [call]
    assert (call.reply, call.tokens_in, call.tokens_out, call.cost_usd) == ("In 1851.", 7, 3, 0.5)
    assert (call.place, call.role, call.model, call.prompt) == (
        "1.answerer.0", "answerer", "scripted", "answerer@1"
    )  # fmt: skip


async def test_a_call_says_how_often_it_was_sent() -> None:
    rows = Rows()
    await ledger(rows).ask(ScriptedModel([ChatReply(text="a", attempts=3)]), request(), place="1")
    assert rows.kept[0].attempts == 3


async def test_the_same_request_in_the_same_place_is_not_made_again() -> None:
    rows, model = Rows(), ScriptedModel(["In 1851."])
    first = await ledger(rows).ask(model, request(), place="1")
    again = await ledger(rows).ask(model, request(), place="1")
    assert first == again
    assert len(model.requests) == 1


@pytest.mark.parametrize("other", [request("Where?"), request(temperature=0.5)])
async def test_another_request_in_the_same_place_is_made(other: ChatRequest) -> None:
    rows, model = Rows(), ScriptedModel(["one", "two"])
    await ledger(rows).ask(model, request(), place="1")
    call = await ledger(rows).ask(model, other, place="1")
    assert call.reply == "two"


async def test_the_same_request_in_another_place_is_made() -> None:
    rows, model = Rows(), ScriptedModel(["one", "two"])
    book = ledger(rows)
    await book.ask(model, request(), place="1")
    assert (await book.ask(model, request(), place="2")).reply == "two"


async def test_calls_are_bounded_and_replayed_ones_count() -> None:
    rows, model = Rows(), ScriptedModel(["one"])
    await ledger(rows).ask(model, request(), place="1")
    book = ledger(rows, limit=1)
    await book.ask(model, request(), place="1")
    with pytest.raises(LoopGuard, match="raise limits"):
        await book.ask(model, request(), place="2")


def test_a_request_is_known_by_what_can_change_its_reply() -> None:
    plain = request()
    with_schema = plain.model_copy(update={"reply_schema": {}, "variables": {"a": 1}})
    assert request_hash("m", plain) == request_hash("m", with_schema)
    assert request_hash("m", plain) != request_hash("n", plain)
