"""Answers are graded by rule: the key must be there, and nothing from nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_questions import question

from colloquia.core.types import Message
from colloquia.finetune.measure.grading import gives_away, grade, normalised, word_f1

WHEN = question(
    "When did the United States take over the work?",
    "The United States took over the work in 1904.",
)
WHO = question(
    "Who led the French company?",
    "Ferdinand de Lesseps led the French company, which began digging in 1881.",
)
HOW = question(
    "How did William Gorgas end yellow fever?", "By fighting mosquitoes. He was an army doctor."
)
COUNT = question("How many locks does the canal have?", "The canal has three locks.")
YES = question(
    "Did a French company begin the work?", "Yes, a French company began digging in 1881."
)
NO = question("Did the French company succeed?", "No, it failed in 1889.")
BOGUS = question(
    "How many ships sank in it?", "I have no figure for that.", answerable=False, evidence=()
)


@pytest.mark.parametrize(
    ("asked", "answer", "verdict"),
    [
        (WHEN, "In 1904.", "correct"),
        (WHEN, "The work was taken over by the United States in 1904.", "correct"),
        (WHEN, "The United States took over the work.", "incorrect"),
        (WHEN, "The United States took over the work in 1914.", "incorrect"),
        (WHEN, "The United States took over the work in 1889.", "incorrect"),
        (WHEN, "In 1904, led by Napoleon.", "incorrect"),
        (WHEN, "I don't know when that was.", "not_attempted"),
        (WHEN, "", "invalid"),
        (WHEN, " .\n", "invalid"),
        (WHEN, "In 1904. " * 8, "invalid"),
        (WHEN, "In 1904, in 1904.", "correct"),
        (WHO, "Lesseps", "incorrect"),
        (WHO, "Ferdinand de Lesseps.", "correct"),
        (WHO, "William Gorgas.", "incorrect"),
        (HOW, "By fighting the mosquitoes.", "correct"),
        (HOW, "By digging.", "incorrect"),
        (COUNT, "It has 3 locks.", "correct"),
        (COUNT, "It has four locks.", "incorrect"),
        (YES, "Yes.", "correct"),
        (YES, "A French company began digging.", "correct"),
        (YES, "No, it was another.", "incorrect"),
        (NO, "No.", "correct"),
        (NO, "It failed in 1889.", "correct"),
        (NO, "Yes, it did.", "incorrect"),
        (BOGUS, "I can't tell how many ships sank.", "not_attempted"),
        (BOGUS, "Three ships sank.", "incorrect"),
        (BOGUS, "", "invalid"),
        (BOGUS, "I don't know that. " * 6, "invalid"),
        (BOGUS, "I have no figure for that.", "not_attempted"),
        (BOGUS, "That isn't quite right. No ship sank in it.", "not_attempted"),
    ],
)
def test_a_verdict_follows_the_rules(asked: object, answer: str, verdict: str) -> None:
    assert grade(answer, asked).verdict == verdict  # type: ignore[arg-type]


def test_the_reference_itself_is_correct() -> None:
    for asked in (WHEN, WHO, HOW, COUNT, YES, NO):
        graded = grade(asked.reference, asked)
        assert (graded.verdict, graded.exact, graded.f1) == ("correct", True, 1.0)


def test_exact_match_and_f1_take_the_best_target() -> None:
    asked = question("Who led it?", "It was led by Lesseps.", evidence=("Lesseps led the company",))
    assert grade("lesseps led a company!", asked).exact
    assert grade("Lesseps led", asked).f1 == pytest.approx(2 * 2 / (2 + 3))
    assert grade("Gorgas", asked).f1 == 0.0


def test_grounded_is_what_passage_and_question_hold() -> None:
    assert grade("In 1881.", WHEN).grounded
    assert not grade("In 1914.", WHEN).grounded


def test_a_figure_that_follows_is_grounded_where_the_question_asks_for_it() -> None:
    asked = question("How many years did the French company work?", "It worked for 8 years.")
    assert grade("It worked for 8 years, from 1881 to 1889.", asked).grounded
    assert not grade("It worked for 9 years, from 1881 to 1889.", asked).grounded
    assert not grade("It worked for 8 years.", WHEN).grounded


def test_what_was_said_before_may_give_the_answer_away() -> None:
    assert gives_away("They took over in 1904.", WHEN)
    assert not gives_away("They began in 1881.", WHEN)
    assert not gives_away("I have no figure for that.", BOGUS)
    assert Message(role="user", content=WHEN.text) in WHEN.messages("open")


@given(st.text(), st.text())
def test_f1_is_a_share_and_symmetric(one: str, other: str) -> None:
    assert 0 <= word_f1(one, other) <= 1
    assert word_f1(one, other) == pytest.approx(word_f1(other, one))
    assert word_f1(one, one) == 1.0
    assert normalised(normalised(one)) == normalised(one) or "'" in one


@pytest.mark.parametrize(
    ("one", "other"),
    [("9:30", "930"), ("1.5", "15"), ("10^6", "106"), ("3/4", "34"), ("3:20", "320")],
)
def test_a_figure_is_no_other_without_its_marks(one: str, other: str) -> None:
    assert normalised(f"It is {one}.") != normalised(f"It is {other}.")
    assert word_f1(one, other) == 0


def test_a_comma_that_groups_digits_and_marks_around_a_figure_do_not_count() -> None:
    assert normalised("(It was 1,260.)") == normalised("It was 1260")
