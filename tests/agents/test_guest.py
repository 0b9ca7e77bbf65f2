"""A guest may speak plainly; what it thinks aloud or refuses to do is not taken for its part."""

from collections.abc import Sequence
from typing import Any

import pytest
from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken
from autogen_core.models import RequestUsage

from colloquia.agents.guest import GuestModel, as_node
from colloquia.agents.reply import PlainRefusal
from colloquia.core.ports import ChatRequest
from colloquia.core.roles import AnswererInput, Passage, ReviewInput
from colloquia.core.types import Message

PASSAGE = Passage(text="The lighthouse was built in 1851.")
ASKED = ChatRequest(role="r", prompt="p", messages=(Message(role="user", content="When?"),))
REFUSAL = "I'm sorry, but I can't help with that."


class Says(BaseChatAgent):
    """Says one thing, whatever it hears."""

    def __init__(self, said: str, *, used: Any = None) -> None:
        super().__init__("says", "says one thing")
        self._said = said
        self._used = used

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        message = TextMessage(content=self._said, source=self.name, models_usage=self._used)
        return Response(chat_message=message)

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        return None


def node(part: str) -> Any:
    return as_node(Says("x"), part=part)


async def test_what_a_guest_thinks_aloud_is_no_part_of_what_it_says() -> None:
    reply = await GuestModel(Says("Hm.\n</think>\nIn 1851.")).complete(ASKED)
    assert (reply.thought, reply.text) == ("Hm.", "In 1851.")


@pytest.mark.parametrize(("used", "known"), [(3, 3), (10**30, None), (-1, None)])
async def test_tokens_that_no_guest_can_have_used_are_unknown(used: int, known: int | None) -> None:
    usage = RequestUsage(prompt_tokens=used, completion_tokens=7)
    reply = await GuestModel(Says("In 1851.", used=usage)).complete(ASKED)
    assert (reply.tokens_in, reply.tokens_out) == (known, known and 7)


def test_a_guest_that_declines_to_answer_has_answered() -> None:
    brief = AnswererInput(snippet=PASSAGE, question="Who?")
    reply = node("answerer").parse(REFUSAL, brief)
    assert (reply.answer, reply.declined) == (REFUSAL, True)


@pytest.mark.parametrize("part", ["questioner", "reviewer"])
def test_a_guest_that_declines_its_part_is_named_as_that(part: str) -> None:
    with pytest.raises(PlainRefusal):
        node(part).parse(REFUSAL, ReviewInput(snippet=PASSAGE, question="Who?", answer="Ada."))


def test_a_guest_that_reviews_in_prose_is_told_how_to_begin() -> None:
    with pytest.raises(ValueError, match="begin with accept, revise or reject"):
        node("reviewer").parse(
            "It is fine.", ReviewInput(snippet=PASSAGE, question="Who?", answer="Ada.")
        )
