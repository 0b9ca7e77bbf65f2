"""The student is asked in the words it was trained on, and its plain answer is read by rule."""

from typing import Any

import pytest

from colloquia.authoring.prompts.rendered import RenderedBefore
from colloquia.core.roles import AnswererInput, Line, Passage
from colloquia.core.types import Message, ModelCall
from colloquia.corpus.rows import OPEN_CONTEXT
from colloquia.rounds.student_answerer import NO_ANSWER, StudentAnswerer

PASSAGE = Passage(title="Canal", text="Work began in 1881. The locks are three. It rained a lot.")


def call(reply: str, stop: Any = "stop") -> ModelCall:
    return ModelCall(
        id="call1_x", dialogue_id="d", place="1", role="answerer", model="m", prompt="p",
        request_hash="h", messages=(), reply=reply, stop=stop, tokens_in=1, tokens_out=1,
        cost_usd=0.0, latency_s=0.0,
    )  # fmt: skip


def brief(question: str | None = "When did work begin?") -> AnswererInput:
    lines = (
        Line(speaker="questioner", text="What is it?"),
        Line(speaker="answerer", text="Water."),
    )
    return AnswererInput(snippet=PASSAGE, question=question, transcript=lines if question else ())


@pytest.mark.parametrize("context", ["open", "closed"])
def test_it_sees_a_row_of_its_corpus(context: Any) -> None:
    told = StudentAnswerer(context=context).render(brief(), {}, before=RenderedBefore())
    passage = Message(role="system", content=f"{OPEN_CONTEXT}Canal\n\n{PASSAGE.text}")
    chat = [("user", "What is it?"), ("assistant", "Water."), ("user", "When did work begin?")]
    assert [(one.role, one.content) for one in told[-3:]] == chat
    assert told[:-3] == ((passage,) if context == "open" else ())


def test_the_foundation_is_asked_for_as_a_question() -> None:
    told = StudentAnswerer(context="closed").render(brief(None), {}, before=RenderedBefore())
    assert [one.content for one in told] == ["Can you give me the basics of Canal?"]


def test_its_quote_is_the_sentence_that_bears_it_out() -> None:
    reply = StudentAnswerer(context="open").read_reply(call("They began work in 1881."), brief())
    assert (reply.quotes, reply.declined) == (("Work began in 1881.",), False)


def test_declining_needs_no_quote() -> None:
    reply = StudentAnswerer(context="open").read_reply(call("I don't know when."), brief())
    assert (reply.quotes, reply.declined) == ((), True)


@pytest.mark.parametrize("said", [call("  "), call("Work began in 1881", stop="length")])
def test_nothing_and_half_an_answer_stand_for_none(said: ModelCall) -> None:
    reply = StudentAnswerer(context="open").read_reply(said, brief())
    assert (reply.answer, reply.quotes, reply.declined) == (NO_ANSWER, (), False)
