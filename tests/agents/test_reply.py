"""Replies are read as models really write them, and refused where they don't fit."""

import pytest

from colloquia.agents.reply import parse_reply
from colloquia.core.roles import AnswererReply, CriticReply

GOOD = '{"answer": "In 1851.", "quotes": ["1851"], "declined": false}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Here you are:\n{GOOD}\nI hope that helps!",
        '{"answer": "In 1851.", "quotes": ["1851",], "declined": false,}',
        "{'answer': 'In 1851.', 'quotes': ['1851'], 'declined': False}",
        '{"answer": "In 1851.", "quotes": ["1851"], "declined": false',
    ],
)
def test_json_in_its_everyday_forms_is_understood(text: str) -> None:
    expected = AnswererReply(answer="In 1851.", quotes=("1851",), declined=False)
    assert parse_reply(text, AnswererReply) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no JSON object"),
        ("I can't do that.", "holds no JSON object"),
        ("[1, 2]", "Input should be"),
        ('{"quotes": []}', "answer: Field required"),
        ('{"answer": ""}', "answer: String should have at least 1 character"),
        ('{"answer": "x", "confidence": 1}', "confidence: Extra inputs"),
    ],
)
def test_what_does_not_fit_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_reply(text, AnswererReply)


def test_a_critic_without_a_score_is_an_error_and_never_a_zero() -> None:
    with pytest.raises(ValueError, match="grounded: Field required"):
        parse_reply('{"helpful": 1, "clear": 1}', CriticReply)


def test_control_characters_and_lone_surrogates_do_not_get_past() -> None:
    reply = parse_reply('{"answer": "In\\u001b[31m 1851\\u0000\\ud800."}', AnswererReply)
    assert reply.answer == "In 1851\ufffd."
