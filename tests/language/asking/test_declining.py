"""Refusals are told from answers by their words."""

import pytest

from colloquia.language.asking.declining import corrects, declines


@pytest.mark.parametrize(
    "text",
    [
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
        "I'd only be guessing if I told you when it was lit.",
        "Whether it was lit is something I don't know.",
    ],
)
def test_a_refusal_is_seen(text: str) -> None:
    assert declines(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It was lit in 1851.",
        "No, it was lit in 1851.",
        "No keeper stayed longer than he did.",
        "Nobody knew why the lamp went out.",
        "The keeper didn't know that the lamp was out.",
        "The lamp was not lit until 1851.",
        "He said: you can't tell a lamp by its light.",
        "It was lit in 1851. The keeper was Tom. I don't know more.",
        "That isn't quite right. It was lit in 1851.",
        "There's a mix-up there. It was lit in 1851.",
        "The valve is left open overnight.",
        "Children aren't given aspirin.",
        "The winner wasn't named until 1920.",
        "No time is lost between the two.",
        "The source does not contain lead.",
        "The wrecks aren't known to have held gold.",
    ],
)
def test_an_answer_is_none(text: str) -> None:
    assert not declines(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("That isn't quite right. It was lit in 1851.", True),
        ("That isn’t the case. It was lit in 1851.", True),
        ("It was lit in 1851. That isn't quite right, some say.", False),
        ("Not quite a mile.", False),
        ("I don't know when it was lit.", False),
        ("", False),
    ],
)
def test_a_correction_is_told_by_how_it_opens(text: str, said: bool) -> None:
    assert corrects(text) is said
