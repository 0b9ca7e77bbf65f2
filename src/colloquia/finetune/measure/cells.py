"""One cell of an evaluation: the questions of one split, with the passage or without, graded."""

from collections.abc import Sequence
from typing import Any

from colloquia.core.types import Value
from colloquia.finetune.data.questions import Book
from colloquia.finetune.measure.asking import AskedQuestion, why_unasked
from colloquia.finetune.measure.grading import VERDICTS
from colloquia.finetune.measure.intervals import Share, bootstrap_mean, wilson
from colloquia.finetune.measure.thoughts import ThoughtLengths, thought_lengths


class Outcomes(Value):
    """SimpleQA's three shares (Wei et al. 2024), and that of no answers; they add up to 1."""

    n: int
    correct: Share
    not_attempted: Share
    incorrect: Share
    invalid: Share
    """Empty, or going round in circles."""

    def plain(self) -> dict[str, float | None]:
        """Return the shares alone."""
        return {name: getattr(self, name).value for name in VERDICTS}


class Cell(Value):
    """What one model did with one split, by one book."""

    split: str
    book: Book
    n: int
    """Questions that were graded."""
    unasked: int
    """Questions that couldn't be asked."""
    problem: str | None
    """Why the first of them couldn't be asked."""
    alone: int
    """Questions asked without what was said before, since it gave the answer away."""
    answerable: Outcomes
    unanswerable: Outcomes
    exact: Share
    """Share of exact matches on answerable questions."""
    f1: Share
    """Mean word F1 on answerable questions."""
    refusal_precision: Share
    """Of the questions it declined: the share that the passage doesn't answer."""
    refusal_recall: Share
    """Of the questions that the passage doesn't answer: the share it declined."""
    grounded: Share | None
    """Open book: of the attempted answers, the share whose numbers, dates and names are all in the
    passage or the question. None with the book closed."""
    thoughts: ThoughtLengths | None = None
    """None where nothing was thought and nothing was to be."""


def cell_of(asked: Sequence[AskedQuestion], *, split: str, book: Book) -> Cell:
    """Sum up questions that were asked once each."""
    graded = [(one.question.answerable, one.attempts[0].graded) for one in asked if one.attempts]
    known = [grade for answerable, grade in graded if answerable]
    unknown = [grade for answerable, grade in graded if not answerable]
    declined = [able for able, grade in graded if grade.verdict == "not_attempted"]
    attempted = [grade for _, grade in graded if grade.verdict in ("correct", "incorrect")]
    return Cell(
        split=split,
        book=book,
        n=len(graded),
        unasked=len(asked) - len(graded),
        problem=why_unasked(asked),
        alone=sum(one.alone for one in asked if one.attempts),
        answerable=_outcomes([grade.verdict for grade in known]),
        unanswerable=_outcomes([grade.verdict for grade in unknown]),
        exact=wilson(sum(grade.exact for grade in known), len(known)),
        f1=bootstrap_mean([grade.f1 for grade in known]),
        refusal_precision=wilson(declined.count(False), len(declined)),
        refusal_recall=wilson(declined.count(False), len(unknown)),
        grounded=wilson(sum(grade.grounded for grade in attempted), len(attempted))
        if book == "open"
        else None,
        thoughts=_thoughts_of(asked),
    )


def _thoughts_of(asked: Sequence[AskedQuestion]) -> ThoughtLengths | None:
    thoughts = [attempt.thought for one in asked for attempt in one.attempts]
    if any(thoughts) or any(one.question.instruction for one in asked):
        return thought_lengths(thoughts)
    return None


def answer_rows(
    asked: Sequence[AskedQuestion], *, model: str, split: str, book: Book
) -> list[dict[str, Any]]:
    """Return one plain row per question, for people who want to see what was said."""
    return [
        {
            "model": model,
            "split": split,
            "book": book,
            "id": one.question.id,
            "question": one.question.text,
            "answerable": one.question.answerable,
            "reference": one.question.reference,
            "thought": thought.text if thought else None,
            "answer": one.attempts[0].text if one.attempts else None,
            "verdict": one.attempts[0].graded.verdict if one.attempts else None,
            "f1": round(one.attempts[0].graded.f1, 4) if one.attempts else None,
            "problem": one.problem,
        }
        for one in asked
        for thought in [one.attempts[0].thought if one.attempts else None]
    ]


def _outcomes(verdicts: Sequence[str]) -> Outcomes:
    shares = {name: wilson(verdicts.count(name), len(verdicts)) for name in VERDICTS}
    return Outcomes(n=len(verdicts), **shares)
