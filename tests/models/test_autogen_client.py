"""Any AutoGen client is a model of ours, and any model of ours is an AutoGen client."""

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_core.models import SystemMessage, UserMessage

from colloquia.core.ports import ChatReply
from colloquia.models.autogen_client import AsAutogen, FromAutogen
from colloquia.models.faults.errors import CallFailed
from colloquia.models.scripted import ScriptedModel
from tests.models.parts import request

REPLY = ChatReply(text="In 1851.", thought="The passage says so.", tokens_in=9, tokens_out=4)


async def test_a_model_goes_through_autogen_and_back_unchanged() -> None:
    script = ScriptedModel([REPLY])
    model = FromAutogen(AsAutogen(script), name="mine")
    assert await model.complete(request(temperature=0.5)) == REPLY
    sent = script.requests[0]
    assert (sent.messages, sent.temperature, sent.max_tokens, sent.seed) == (
        request().messages,
        0.5,
        request().max_tokens,
        request().seed,
    )


async def test_an_autogen_agent_speaks_through_a_model_of_ours() -> None:
    script = ScriptedModel([REPLY])
    client = AsAutogen(script, role="historian")
    said = await AssistantAgent("historian", model_client=client).run(task="When?")
    assert said.messages[-1].to_text() == "In 1851."
    assert client.total_usage().prompt_tokens == 9
    assert [message.role for message in script.requests[0].messages] == ["system", "user"]


async def test_a_stream_is_one_piece_and_the_result() -> None:
    client = AsAutogen(ScriptedModel([REPLY]))
    pieces = [piece async for piece in client.create_stream([SystemMessage(content="Hi.")])]
    assert pieces[0] == "In 1851."
    assert len(pieces) == 2
    said = [UserMessage(content="x" * 4000, source="u")]
    assert 126_980 <= client.remaining_tokens(said) <= 127_000


async def test_what_a_client_raises_has_a_cause() -> None:
    class Limited(Exception):
        status_code = 429

    for error, cause in ((Limited("slow down"), "rate_limit"), (OSError("gone"), "transient")):
        model = FromAutogen(AsAutogen(ScriptedModel([error])), name="mine")
        with pytest.raises(CallFailed) as failed:
            await model.complete(request())
        assert failed.value.cause == cause
