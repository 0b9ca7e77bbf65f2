"""What an utterance asks is read off its question words, however it is led up to."""

import pytest

from colloquia.language.asking.questions import (
    AskedFor,
    asked_for,
    asking_sentences,
    bare_question,
    separate_questions,
    weighty_words,
)


@pytest.mark.parametrize(
    ("said", "bare", "wanted"),
    [
        ("Thanks, and when was it lit?", "when was it lit?", "when"),
        ("Do you know in what year it was lit?", "in what year it was lit?", "when"),
        ("So it is red, but where does it stand?", "where does it stand?", "where"),
        ("Of all, who built it?", "Of all, who built it?", None),  # it may be a relative clause
        ("Could you kindly tell me how many there are?", "how many there are?", "how_many"),
        ("I'm curious: what's the reason for it?", "what's the reason for it?", "why"),
        ("How far is the reef?", "How far is the reef?", "how_many"),
        ("How is it lit?", "How is it lit?", "how"),
        ("It burnt, which was sad, so what did they do?", "what did they do?", "what"),
        ("Any idea whether it is red?", "whether it is red?", "yes_no"),
        ("Okay, is it red?", "is it red?", "yes_no"),
        ("Tell me about the reef.", "about the reef.", None),
    ],
)
def test_the_bare_question_is_found(said: str, bare: str, wanted: AskedFor | None) -> None:
    found = bare_question(said)
    assert (found, asked_for(found)) == (bare, wanted)


def test_a_remark_asks_nothing() -> None:
    said = "Thanks, that helps. What a tower! Now tell me about the lamp. Is it lit?"
    assert asking_sentences(said) == ("Now tell me about the lamp.", "Is it lit?")


@pytest.mark.parametrize("aside", ["Really?", "May I ask something?", "So it is red?", "By ship?"])
def test_an_aside_is_no_question_of_its_own(aside: str) -> None:
    assert separate_questions(f"{aside} How did the keepers get there?") == (
        "How did the keepers get there?",
    )


def test_what_the_question_word_asks_for_carries_no_weight_of_its_own() -> None:
    assert weighty_words("in what year was the lamp lit") == ("lamp", "lit")
    assert weighty_words("how many lamps were lit in a year") == ("lamps", "lit", "year")
