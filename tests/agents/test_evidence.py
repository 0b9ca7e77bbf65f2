"""The evidence check finds quotes where they stand and facts that come from nowhere."""

import pytest

from colloquia.agents.evidence import EvidenceCheck, spans_of
from colloquia.core.roles import Passage, ReviewInput

TEXT = "The Harrow lighthouse was built in 1851 by Ada Marsh. Its lamp reached 18 miles."


def judge(answer: str, *quotes: str, question: str = "What?", declined: bool = False) -> str:
    case = ReviewInput(
        snippet=Passage(title="Harrow", text=TEXT),
        question=question,
        answer=answer,
        quotes=quotes,
        declined=declined,
    )
    verdict = EvidenceCheck().judge(case)
    assert verdict.scores == {"evidence": 1.0 if verdict.decision == "accept" else 0.0}
    return verdict.rationale


def test_a_quoted_answer_stands() -> None:
    assert judge("Ada Marsh built it in 1851.", "built in 1851 by Ada Marsh") == ""


def test_an_answer_without_a_quote_fails_unless_it_declines() -> None:
    assert judge("It was built in 1851.") == "no quote backs the answer"
    assert judge("The passage doesn't say.", declined=True) == ""


@pytest.mark.parametrize("stranger", ["1862", "Ben Holt", "25 miles", "14 May 1851"])
def test_a_fact_from_nowhere_is_named(stranger: str) -> None:
    assert "neither passage nor question has" in judge(f"It was {stranger}.", "built in 1851")


def test_a_fact_from_the_question_is_no_stranger() -> None:
    said = judge("No, not in 1862.", "built in 1851", question="Was it built in 1862?")
    assert said == ""


def test_spans_hold_what_the_passage_really_says() -> None:
    (span,) = spans_of(("built in 1851", "not there"), TEXT)
    assert TEXT[span.start : span.end] == span.text == "built in 1851"
