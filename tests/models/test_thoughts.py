"""What a model thinks aloud is taken apart from its answer, in every format's own marks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.servers.endpoint import Answer, Endpoint, completion
from colloquia.core.ports import ChatReply
from colloquia.models.autogen_client import AsAutogen, FromAutogen
from colloquia.models.scripted import ScriptedModel
from colloquia.models.wire.shapes import openai
from colloquia.models.wire.thoughts import thought_apart
from colloquia.models.wire.transport import Transport
from tests.models.parts import request
from tests.models.routes import ours

SAID = '{"answer": "In 1851.", "quotes": ["in 1851"]}'
DRAFT = '{"answer": "In 1815.", "quotes": []}'
FORMATS = {
    "Qwen, DeepSeek": f"<think>\nHm.\n</think>\n\n{SAID}",
    "its beginning in the chat template": f"Hm.\n</think>\n\n{SAID}",
    "Gemini": f"<thought>Hm.</thought>{SAID}",
    "Seed-OSS": f"<seed:think>Hm.</seed:think>{SAID}",
    "Magistral": f"[THINK]Hm.[/THINK]{SAID}",
    "Kimi": f"◁think▷Hm.◁/think▷{SAID}",
    "Cohere": (
        "<|START_THINKING|>Hm.<|END_THINKING|>" + f"<|START_RESPONSE|>{SAID}<|END_RESPONSE|>"
    ),
    "Gemma 4": f"<|channel>thought\nHm.<channel|>{SAID}",
    "gpt-oss": (
        "<|channel|>analysis<|message|>Hm.<|end|>"
        f"<|start|>assistant<|channel|>final<|message|>{SAID}<|return|>"
    ),
    "gpt-oss, its answer held to JSON": (
        "<|channel|>analysis<|message|>Hm.<|end|>"
        f"<|start|>assistant<|channel|>final <|constrain|>json<|message|>{SAID}"
    ),
    "gpt-oss, control tokens left out": f"analysisHm.assistantfinal{SAID}",
}


@pytest.mark.parametrize("text", FORMATS.values(), ids=FORMATS)
def test_thought_and_answer_are_taken_apart(text: str) -> None:
    parted = thought_apart(text)
    assert parted is not None
    assert (parted.thought, parted.answer) == ("Hm.", SAID)


@pytest.mark.parametrize(
    "text",
    [
        f"<think>Perhaps {DRAFT}?</think>{SAID}",
        f"{DRAFT}\nNo, the year is wrong.\n</think>\n{SAID}",
        f"<think>Hm.</think>{DRAFT}<think>No.</think>{SAID}",
    ],
)
def test_a_draft_inside_a_thought_is_no_answer(text: str) -> None:
    parted = thought_apart(text)
    assert parted is not None
    assert parted.answer == SAID


def test_of_several_ends_the_last_one_counts() -> None:
    parted = thought_apart("<think>I write </think> when I am done. Now.</think>In 1851.")
    assert parted is not None
    assert parted.answer == "In 1851."


@pytest.mark.parametrize("text", ["<think>Hm. And then", "[THINK]Hm.", "analysisHm. We need"])
def test_a_thought_that_never_ends_leaves_no_answer(text: str) -> None:
    parted = thought_apart(text)
    assert parted is not None
    assert "Hm." in parted.thought
    assert parted.answer == ""


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        '{"answer": "The tag </think> ends it."}',
        "analysis of it",
        "Use <think> for that.",
        "",
    ],
)
def test_a_text_without_a_thought_stays_as_it_is(text: str) -> None:
    assert thought_apart(text) is None


def test_an_end_inside_the_answers_json_ends_nothing() -> None:
    said = '{"answer": "The tag </think> ends it."}'
    parted = thought_apart(f"<think>Hm.</think>{said}")
    assert parted is not None
    assert parted.answer == said


@given(st.text(), st.text())
def test_whatever_is_thought_the_answer_comes_out_whole(thought: str, said: str) -> None:
    answer = json.dumps({"answer": said})
    parted = thought_apart(f"<think>{thought}</think>{answer}")
    assert parted is not None
    assert json.loads(parted.answer) == {"answer": said}


@pytest.mark.parametrize("name", ["openai/any", "ollama_chat/any", "anthropic/claude-sonnet-4-5"])
@pytest.mark.parametrize("text", FORMATS.values(), ids=FORMATS)
async def test_a_servers_reply_comes_apart(
    name: str, text: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    endpoint.decide = lambda got: Answer(body=completion(got, text))
    reply = await ours(name, endpoint.url, transport).complete(request())
    assert (reply.thought, reply.text) == ("Hm.", SAID)


def test_a_thought_among_the_parts_of_an_answer_is_kept() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
        {"type": "text", "text": SAID},
    ]
    reply = openai.read({"choices": [{"message": {"content": parts}}]})
    assert (reply.thought, reply.text) == ("Hm.", SAID)


async def test_a_thought_from_an_autogen_client_comes_apart() -> None:
    client = AsAutogen(ScriptedModel([ChatReply(text=f"Hm.</think>{SAID}")]))
    reply = await FromAutogen(client, name="mine").complete(request())
    assert (reply.thought, reply.text) == ("Hm.", SAID)
