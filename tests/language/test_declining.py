"""Refusals are told from answers by their words."""

import pytest

from colloquia.language.declining import declines


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I don't know.",
        "I don’t know that, I'm afraid.",
        "I'm not sure about that, so I won't guess.",
        "I can't answer that from what I have.",
        "The passage doesn't say how long it is.",
        "No date is given for that. The lamp was lit.",
        "I cannot confirm that.",
        "I'm sorry. I do not have information about this.",
        "That isn't mentioned.",
        "We aren't told when, only that it was lit.",
        "I know that the lamp was lit, but not when.",
        "The question takes the fire for granted; I can't.",
        "The year I have isn't 1797 but 1799. The stone was found in July 1799.",
        "You say nine, but what I have is seven: there were seven bridges.",
    ],
)
def test_a_refusal_is_seen(text: str) -> None:
    assert declines(text)


@pytest.mark.parametrize(
    "text",
    [
        "It was lit in 1851.",
        "No, it was lit in 1851.",
        "No keeper stayed longer than he did.",
        "Nobody knew why the lamp went out.",
        "The keeper didn't know that the lamp was out.",
        "The lamp was not lit until 1851.",
        "He said: you can't tell a lamp by its light.",
        "It was lit in 1851. The keeper was Tom. I don't know more.",
    ],
)
def test_an_answer_is_none(text: str) -> None:
    assert not declines(text)
