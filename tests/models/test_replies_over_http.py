"""Replies on the whole way from a server to an agent: taken, mended, or the end of a dialogue."""

import json
from typing import Any

import pytest
from stage import SNIPPET

from benchmarks.servers.endpoint import Answer, Endpoint, completion
from colloquia.agents.answerer import Answerer
from colloquia.agents.base import Bindings, CallSite, TypedReply
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import DialogueFailure
from colloquia.core.recipe import ModelSettings
from colloquia.core.roles import AnswererInput, AnswererReply, Passage
from colloquia.core.types import ModelCall
from colloquia.models.ledger.ledger import Ledger
from colloquia.models.wire.transport import Transport
from tests.models.routes import ours

QUOTE = "built in 1851 on a chalk cliff"
GOOD = {"answer": "In 1851.", "quotes": [QUOTE]}


class Rows:
    """A call store that keeps everything."""

    def __init__(self) -> None:
        self.calls_made: list[ModelCall] = []

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        return self.calls_made

    async def record(self, call: ModelCall) -> None:
        self.calls_made.append(call)


async def answered(
    endpoint: Endpoint, transport: Transport, name: str, *said: dict[str, Any]
) -> tuple[TypedReply[AnswererReply], list[ModelCall]]:
    """Ask an answerer whose server says these in turn, and the last of them for ever."""
    left = list(said)

    def decide(got: Any) -> Answer:
        fields = left.pop(0) if len(left) > 1 else left[0]
        return Answer(body=completion(got, **fields))

    endpoint.decide = decide
    model = ours(name, endpoint.url, transport)
    answerer = Answerer().bind(
        Bindings(
            model=lambda settings: model,
            settings=lambda role, model: ModelSettings(model=name),
            template=PromptLibrary.load().__getitem__,
        )
    )
    rows = Rows()
    site = CallSite(
        ledger=Ledger(dialogue_id="d", known=(), store=rows, limit=9), place="1", seed=0
    )
    brief = AnswererInput(snippet=Passage(text=SNIPPET.text), question="When was it built?")
    return await answerer.ask(brief, site=site), rows.calls_made


@pytest.mark.parametrize("name", ["openai/any", "anthropic/claude-sonnet-4-5", "ollama_chat/any"])
@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD | {"quotes": QUOTE, "confidence": "high"}),
        json.dumps(GOOD | {"quotes": [f'"{QUOTE}"']}),
        json.dumps(GOOD | {"quotes": [f"“…{QUOTE} […]”"]}),
        f'Perhaps {{"answer": "In 1815."}}?\n</think>\n\n```json\n{json.dumps([GOOD])}\n```',
    ],
)
async def test_what_is_only_a_matter_of_form_costs_no_second_call(
    name: str, text: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    asked, _ = await answered(endpoint, transport, name, {"text": text})
    assert asked.reply == AnswererReply.model_validate(GOOD)
    assert endpoint.seen == 1


CALL = [("search", {"query": "Harrow"})]
REFUSAL = "I'm sorry, but I can't help with that."
UNUSABLE: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "refusal": (
        {"text": REFUSAL},
        "refused",
        "the reply is a refusal and holds no JSON object",
        f"; the last begins: {REFUSAL}",
    ),
    "prose": (
        {"text": "It was built\nin 1851."},
        "content",
        "the reply is prose and holds no JSON object",
        "; the last begins: It was built in 1851.",
    ),
    "reasoning": (
        {"text": "", "thought": "The year is " + "easy " * 30},
        "content",
        "the reply is all reasoning and no answer",
        "; the last begins: The year is " + "easy " * 13 + "ea…",
    ),
    "reasoning in the text": (
        {"text": "<think>The year is easy."},
        "content",
        "the reply is all reasoning and no answer",
        "; the last begins: The year is easy.",
    ),
    "cut": (
        {"text": "<think>The year", "stop": "length"},
        "content",
        "the reply was cut off within its reasoning, before any answer; answer more briefly",
        ", or raise its max_tokens; the last begins: The year",
    ),
    "tool": (
        {"text": "", "calls": CALL},
        "content",
        'the reply calls a tool, "search", and there is none',
        "",
    ),
    "empty": ({"text": ""}, "content", "the reply is empty", ""),
    "type": (
        {"text": '{"answer": 1851}'},
        "content",
        '"answer" must be a string that isn\'t empty',
        '; the last begins: {"answer": 1851}',
    ),
}


@pytest.mark.parametrize("which", UNUSABLE)
@pytest.mark.parametrize("name", ["openai/any", "anthropic/claude-sonnet-4-5", "ollama_chat/any"])
async def test_an_unusable_reply_is_told_to_the_model_and_to_who_reads_the_failure(
    name: str, which: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    said, cause, problem, tail = UNUSABLE[which]
    with pytest.raises(DialogueFailure) as failed:
        await answered(endpoint, transport, name, said)
    assert failed.value.cause == cause
    assert str(failed.value) == f"answerer: no usable reply after 2 repairs: {problem}{tail}"
    told = json.dumps(endpoint.requests[-1].json(), ensure_ascii=False)
    assert json.dumps(f"That reply can't be used: {problem}.")[1:-1] in told
    assert endpoint.seen == 3


@pytest.mark.parametrize("which", UNUSABLE)
async def test_a_model_may_mend_it(
    which: str, endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    said = (UNUSABLE[which][0], {"text": json.dumps(GOOD)})
    asked, calls = await answered(endpoint, transport, "openai/any", *said)
    assert asked.reply.answer == "In 1851."
    assert [call.place for call in calls] == ["1", "1.repair1"]


async def test_the_ledger_keeps_what_came_instead_of_an_answer(
    endpoint: Endpoint, transport: Transport, canary: str
) -> None:
    good = {"text": json.dumps(GOOD)}
    for said, kept in (
        ({"text": "<think>Easy."}, ("", "Easy.", ())),
        ({"text": "", "calls": CALL}, ("", None, ("search",))),
        ({"text": REFUSAL}, (REFUSAL, None, ())),
    ):
        _, calls = await answered(endpoint, transport, "openai/any", said, good)
        first = calls[0]
        assert (first.reply, first.thought, tuple(c.name for c in first.tool_calls)) == kept
