"""The questions at the edge of a student's ability: not hopeless, and not mastered.

A question that is always or never solved teaches nothing in reinforcement learning: a group of G
answers says something only with probability 1 - p^G - (1-p)^G. Phi-4 keeps 0.2 <= p <= 0.8 for its
pivotal tokens (arXiv 2412.08905, section 4.3).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colloquia.core.errors import UserError
from colloquia.corpus.derived import Rows
from colloquia.corpus.formats import Format, row_id
from colloquia.finetune.data.questions import Book
from colloquia.finetune.measure.asking import AskedQuestion
from colloquia.finetune.measure.grading import solving_verdict

#: What `solve-rate` leaves beside its rows: every question with its rate.
RATE_FILE = "solve_rate.jsonl"

_BAND = re.compile(r"\s*(\d*\.?\d+)\s*\.\.\s*(\d*\.?\d+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Which solve rates are kept, both ends included, 0..1."""

    low: float = 0.2
    high: float = 0.8

    def __contains__(self, rate: float) -> bool:
        """Return whether a rate is kept."""
        return self.low <= rate <= self.high

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return f"{self.low:g}..{self.high:g}"


def parse_band(text: str) -> Band:
    """Read `0.2..0.8`.

    Raises:
        UserError: it isn't written so, or not within 0..1.
    """
    match = _BAND.fullmatch(text)
    band = Band(low=float(match[1]), high=float(match[2])) if match else None
    if band is None or not 0 <= band.low <= band.high <= 1:
        raise UserError(f"`keep={text}`: write LOW..HIGH within 0..1, as in `keep=0.2..0.8`")
    return band


def rate_rows(asked: Sequence[AskedQuestion], band: Band, *, book: Book) -> list[dict[str, Any]]:
    """Return one plain row per question with its solve rate, and whether it is kept.

    `row` is the id that its row in `sft-turns` has, or would have if it were kept.

    For a question without an answer, declining is what counts as solved.
    """
    return [
        {
            "id": one.question.id,
            "row": _rows_of(one, book)["trl-sft-turns"]["id"],
            "answerable": one.question.answerable,
            "solve_rate": None if rate is None else round(rate, 4),
            "invalid": round(one.share("invalid"), 4) if one.attempts else None,
            "kept": rate is not None and rate in band,
            "attempts": len(one.attempts),
            "problem": one.problem,
        }
        for one in asked
        for rate in [solve_rate(one)]
    ]


def solve_rate(one: AskedQuestion) -> float | None:
    """Return the share of attempts that solve a question, 0..1; None where it wasn't asked."""
    if not one.attempts:
        return None
    return one.share(solving_verdict(one.question))


def kept_rows(
    asked: Sequence[AskedQuestion], band: Band, *, book: Book, undecided: int = 0
) -> dict[Format, Rows]:
    """Return the questions within the band, and the same as rows to train on, by format.

    Args:
        asked: the questions, each with the student's attempts.
        band: the solve rates to keep.
        book: how they were asked.
        undecided: questions that weren't asked, since nobody knows what is right.
    """
    rates = [solve_rate(one) for one in asked]
    kept = [
        one for one, rate in zip(asked, rates, strict=True) if rate is not None and rate in band
    ]
    reasons = {
        "unasked": sum(rate is None for rate in rates),
        "too_hard": sum(rate is not None and rate < band.low for rate in rates),
        "too_easy": sum(rate is not None and rate > band.high for rate in rates),
        "undecided": undecided,
    }
    excluded = {reason: number for reason, number in reasons.items() if number}
    made = [_rows_of(one, book) for one in kept]
    return {
        name: Rows(
            rows=[rows[name] for rows in made],
            candidates=len(asked) + undecided,
            excluded=excluded,
        )
        for name in ("trl-sft-turns", "trl-grpo")
    }


def _rows_of(one: AskedQuestion, book: Book) -> dict[str, dict[str, Any]]:
    """Return a question in both formats, as the student was asked it."""
    question, with_history = one.question, not one.alone
    turn = question.turn(book, answer=question.reference, with_history=with_history)
    asked = {"prompt": turn["prompt"], "reference": question.reference}
    return {
        "trl-sft-turns": {**question.row, **turn},
        "trl-grpo": {
            **question.row,
            "id": row_id(asked, "trl-grpo"),
            **asked,
            "answerable": question.answerable,
            "evidence": list(question.evidence),
        },
    }
