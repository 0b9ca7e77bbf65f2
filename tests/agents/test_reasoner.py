"""A reasoner's thought comes first in its reply, and goes beside it, never in it."""

import json
from typing import Any

import pytest

from colloquia.agents.answerer import Reasoner
from colloquia.agents.base import Bindings, CallSite
from colloquia.agents.reply import reply_schema
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.recipe import ModelSettings
from colloquia.core.roles import AnswererInput, AnswererReply, Passage, ReasonerReply
from colloquia.models.ledger.ledger import Ledger

BRIEF = AnswererInput(snippet=Passage(text="The lamp was lit in 1851."), question="When?")
GOOD = {"thought": "It says 1851.", "answer": "In 1851.", "quotes": ["lit in 1851"]}


class Says:
    """Says one reply after the other, and remembers what it was asked."""

    name = "says"

    def __init__(self, *replies: dict[str, Any]) -> None:
        self.replies, self.asked = list(replies), list[ChatRequest]()

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        return ChatReply(text=json.dumps(self.replies.pop(0)))

    async def close(self) -> None:
        return None


class _Nowhere:
    async def calls(self, dialogue_id: str) -> list[Any]:
        return []

    async def record(self, call: Any) -> None:
        return None


async def ask(model: Says) -> Any:
    templates = PromptLibrary.load()
    agent = Reasoner(model=model).bind(
        Bindings(
            model=lambda settings: model,
            settings=lambda role, name: ModelSettings(model="says"),
            template=lambda name: templates[name],
        )
    )
    ledger = Ledger(dialogue_id="d", known=(), store=_Nowhere(), limit=9)
    return await agent.ask(BRIEF, site=CallSite(ledger=ledger, place="1", seed=0))


def test_a_thought_is_written_before_the_answer() -> None:
    assert list(reply_schema(ReasonerReply)["properties"])[:2] == ["thought", "answer"]


async def test_the_reply_is_the_answer_alone_with_the_thought_beside_it() -> None:
    asked = await ask(Says(GOOD))
    assert asked.reply == AnswererReply(answer="In 1851.", quotes=("lit in 1851",))
    assert type(asked.reply) is AnswererReply
    assert asked.thought == "It says 1851."


@pytest.mark.parametrize(("thought", "told"), [("So.</think>", "</think>"), ("  ", "isn't empty")])
async def test_a_thought_with_marks_or_without_words_is_asked_for_again(
    thought: str, told: str
) -> None:
    model = Says(GOOD | {"thought": thought}, GOOD)
    assert (await ask(model)).thought == "It says 1851."
    assert told in model.asked[1].messages[-1].content
