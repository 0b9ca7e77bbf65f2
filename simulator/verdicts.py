"""What keeps a question or an answer from standing, read off its reviewers' verdicts."""

from dataclasses import dataclass
from typing import TypeAlias

from colloquia.core.recipe import Accept
from colloquia.core.types import Verdict

Verdicts: TypeAlias = tuple[tuple[str, Verdict], ...]
"""Reviewers' names and what they think."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One reviewer's verdict, and the call it came from; None where no model was asked."""

    by: str
    verdict: Verdict
    call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why something can't stand, and who says so."""

    by: str
    says: str
    final: bool = False
    """Whether the reviewer thinks that no revision can help."""


#: What any reviewer's accepting verdict is held to; `clear` is the packaged critic's own.
_HELD_TO = ("grounded", "helpful")


def objections(verdicts: Verdicts, accept: Accept) -> tuple[Objection, ...]:
    """Return everything that keeps it from standing; nothing means it may stand.

    What two reviewers say in the same words is one objection.
    """
    against: dict[str, Objection] = {}
    for name, verdict in verdicts:
        if name == "refusal_checker" and not accept.refusal_correct:
            continue
        if verdict.decision != "accept":
            says = verdict.rationale or f"{name}: {verdict.decision}"
            final = verdict.decision == "reject"
            against.setdefault(says, Objection(by=name, says=says, final=final))
            continue
        held_to = {key: verdict.scores[key] for key in _HELD_TO if key in verdict.scores}
        for says in accept.short_of(held_to):
            against.setdefault(says, Objection(by=name, says=says))
    return tuple(against.values())
