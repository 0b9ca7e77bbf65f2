"""Tools go through the port: to every shape of provider, and back as calls that can be run."""

import importlib
import json
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ToolCallExecutionEvent
from autogen_core.tools import FunctionTool
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion
from colloquia.core.errors import UserError
from colloquia.core.ports import ChatReply, ChatRequest, ToolSpec
from colloquia.core.types import Message, ToolCall
from colloquia.models.autogen_client import AsAutogen, FromAutogen
from colloquia.models.faults.errors import ModelError
from colloquia.models.ledger.ledger import request_hash
from colloquia.models.scripted import ScriptedModel
from colloquia.models.wire.providers import READ_ONLY, import_litellm
from colloquia.models.wire.replies import read_reply
from colloquia.models.wire.shapes import anthropic, openai
from colloquia.models.wire.tools import UNREADABLE, arguments_text
from colloquia.models.wire.transport import Transport
from colloquia.offline.model import OfflineModel
from tests.models.parts import request
from tests.models.routes import ours, theirs

pytestmark = pytest.mark.filterwarnings(f"ignore:{READ_ONLY}")
ROUTES = ["openai/any", "anthropic/claude-sonnet-4-5", "ollama_chat/any"]
SPEC = ToolSpec(name="height_of", description="Height in metres.")
CALL = ToolCall(id="c1", name="height_of", arguments='{"name": "Bell Rock"}')


def height_of(name: str) -> str:
    """Height of a lighthouse."""
    if name != "Bell Rock":
        raise KeyError(name)
    return "it has 35 metres"


def look_then_tell(got: Received) -> Answer:
    if b"it has 35 metres" in got.body:
        return Answer(body=completion(got, "35 metres."))
    return Answer(body=completion(got, "Wait.", calls=[("height_of", {"name": "Bell Rock"})]))


