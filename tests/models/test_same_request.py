"""What we send is what litellm's own client sends, for every provider that we reach directly."""

import asyncio
from typing import Any

import pytest

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.ports import ToolSpec
from colloquia.core.types import Message, ToolCall
from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.providers import READ_ONLY
from colloquia.models.wire.routes import DIRECT
from colloquia.models.wire.transport import Transport
from tests.models.parts import request
from tests.models.routes import ours, theirs

# pydantic about types inside litellm, met on the first call through its own client
pytestmark = pytest.mark.filterwarnings(f"ignore:{READ_ONLY}")

MODELS = [
    "anthropic/claude-3-5-haiku-20241022",
    "anthropic/claude-opus-4-7",
    "anthropic/claude-sonnet-4-5",
    "cerebras/any",
    "deepinfra/any",
    "deepseek/deepseek-chat",
    "fireworks_ai/any",
    "groq/llama-3.1-8b-instant",
    "hosted_vllm/any",
    "llamafile/any",
    "lm_studio/any",
    "mistral/mistral-small-latest",
    "nvidia_nim/any",
    "ollama_chat/any",
    "openai/any",
    "openai/gpt-4o-mini",
    "openai/gpt-5-mini",
    "openai/gpt-5.1",
    "openai/o1",
    "openai/o3-mini",
    "openrouter/any",
    "together_ai/any",
    "xai/grok-3",
]
# litellm's reader fails on Groq without a service tier.
THEIRS_UNREADABLE = ("groq/llama-3.1-8b-instant",)
# litellm's reader loses a thought under OpenRouter's other name for it, and only in a stream.
THEIRS_LOSES_THOUGHTS = ("openrouter/any",)
HEADERS = ("authorization", "x-api-key", "anthropic-version", "anthropic-beta")
SCHEMA = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "minLength": 1, "description": "What is so."},
        "scores": {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}},
    },
    "required": ["answer"],
}
TALK = [("system", "S"), ("user", "U"), ("assistant", "A"), ("user", "U2 \U0001f5fc \x00 \u2028")]


def say(request: Received) -> Answer:
    return Answer(body=completion(request, "<b>Yes</b>", thought="Hm.", stop="length"))


def seen(request: Received) -> dict[str, Any]:
    headers = {name: request.headers.get(name) for name in HEADERS}
    return {"path": request.path, "body": request.json(), "headers": headers}


def theirs_seen(request: Received, choice: str = "auto") -> dict[str, Any]:
    """Return what litellm sent, but for where we know better."""
    sent = seen(request)
    body = sent["body"]
    if request.headers.get("x-title") == "liteLLM":  # OpenRouter is told who asks, and for a cost
        assert body.pop("usage") == {"include": True}
    if "/api/" in request.path:
        for message in body["messages"]:
            assert message.pop("images") == []  # of a text there are none
            for call in message.get("tool_calls", []):
                call.setdefault("id", CALL.id)  # what a result is for; litellm before 1.110 is mute
        body |= {"truncate": False, "shift": False}  # else the beginning is lost without a word
    if "mistral" in body["model"] and choice not in ("auto", "required", "none"):
        # Mistral has it, and litellm sends it, but not before 1.110.
        body.setdefault("tool_choice", {"type": "function", "function": {"name": choice}})
    return sent


def test_every_route_is_compared() -> None:
    assert {name.split("/")[0] for name in MODELS} == DIRECT


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("name", MODELS)
async def test_both_send_and_read_the_same(
    name: str, stream: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = say
    messages = tuple(Message(role=role, content=text) for role, text in TALK)
    asked = request(messages=messages, temperature=0.5, reply_schema=SCHEMA)
    mine = ours(name, endpoint.url, transport, top_p=0.9, timeout_s=60, stream=stream)
    other = theirs(name, endpoint.url, top_p=0.9, timeout_s=60, stream=stream)
    replies = [await mine.complete(asked)]
    try:
        replies.append(await other.complete(asked))
    except CallFailed:
        assert name in THEIRS_UNREADABLE
    await mine.complete(asked)
    first, second, again = (got for got in endpoint.requests if got.path != "/api/show")
    assert seen(first) == theirs_seen(second)
    assert seen(first) == seen(again)
    said = {"text": "<b>Yes</b>", "thought": "Hm.", "tokens_in": 11, "tokens_out": 7}
    assert {key: getattr(replies[0], key) for key in said} == said
    assert replies[0].stop == "length"
    if name not in (*THEIRS_UNREADABLE, *(THEIRS_LOSES_THOUGHTS if stream else ())):
        assert replies[0] == replies[-1]
    await other.close()
    await asyncio.sleep(0.01)


TOOL = ToolSpec(
    name="height_of",
    description="Height of a lighthouse in metres.",
    parameters={
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    },
)
CALL = ToolCall(id="call_a1", name="height_of", arguments='{"name": "Bell Rock"}')
TOOL_TALK = (
    Message(role="system", content="S"),
    Message(role="user", content="How high?"),
    Message(role="assistant", content="", tool_calls=(CALL,)),
    Message(role="tool", content="35", tool_call_id="call_a1"),
    Message(role="assistant", content="I ask again.", tool_calls=(CALL,)),
    Message(role="tool", content="35 \u2028 m", tool_call_id="call_a1"),
)


@pytest.mark.parametrize(
    ("choice", "stream"),
    [("auto", True), ("required", False), ("none", True), ("height_of", False)],
)
@pytest.mark.parametrize("name", MODELS)
async def test_both_send_and_read_the_same_with_tools(
    name: str, choice: str, stream: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    called = [("height_of", {"name": "Harrow"})]
    endpoint.decide = lambda got: Answer(body=completion(got, "Hm.", calls=called))
    mine = ours(name, endpoint.url, transport, timeout_s=60, stream=stream)
    other = theirs(name, endpoint.url, timeout_s=60, stream=stream)
    for messages in (TOOL_TALK[:2], TOOL_TALK):
        endpoint.requests.clear()
        asked = request(messages=messages, tools=(TOOL,), tool_choice=choice, reply_schema=SCHEMA)
        replies = [await mine.complete(asked)]
        try:
            replies.append(await other.complete(asked))
        except CallFailed:
            assert name in THEIRS_UNREADABLE
        first, second = (got for got in endpoint.requests if got.path != "/api/show")
        assert seen(first) == theirs_seen(second, choice)
        for reply in replies:
            assert reply.text == "Hm."
            assert [(call.name, call.arguments) for call in reply.tool_calls] == [
                ("height_of", '{"name": "Harrow"}')
            ]
    await other.close()
    await asyncio.sleep(0.01)
