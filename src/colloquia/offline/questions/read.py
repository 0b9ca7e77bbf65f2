"""A careful reading: whether the snippet answers a question, and from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from colloquia.core.roles import Line
from colloquia.core.types import UNANSWERABLE_KINDS
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.known import known
from colloquia.offline.reading.answerable import answerability
from colloquia.offline.reading.overview import asks_for_overview
from colloquia.offline.reading.skim import skim
from colloquia.offline.reading.study import study

#: Of questions that people wrote, this keeps 86 % of those that a passage answers.
DOUBT = 0.4

Reason = Literal["answered", "false_premise", "not_covered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a careful reader finds."""

    answers: bool
    reason: Reason
    best: tuple[int, ...] = ()
    """The statements that answer it, or that it is nearest to."""
    candidate: Candidate | None = None
    """The question that is put, where it is one that the snippet affords."""
    overview: bool = False

    @property
    def denies(self) -> bool:
        """Whether the snippet says otherwise than the question has it."""
        return self.reason == "false_premise"

    @property
    def agrees(self) -> bool | None:
        """For yes-no questions, what the answer is; None where that isn't known."""
        return {"Yes": True, "No": False, "Not": False}.get(self.lead.split(" ")[0].rstrip(".,"))

    @property
    def lead(self) -> str:
        """What the answer opens with."""
        return self.candidate.lead if self.candidate else ""


def read(
    question: str, *, text: str, title: str | None, transcript: Sequence[Line] = ()
) -> Reading:
    """Read the snippet for an answer."""
    found = known(question, text, title, transcript)
    if found is not None:
        best = (found.statement,) if found.also is None else (found.statement, found.also)
        if found.denies:
            return Reading(answers=False, reason="false_premise", best=best, candidate=found)
        open_ = found.kind in UNANSWERABLE_KINDS
        return Reading(
            answers=not open_, reason="not_covered" if open_ else "answered",
            best=() if open_ else best, candidate=found,
        )  # fmt: skip
    if asks_for_overview(question):
        return Reading(answers=True, reason="answered", overview=True)
    return _weighed(question, text, title)


def _weighed(question: str, text: str, title: str | None) -> Reading:
    """Weigh a question from elsewhere: how much speaks for an answer, and which sentence has it."""
    studied = study(text, title)
    if skim(question, studied) is None:
        return Reading(answers=False, reason="not_covered")
    weighed = answerability(question, passage=text)
    at = weighed.sentence
    best = tuple(s.index for s in studied.statements if s.start < at.end and at.start < s.end)[:1]
    answers = weighed.score >= DOUBT
    return Reading(
        answers=answers,
        reason="answered" if answers else "not_covered",
        best=best if answers else (),
    )
