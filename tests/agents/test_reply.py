"""Replies are read as models really write them, and named as what they are where they don't fit."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from colloquia.agents.reply import PlainRefusal, parse_reply, text_to_read
from colloquia.core.roles import (
    AnswererReply,
    CriticReply,
    JointReply,
    JointReview,
    PlannerReply,
    RefusalReply,
)
from colloquia.core.text import clean_value
from colloquia.core.types import ModelCall, Verdict

GOOD = '{"answer": "In 1851.", "quotes": ["1851"], "declined": false}'
SCORES = '"helpful": 1, "clear": 1'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here you are:\n{GOOD}\nI hope that helps!",
        f"As {{topic}} goes: {GOOD}<|im_end|>",
        '{"answer": "In 1851.", "quotes": ["1851",], "declined": false,}',
        "{'answer': 'In 1851.', 'quotes': ['1851'], 'declined': False}",
        '{"answer": "In 1851.", "quotes": ["1851"], "declined": false',
        f"[{GOOD}]",
        f'{{"answer": "Long ago.", "quotes": []}}\nNo, better:\n{GOOD}',
        '{"answer": "In 1851.", "quotes": "1851", "declined": "no"}',
        '{"answer": "In 1851.", "quotes": ["1851", null], "declined": null}',
        '{"Answer": "In 1851.", "QUOTES": ["1851"], "Declined": "False"}',
        '{"answer": "In 1851.", "quotes": ["1851"], "confidence": 0.9, "sources": [{"a": 1}]}',
        '{"answer": "In 1851.", "Answer": "Long ago.", "quotes": ["1851"]}',
    ],
)
def test_json_in_its_everyday_forms_is_understood(text: str) -> None:
    expected = AnswererReply(answer="In 1851.", quotes=("1851",), declined=False)
    assert parse_reply(text, AnswererReply) == expected


@pytest.mark.parametrize("quotes", ['""', "null", "[]", "[null]"])
def test_no_quote_is_said_in_several_ways(quotes: str) -> None:
    reply = parse_reply(f'{{"answer": "No.", "quotes": {quotes}}}', AnswererReply)
    assert reply.quotes == ()


@pytest.mark.parametrize("score", ['"0.9"', "0.9", '" .9 "', '"0.90"'])
def test_a_number_may_stand_in_a_string(score: str) -> None:
    assert parse_reply(f'{{"grounded": {score}, {SCORES}}}', CriticReply).grounded == 0.9


@pytest.mark.parametrize(
    "score", ['"8/10"', "8", '"90%"', "true", '"true"', '"high"', "NaN", "null"]
)
def test_a_score_that_is_none_is_never_guessed(score: str) -> None:
    with pytest.raises(ValueError, match=r'^"grounded" must be a number from 0 to 1$'):
        parse_reply(f'{{"grounded": {score}, {SCORES}}}', CriticReply)


def test_a_missing_score_is_an_error_and_never_a_zero() -> None:
    with pytest.raises(ValueError, match=r'^"grounded" is missing$'):
        parse_reply(f"{{{SCORES}}}", CriticReply)


def test_words_and_keys_may_be_written_in_other_case() -> None:
    reply = parse_reply('{"Snippet answers": "Yes", "LABEL": "Answered."}', RefusalReply)
    assert (reply.snippet_answers, reply.label) == (True, "answered")


def test_the_parts_of_a_reply_are_read_as_kindly_as_the_whole() -> None:
    reply = parse_reply(
        '{"difficulty": "0.4", "exchanges": {"kind": "How many", "aim": "a", "note": 1}}',
        PlannerReply,
    )
    assert [(exchange.kind, exchange.aim) for exchange in reply.exchanges] == [("how_many", "a")]


def test_names_that_anyone_may_choose_are_left_alone() -> None:
    reply = parse_reply('{"decision": "accept", "scores": {"Tone": "0.5"}, "label": null}', Verdict)
    assert reply == Verdict(decision="accept", scores={"Tone": 0.5})


class Graded(BaseModel):
    """A reply of a user's, who closes nothing."""

    model_config = ConfigDict(populate_by_name=True)

    marks: int | None = Field(ge=1, le=5, alias="grade")
    when: str = Field(default="", pattern="^[0-9]*$")
    inner: "Graded | None" = None


