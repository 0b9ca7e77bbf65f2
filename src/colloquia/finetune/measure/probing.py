"""What a student knows: each question is asked k times, and the answers are counted.

Phi-4's post-training begins with it (arXiv 2412.08905, section 4.4); with the share of right
answers it also picks what is worth training on (arXiv 2504.21318: seeds at the edge of ability).
"""

import math
from collections.abc import Sequence
from typing import Any

from colloquia.core.types import Value
from colloquia.finetune.measure.asking import AskedQuestion, why_unasked


class QuestionTally(Value):
    """How a student did at questions that were asked k times each."""

    questions: int
    """Asked; those that couldn't be asked are `unasked`."""
    unasked: int
    problem: str | None
    """Why the first of these couldn't be asked."""
    answerable: int
    usually_right: int
    """Of the answerable: right in at least the share of samples that counts as `usual`."""
    sometimes: int
    """Of the answerable: right now and then, wrong or declined now and then."""
    declined: float | None
    """Share of all samples."""
    invalid: float | None
    """Share of all samples: empty, or going round in circles."""


def tally(asked: Sequence[AskedQuestion], *, usual: float = 0.5) -> QuestionTally:
    """Count; from the share `usual` of right answers on, 0..1, a question is usually right."""
    done = [one for one in asked if one.attempts]
    rates = [one.share("correct") for one in done if one.question.answerable]
    return QuestionTally(
        questions=len(done),
        unasked=len(asked) - len(done),
        problem=why_unasked(asked),
        answerable=len(rates),
        usually_right=sum(rate >= usual for rate in rates),
        sometimes=sum(0 < rate < 1 for rate in rates),
        declined=_mean_share(done, "not_attempted"),
        invalid=_mean_share(done, "invalid"),
    )


def probe_rows(asked: Sequence[AskedQuestion]) -> list[dict[str, Any]]:
    """Return one plain row per question: shares of each outcome, and all samples."""
    return [
        {
            "id": one.question.id,
            "question": one.question.text,
            "reference": one.question.reference,
            "answerable": one.question.answerable,
            "alone": one.alone,
            "p_correct": _share(one, "correct"),
            "p_declined": _share(one, "not_attempted"),
            "p_wrong": _share(one, "incorrect"),
            "p_invalid": _share(one, "invalid"),
            "samples": [{"text": a.text, "verdict": a.graded.verdict} for a in one.attempts],
            "problem": one.problem,
        }
        for one in asked
    ]


def _share(one: AskedQuestion, verdict: str) -> float | None:
    return round(one.share(verdict), 4) if one.attempts else None


def _mean_share(done: Sequence[AskedQuestion], verdict: str) -> float | None:
    shares = [one.share(verdict) for one in done]
    return round(math.fsum(shares) / len(shares), 4) if shares else None
