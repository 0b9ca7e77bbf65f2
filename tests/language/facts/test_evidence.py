"""The graded evidence score ranks what a passage backs above what it doesn't."""

import pytest

from colloquia.language.facts.evidence import backing, evidence_score

PASSAGE = (
    "The Harrow lighthouse was built in 1851 by Ada Marsh for the United States. Its lamp, which "
    "burns whale oil, can be seen from 18 miles away. It does not turn."
)
FAITHFUL = "The lighthouse was built by Ada Marsh in 1851."


def grade(answer: str, question: str = "") -> float:
    return evidence_score(answer, passage=PASSAGE, question=question)


def test_a_passage_backs_what_it_says_and_not_what_it_does_not() -> None:
    assert grade(FAITHFUL) > 0.8
    assert grade("Lenses in France were ground from Venetian crystal.") < 0.2


@pytest.mark.parametrize(
    "worse",
    [
        "The lighthouse was built by Ada Marsh in 1862.",
        "The lighthouse was built by Ben Holt in 1851.",
        "The lighthouse was not built by Ada Marsh in 1851.",
        "The lighthouse was built by Ada Marsh in 1851. It is magnificent.",
        "I love how the lighthouse was built by Ada Marsh in 1851.",
        "The lighthouse was built by Ada Marsh in 1851 and my uncle painted it.",
    ],
)
def test_every_flaw_lowers_the_grade(worse: str) -> None:
    assert grade(worse) < grade(FAITHFUL) - 0.03


@pytest.mark.parametrize(
    "talk",
    [
        "I'm not sure, but {}",
        "Yes, indeed. {}",
        "I don't know. {}",
        "I do. {}",
        "I have not, but {}",
        "{} What do you think about it?",
        "{} Do you like that?",
    ],
)
def test_talk_around_a_claim_counts_for_nothing(talk: str) -> None:
    spoken = backing(talk.format(FAITHFUL), passage=PASSAGE)
    assert (spoken.speaker, spoken.lost) == (0, 0)
    assert spoken.score == pytest.approx(grade(FAITHFUL), abs=0.05)


def test_what_a_question_takes_for_known_is_a_claim() -> None:
    assert backing("Do you know that it was built in Norway?", passage=PASSAGE).lost == 1
    assert backing("Have you been to Norway?", passage=PASSAGE).lost == 0


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("It costs 200 crowns.", "The fare is two hundred crowns; it costs no more."),
        ("It costs 1,260 crowns.", "It costs 1 260 crowns."),
        ("It costs over 8.5 million crowns.", "It costs 8,537,673 crowns."),
        ("It is the colour of the centre.", "It is the color of the center."),
        ("They organised it.", "They organize it."),
        ("It stands in the US.", "It stands in the United States."),
        ("The settlement was governed.", "A government settled it."),
    ],
)
def test_another_form_of_a_word_or_number_is_the_same(said: str, passage: str) -> None:
    found = backing(said, passage=passage)
    assert (found.lost, found.strays) == (0, 0)


def test_the_i_of_a_name_speaks_for_nobody() -> None:
    assert backing("It was used in World War I.", passage="It was used in World War I.").lost == 0
    assert backing("It was used in World War I.", passage="It was used in wars.").speaker == 0


@pytest.mark.parametrize("said", ["8.4 million", "9 million", "9.5 million", "8,500,001"])
def test_another_round_number_is_a_stray(said: str) -> None:
    passage = "It costs 8,537,673 crowns and was built in 1987."
    assert backing(f"It costs {said} crowns.", passage=passage).strays == (said != "9 million")
    assert backing("It was built in 1990.", passage=passage).strays == 1


def test_a_number_of_the_question_may_be_repeated() -> None:
    assert backing("No, not in 1862.", passage=PASSAGE).strays == 1
    assert backing("No, not in 1862.", passage=PASSAGE, question="Built in 1862?").strays == 0


def test_a_denial_is_held_against_the_passage_both_ways() -> None:
    assert backing("The lamp turns.", passage=PASSAGE).denied == 1
    assert backing("The lamp does not turn.", passage=PASSAGE).denied == 0
    assert backing("The lamp does not burn oil.", passage=PASSAGE).denied == 1


@pytest.mark.parametrize("answer", ["", "?", "Ok."])
def test_an_answer_without_a_claim_is_graded_too(answer: str) -> None:
    assert 0 < grade(answer) < 0.8


def test_other_languages_are_graded_by_their_words() -> None:
    passage = "Der Turm wurde 1851 von Ada Marsh auf einem Felsen gebaut."
    true = evidence_score("Ada Marsh baute den Turm 1851.", passage=passage, language="de")
    false = evidence_score("Ben Holt malte 1862 ein Bild.", passage=passage, language="de")
    assert true > false + 0.3