@pytest.mark.parametrize(
    ("text", "marks"), [('{"grade": "4"}', 4), ('{"marks": 4.0}', 4), ('{"Grade": null}', None)]
)
def test_a_type_of_the_users_own_is_read_by_its_own_rules(text: str, marks: int | None) -> None:
    assert parse_reply(text, Graded).marks == marks


@pytest.mark.parametrize(
    ("text", "reply_type", "problem"),
    [
        ("[1, 2]", AnswererReply, "the reply must be one JSON object, and nothing else"),
        ("42", AnswererReply, "the reply must be one JSON object, and nothing else"),
        ('{"quotes": []}', AnswererReply, '"answer" is missing'),
        ('{"answer": ""}', AnswererReply, '"answer" must be a string that isn\'t empty'),
        ('{"answer": "x", "quotes": 3}', AnswererReply, '"quotes[0]" must be a string'),
        ('{"answer": "x", "declined": "maybe"}', AnswererReply, '"declined" must be true or false'),
        (
            '{"decision": "fine", "scores": 5}',
            Verdict,
            '"decision" must be "accept", "revise" or "reject"; "scores" must be a JSON object',
        ),
        ('{"decision": "accept", "label": 3}', Verdict, '"label" must be a string or null'),
        (
            '{"difficulty": 0.1, "exchanges": []}',
            PlannerReply,
            '"exchanges" must be a list of objects that isn\'t empty',
        ),
        (
            '{"difficulty": 2, "exchanges": [{"kind": "when", "aim": "a"}, {"kind": "when"}]}',
            PlannerReply,
            '"difficulty" must be a number from 0 to 1; "exchanges[1].aim" is missing',
        ),
        ('{"grade": 9}', Graded, '"grade" must be a whole number from 1 to 5 or null'),
        (
            '{"grade": 1, "inner": {"grade": "x"}}',
            Graded,
            '"inner.grade" must be a whole number from 1 to 5 or null',
        ),
    ],
)
def test_what_does_not_fit_is_named_in_the_words_of_json(
    text: str, reply_type: type[BaseModel], problem: str
) -> None:
    with pytest.raises(ValueError) as failed:
        parse_reply(text, reply_type)
    assert str(failed.value) == problem


def test_what_no_words_are_kept_for_is_told_as_it_was_found() -> None:
    with pytest.raises(ValueError, match=r'^"when": String should match pattern'):
        parse_reply('{"grade": 1, "when": "x"}', Graded)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with this request.",
        "I cannot fulfill this request.",
        "Sorry, I'm unable to provide that.",
        "As an AI language model, I cannot write this.",
        "I must decline.",
        "I can't do that.",
        "Unfortunately, I won’t be able to help with this.",
        "Sorry, can't help with that.",
    ],
)
def test_a_plain_refusal_is_named_as_one(text: str) -> None:
    with pytest.raises(PlainRefusal, match=r"^the reply is a refusal and holds no JSON object$"):
        parse_reply(text, CriticReply)


@pytest.mark.parametrize(
    "text",
    ["Visitors can't continue from there.", "I'm sorry, but the passage doesn't say.", "In 1851."],
)
def test_prose_is_named_as_prose_and_not_as_a_refusal(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^the reply is prose and holds no JSON object$"
    ) as failed:
        parse_reply(text, AnswererReply)
    assert not isinstance(failed.value, PlainRefusal)


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "search", "arguments": {"q": "x"}}\n</tool_call>',
        '[TOOL_CALLS][{"name": "search", "arguments": {}}]',
        '{"name": "search", "parameters": {"q": "x"}}',
        "<function=search><parameter=q>x</parameter></function>",
        '<|channel|>commentary to=functions.search <|constrain|>json<|message|>{"q": 1}<|call|>',
    ],
)
def test_a_tool_call_in_words_is_named_as_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"^the reply calls a tool, and there is none$"):
        parse_reply(text, AnswererReply)


def test_an_answer_about_tool_calls_is_no_tool_call() -> None:
    reply = parse_reply('{"answer": "It writes <tool_call> first."}', AnswererReply)
    assert reply.answer == "It writes <tool_call> first."
    with pytest.raises(ValueError, match='"quotes'):
        parse_reply('{"answer": "It writes <tool_call>.", "quotes": 3}', AnswererReply)


def call(**fields: Any) -> ModelCall:
    named = dict.fromkeys(
        ("id", "dialogue_id", "place", "role", "model", "prompt", "request_hash"), "x"
    )
    return ModelCall.model_validate(named | {"stop": "stop"} | fields)


