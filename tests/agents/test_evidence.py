"""The evidence check finds quotes where they stand and facts that come from nowhere."""

from pathlib import Path

import pytest
import yaml

from colloquia.agents.evidence import EvidenceCheck, spans_of
from colloquia.core.roles import Passage, ReviewInput

TEXT = "The Harrow lighthouse was built in 1851 by Ada Marsh. Its lamp reached 18 miles."

WORKED_OUT = [
    pytest.param(case["passage"], *asked, id=f"{asked[0]} {asked[1]}")
    for case in yaml.safe_load(
        (Path(__file__).parent / "worked_out_figures.yaml").read_text(encoding="utf-8")
    )
    for asked in case["asked"]
]


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


@pytest.mark.parametrize(("passage", "question", "answer", "rationale"), WORKED_OUT)
def test_a_figure_that_was_asked_for_stands_if_it_follows(
    passage: str, question: str, answer: str, rationale: str
) -> None:
    case = ReviewInput(
        snippet=Passage(text=passage), question=question, answer=answer, quotes=(passage,)
    )
    verdict = EvidenceCheck().judge(case)
    assert verdict.rationale == rationale
    assert (verdict.decision == "revise") == rationale.startswith("neither")


def test_from_a_long_table_a_figure_follows_only_where_the_answer_names_what_it_took() -> None:
    table = ". ".join(f"Village {n}a has {7 * n**4:,} houses" for n in range(1, 40))

    def judged(answer: str) -> str:
        case = ReviewInput(
            snippet=Passage(text=table), question="How many houses have two of them in all?",
            answer=answer, quotes=("houses",),
        )  # fmt: skip
        return EvidenceCheck().judge(case).rationale

    assert judged("They have 119 houses.") == "neither passage nor question has 119"
    assert judged("With 7 and 112 they have 119 houses.") == "119 follows: 7 + 112"


GERMAN = "Der Leuchtturm von Harrow wurde 1851 gebaut. Seine Lampe reichte 18 Meilen weit."


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("Er wurde 1851 gebaut, seine Lampe reichte 18 Meilen.", ""),
        ("Der Bau begann 1815.", "neither passage nor question has 1815"),
        ("Die Lampe reichte 81 Meilen weit.", "neither passage nor question has 81"),
    ],
)
def test_a_swapped_figure_is_found_in_german_without_a_pipeline(answer: str, told: str) -> None:
    case = ReviewInput(
        snippet=Passage(text=GERMAN, language="de"),
        question="Wann war das?",
        answer=answer,
        quotes=("wurde 1851 gebaut",),
    )
    assert EvidenceCheck().judge(case).rationale == told