@pytest.mark.parametrize("name", ROUTES)
async def test_an_autogen_agent_runs_its_tools_on_a_model_of_ours(
    name: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = look_then_tell
    client = AsAutogen(ours(name, endpoint.url, transport))
    agent = AssistantAgent("h", model_client=client, tools=[height_of], max_tool_iterations=3)
    said = await agent.run(task="How high is Bell Rock?")
    assert said.messages[-1].to_text() == "35 metres."
    asked, told = (got.json() for got in endpoint.requests)
    assert "height_of" in json.dumps(asked["tools"])
    assert "Bell Rock" in json.dumps(told["messages"][-2])
    assert client.total_usage().prompt_tokens == 22


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reflection_comes_without_tools(
    stream: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = look_then_tell
    client = AsAutogen(ours("anthropic/claude-sonnet-4-5", endpoint.url, transport))
    agent = AssistantAgent(
        "h",
        model_client=client,
        tools=[height_of],
        reflect_on_tool_use=True,
        model_client_stream=stream,
    )
    said = await agent.run(task="How high is Bell Rock?")
    assert said.messages[-1].to_text() == "35 metres."


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ('{"name": "Bell Rock",}', True),
        ("{name: 'Bell Rock'}", True),
        ('```json\n{"name": "Bell Rock"}\n```', True),
        ("Bell Rock", False),
        ('["Bell Rock"]', False),
        ('{"name": "Harrow"}', False),
    ],
)
async def test_arguments_that_are_no_json_are_mended_or_told_to_the_model(
    written: str, runs: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    def decide(got: Received) -> Answer:
        if b'"role":"tool"' in got.body:
            return Answer(body=completion(got, "Done."))
        return Answer(body=completion(got, None, calls=[("height_of", written)]))

    endpoint.decide = decide
    client = AsAutogen(ours("openai/any", endpoint.url, transport))
    agent = AssistantAgent("h", model_client=client, tools=[height_of], max_tool_iterations=2)
    said = await agent.run(task="How high is Bell Rock?")
    (ran,) = (event for event in said.messages if isinstance(event, ToolCallExecutionEvent))
    assert ran.content[0].is_error is not runs
    assert said.messages[-1].to_text() == "Done."
    back = endpoint.requests[-1].json()["messages"][-2]["tool_calls"][0]["function"]["arguments"]
    assert isinstance(json.loads(back), dict), "some servers parse what they are sent"


def test_a_call_that_was_cut_off_is_not_mended_into_another() -> None:
    cut = '{"name": "Bell Rock", "delete_all_but": ["Har'
    body = {
        "choices": [
            {
                "message": {"tool_calls": [{"function": {"name": "f", "arguments": cut}}]},
                "finish_reason": "length",
            }
        ]
    }
    reply = read_reply(openai.read, body, headers={}, date=0)
    assert (reply.stop, reply.tool_calls[0].arguments) == ("length", cut)


def test_a_schema_answered_as_a_call_of_litellms_tool_is_text() -> None:
    def used(name: str) -> dict[str, Any]:
        return {"type": "tool_use", "id": name, "name": name, "input": {"a": 1}}

    body = {"type": "message", "content": [used("json_tool_call"), used("mine")]}
    reply = read_reply(anthropic.read, body, headers={}, date=0)
    assert reply.text == '{"a": 1}'
    assert [call.name for call in reply.tool_calls] == ["mine"]


@given(st.one_of(st.text(), st.none(), st.dictionaries(st.text(), st.integers())))
def test_any_arguments_can_be_sent_back(written: Any) -> None:
    call = ToolCall(id="1", name="f", arguments=arguments_text(written))
    sent = openai.message_of(Message(role="assistant", content="", tool_calls=(call,)))
    arguments = json.loads(sent["tool_calls"][0]["function"]["arguments"])
    assert isinstance(arguments, dict)
    if isinstance(written, dict):
        assert arguments == written
    if UNREADABLE in arguments:
        assert arguments[UNREADABLE] == written


class Height(BaseModel):
    metres: int


@pytest.mark.parametrize(("name", "beside"), [("openai/any", True), ("hosted_vllm/any", False)])
async def test_a_schema_goes_along_with_tools_where_the_two_get_on(
    name: str, beside: bool, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    def decide(got: Received) -> Answer:
        if b"it has 35 metres" in got.body:
            return Answer(body=completion(got, '{"metres": 35}'))
        return look_then_tell(got)

    endpoint.decide = decide
    client = AsAutogen(ours(name, endpoint.url, transport, structured=True))
    agent = AssistantAgent("h", model_client=client, tools=[height_of], output_content_type=Height)
    said = await agent.run(task="How high is Bell Rock?")
    assert getattr(said.messages[-1], "content", None) == Height(metres=35)
    sent = ["response_format" in got.json() for got in endpoint.requests]
    assert sent == [beside, True]


async def test_tools_go_through_an_autogen_client_and_back() -> None:
    script = ScriptedModel([ChatReply(text="", tool_calls=(CALL,), tokens_in=9, tokens_out=4)])
    messages = (
        Message(role="user", content="How high?"),
        Message(role="assistant", content="Wait.", tool_calls=(CALL,)),
        Message(role="tool", content="35", tool_call_id="c1"),
    )
    asked = request(messages=messages, tools=(SPEC,), tool_choice="required")
    reply = await FromAutogen(AsAutogen(script), name="mine").complete(asked)
    assert reply == ChatReply(text="", tool_calls=(CALL,), tokens_in=9, tokens_out=4)
    sent = script.requests[0]
    assert (sent.messages, sent.tools, sent.tool_choice) == (messages, (SPEC,), "required")


async def test_a_tool_chosen_by_name_is_the_only_one_an_autogen_client_gets() -> None:
    script = ScriptedModel([ChatReply(text="", tool_calls=(CALL,))])
    asked = request(tools=(SPEC, ToolSpec(name="other")), tool_choice="height_of")
    await FromAutogen(AsAutogen(script), name="mine").complete(asked)
    assert (script.requests[0].tools, script.requests[0].tool_choice) == ((SPEC,), "required")


async def test_a_tool_object_can_be_chosen() -> None:
    script = ScriptedModel([ChatReply(text="", tool_calls=(CALL,))])
    tool = FunctionTool(height_of, description="Height.")
    made = await AsAutogen(script).create([], tools=[tool], tool_choice=tool)
    assert made.finish_reason == "function_calls"
    assert script.requests[0].tool_choice == "height_of"


async def test_who_calls_no_tools_says_so(endpoint: Endpoint, transport: Transport) -> None:
    offline = AsAutogen(OfflineModel())
    assert not offline.model_info["function_calling"]
    with pytest.raises(UserError, match="give that agent another model"):
        await offline.create([], tools=[SPEC.model_dump()])  # type: ignore[list-item]
    with pytest.raises(ModelError, match="'mine' takes no tools"):
        await FromAutogen(offline, name="mine").complete(request(tools=(SPEC,)))


async def test_ollamas_older_name_means_its_chat(
    endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    for name in ("ollama/any", "ollama_chat/any"):
        await ours(name, endpoint.url, transport).complete(request(tools=(SPEC,)))
    older, newer = endpoint.requests
    assert (older.path, older.body) == (newer.path, newer.body)


async def test_a_package_that_litellm_lacks_is_named_with_the_fix(
    endpoint: Endpoint, canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def acompletion(**_: object) -> object:
        try:
            return importlib.import_module("no_such_package.inside")
        except ModuleNotFoundError as error:
            raise RuntimeError("from deep inside") from error

    monkeypatch.setattr(import_litellm(), "acompletion", acompletion)
    with pytest.raises(ModelError, match="pip install no_such_package"):
        await theirs("openai/any", endpoint.url).complete(request(tools=(SPEC,)))


def test_a_tools_name_fits_every_provider() -> None:
    with pytest.raises(ValidationError):
        ToolSpec(name="search the web")


async def test_a_tool_that_no_provider_takes_is_named() -> None:
    tool = FunctionTool(height_of, description="Height.", name="height.of")
    with pytest.raises(ModelError, match=r"tool 'height\.of': name"):
        await AsAutogen(ScriptedModel([])).create([], tools=[tool])


def test_tools_are_part_of_what_is_asked_and_their_absence_changes_no_hash() -> None:
    def plain(**changes: Any) -> ChatRequest:
        told = (Message(role="user", content="When?"),)
        fields = {"role": "answerer", "prompt": "answerer@1", "messages": told}
        return ChatRequest.model_validate(fields | changes)

    result = Message(role="tool", content="When?", tool_call_id="c1")
    asked = [plain(), plain(tools=(SPEC,)), plain(tools=(SPEC,), tool_choice="none")]
    asked += [plain(messages=(result,))]
    hashes = [request_hash("m", one) for one in asked]
    assert len(set(hashes)) == 4
    assert hashes[0] == "6df66535e72d104af04a", "stored calls of older versions are found"