TOOL_CALLS = ({"id": "1", "name": "search", "arguments": "{}"},)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"reply": ""}, "the reply is empty"),
        ({"reply": None}, "the reply is empty"),
        ({"reply": " \n"}, "the reply is empty"),
        ({"reply": "", "thought": "Hm."}, "the reply is all reasoning and no answer"),
        ({"reply": "<think>Hm."}, "the reply is all reasoning and no answer"),
        ({"reply": "<think>Hm.</think>\n"}, "the reply is all reasoning and no answer"),
        (
            {"reply": "Let me look.", "tool_calls": TOOL_CALLS},
            'the reply calls a tool, "search", and there is none',
        ),
        (
            {"reply": "", "thought": "Hm.<|channel|>commentary to=functions.search<|message|>{}"},
            "the reply calls a tool, and there is none",
        ),
        ({"reply": "{", "stop": "length"}, "the reply was cut off; answer more briefly"),
        (
            {"reply": "<think>Hm.", "stop": "length"},
            "the reply was cut off within its reasoning, before any answer; answer more briefly",
        ),
    ],
)
def test_a_reply_that_says_nothing_is_named_by_what_came_instead(
    fields: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError) as failed:
        text_to_read(call(**fields))
    assert str(failed.value) == problem


def test_a_thought_in_the_text_of_a_users_own_model_is_not_read() -> None:
    assert text_to_read(call(reply=f"Perhaps {{}}?</think>{GOOD}")) == GOOD


def test_an_answer_beside_a_tool_call_is_read() -> None:
    assert text_to_read(call(reply=GOOD, tool_calls=TOOL_CALLS)) == GOOD


def test_control_characters_and_lone_surrogates_do_not_get_past() -> None:
    reply = parse_reply('{"answer": "In\\u001b[31m 1851\\u0000\\ud800."}', AnswererReply)
    assert reply.answer == "In 1851\ufffd."


KEYS = st.sampled_from(
    ["answer", "Answer", "quotes", "declined", "exchanges", "kind", "scores", ""]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
)


@given(ANYTHING.map(json.dumps) | st.text())
def test_whatever_a_model_says_is_a_reply_or_one_line_of_what_is_wrong(text: str) -> None:
    for reply_type in (AnswererReply, PlannerReply, Verdict, Graded):
        try:
            parse_reply(text, reply_type)
        except ValueError as error:
            assert "\n" not in str(error) and "pydantic" not in str(error), str(error)


@pytest.mark.parametrize("text", ['{"a":' * 5000, "{ " * 2000, '{"a":' * 40 + "1" + "}" * 40])
def test_what_is_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_reply(text, AnswererReply)


@given(st.text(), st.lists(st.text()), st.booleans())
def test_a_reply_that_fits_is_taken_word_for_word(
    answer: str, quotes: list[str], declined: bool
) -> None:
    said = {"answer": answer, "quotes": quotes, "declined": declined}
    if clean := clean_value(said)["answer"]:
        read = parse_reply(json.dumps(said), AnswererReply)
        kept = tuple(clean_value(quotes))
        assert (read.answer, read.quotes, read.declined) == (clean, kept, declined)


REVIEW: dict[str, Any] = {
    "snippet_answers": True,
    "label": "answered",
    "grounded": 1,
    "helpful": 1,
    "clear": 1,
}


@pytest.mark.parametrize("said", [{"reviews": [REVIEW]}, [REVIEW], REVIEW, {"Reviews": REVIEW}])
def test_a_reply_that_is_one_list_may_be_said_without_its_name(said: object) -> None:
    assert parse_reply(json.dumps(said), JointReply) == JointReply(reviews=(JointReview(**REVIEW),))


def test_a_fault_within_a_list_is_told_alone() -> None:
    with pytest.raises(ValueError, match=r'^"reviews\[0\].grounded" must be a number from 0 to 1$'):
        parse_reply(json.dumps({"reviews": [REVIEW | {"grounded": "8/10"}]}), JointReply)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"answer": "a" * 20_001}),
        json.dumps({"answer": "Yes.", "quotes": ["a"] * 201}),
        json.dumps({"answer": "Yes.", "quotes": [["a" * 20_001]]}),
    ],
)
def test_what_no_role_would_need_is_asked_for_more_briefly(text: str) -> None:
    with pytest.raises(ValueError, match="answer more briefly"):
        parse_reply(text, AnswererReply)
