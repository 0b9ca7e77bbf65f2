"""What an answer says of the passage, said of the wrong thing or without its limits."""

import pytest

from colloquia.core.roles import Passage, ReviewInput
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.lost_limits import lost_limit
from colloquia.offline.reviews.misplaced import misplaced_value

MILL = (
    "The mill at Corran was built in 1781 by Ada Falk. Its wheel drove 4 stones and, from 1840, a "
    "saw by Bram Holt. The mill worked mainly in winter. It may be entered only if the river is "
    "low. The miller paid up to 30 crowns a year to the abbey, and the wheel did not turn on "
    "Sundays."
)


def misplaced(answer: str, question: str = "What of it?", *quotes: str) -> str | None:
    return misplaced_value(answer, passage=MILL, question=question, quotes=quotes)


@pytest.mark.parametrize(
    ("answer", "value", "instead"),
    [
        ("The mill at Corran was built in 1840 by Ada Falk.", "1840", "1781"),
        ("The mill at Corran was built in 1781 by Bram Holt.", "Bram Holt", "Ada Falk"),
        ("In 1840, Ada Falk built the mill at Corran.", "1840", "1781"),
        ("In 1781 the mill at Corran was built by Bram Holt.", "Bram Holt", "Ada Falk"),
        ("The miller paid the abbey up to 4 crowns a year.", "4", "30"),
    ],
)
def test_a_value_set_in_the_place_of_another_is_told_with_that_one(
    answer: str, value: str, instead: str
) -> None:
    told = misplaced(answer)
    assert told is not None and repr(value) in told and repr(instead) in told


@pytest.mark.parametrize(
    "answer",
    [
        "The mill at Corran was built in 1781 by Ada Falk.",
        "Ada Falk built it in 1781.",
        "A saw by Bram Holt was driven from 1840 on.",
        "The wheel drove 4 stones.",
        "Up to 30 crowns a year went to the abbey.",
        "It was built in 1799 by Cal Reed.",  # in no place of the passage: told by the evidence
    ],
)
def test_a_value_in_its_own_place_is_let_through_in_any_words(answer: str) -> None:
    assert misplaced(answer) is None


def test_what_the_question_itself_has_said_is_not_held_against_the_answer() -> None:
    assert misplaced("Built in 1840 by Ada Falk? No.", "Was it built in 1840 by Ada Falk?") is None


@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        ("It may be entered.", "only"),
        ("Yes, it may be entered.", "only"),
        ("The mill worked in winter.", "mainly"),
        ("The miller paid 30 crowns a year to the abbey.", "up to"),
        ("The wheel did turn on Sundays.", "not"),
    ],
)
def test_a_statement_without_its_limit_is_told_with_it(answer: str, limit: str) -> None:
    told = lost_limit(answer, passage=MILL, question="What of it?")
    assert told is not None and repr(limit) in told


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        ("It may be entered only if the river is low.", "May I go in?"),
        ("When the river is low, you may enter the mill.", "May I go in?"),
        ("Yes, it may be entered then.", "May I go in if the river is low?"),
        ("For the most part the mill worked in the winter.", "When did it work?"),
        ("At most 30 crowns a year went from the miller to the abbey.", "What was paid?"),
        ("On Sundays the wheel stood still.", "Did it turn on Sundays?"),
        ("The mill at Corran was built in 1781 by Ada Falk.", "Who built it?"),
    ],
)
def test_a_limit_kept_in_other_words_or_asked_about_is_not_lost(answer: str, question: str) -> None:
    assert lost_limit(answer, passage=MILL, question=question) is None


@pytest.mark.parametrize(
    "answer",
    [
        "The mill at Corran was built in 1840 by Ada Falk.",
        "The mill at Corran worked in winter.",
    ],
)
def test_the_critic_turns_such_an_answer_down_and_says_what_to_mend(answer: str) -> None:
    quotes = (
        "The mill at Corran was built in 1781 by Ada Falk.",
        "The mill worked mainly in winter.",
    )
    scored = criticise(
        ReviewInput(
            snippet=Passage(title="Corran mill", text=MILL),
            question="What should I know about the Corran mill?",
            answer=answer,
            quotes=quotes,
        )
    )
    assert scored.grounded < 0.8
    assert "1781" in scored.rationale or "mainly" in scored.rationale
