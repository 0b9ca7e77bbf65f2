"""What a strong model says most often, as a proxy for the truth where no reference can be trusted.

Phi-4-reasoning chose its seeds so (arXiv 2504.21318): the plurality answer of a strong model stands
for the truth, and how often a weaker one agrees with it says how hard the question is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colloquia.core.control_tokens import find_control_token
from colloquia.core.text import clean_text
from colloquia.finetune.data.questions import Question
from colloquia.finetune.measure.asking import AskedQuestion, Attempt
from colloquia.finetune.measure.grading import grade

ENOUGH = 0.5  # of the samples must agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Plurality:
    """Questions with another reference, and how many got none."""

    questions: list[Question]
    undecided: int
    """Questions on which fewer than half of the samples agree."""


def by_plurality(asked: Sequence[AskedQuestion]) -> Plurality:
    """Put what a strong model says most often in place of each question's reference.

    Two answers agree if either is right with the other as its reference, or both decline; a
    question that is mostly declined has no answer.
    """
    decided = [_with_plurality(one) for one in asked]
    questions = [one for one in decided if one is not None]
    return Plurality(questions=questions, undecided=len(decided) - len(questions))


def _with_plurality(one: AskedQuestion) -> Question | None:
    attempts = [attempt for attempt in one.attempts if _is_fit(attempt)]
    agreeing = [sum(_agree(a, b, one.question) for b in attempts) for a in attempts]
    if not agreeing or max(agreeing) < ENOUGH * len(one.attempts):
        return None
    best = attempts[agreeing.index(max(agreeing))]
    thought = clean_text(best.thought.text) if best.thought else ""
    return replace(
        one.question,
        reference=clean_text(best.text),
        answerable=best.graded.verdict != "not_attempted",
        evidence=(),
        thought=thought or None,
    )


def _is_fit(attempt: Attempt) -> bool:
    texts = (attempt.text, attempt.thought.text if attempt.thought else "")
    return attempt.graded.verdict != "invalid" and not any(map(find_control_token, texts))


def _agree(one: Attempt, other: Attempt, question: Question) -> bool:
    declined = {attempt.graded.verdict == "not_attempted" for attempt in (one, other)}
    if True in declined:
        return declined == {True}
    if one.text == other.text:
        return True
    return any(
        grade(said, replace(question, reference=truth, answerable=True, evidence=())).verdict
        == "correct"
        for said, truth in ((one.text, other.text), (other.text, one.text))
    )
