"""From grades to a preference pair, or to the reason why there is none. Pure.

A judge prefers what stands first, or last. So it grades the same answers twice, the second time in
reverse order, and only what both times say counts. And it prefers what is longer: how often the
longer answer won is measured beside.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from colloquia.core.roles import JudgeReply
from colloquia.finetune.measure.intervals import Share, wilson

#: By what answers are ranked. Phi-4 has pairs of both: of these, twice as many by accuracy.
Measure = Literal["accuracy", "overall"]
Outcome = Literal["pair", "tie", "inconsistent"]

LOWEST, HIGHEST = 1, 5  # of a grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What two gradings of the same answers come to."""

    outcome: Outcome
    best: int
    worst: int
    """Places among the answers: the best and the worst by the mean of both gradings."""
    scores: tuple[float, ...]
    """Of each answer, 0..1."""


def grades(reply: JudgeReply, measure: Measure) -> list[float]:
    """Return each answer's grade, 1 to 5; `overall` is the mean of accuracy, style and detail."""
    if measure == "accuracy":
        return [float(grade) for grade in reply.accuracy]
    each = zip(reply.accuracy, reply.style, reply.detail, strict=True)
    return [fmean(three) for three in each]


def rank(
    forwards: Sequence[Sequence[float]], backwards: Sequence[Sequence[float]], *, margin: float
) -> Ranked:
    """Compare the best answer with the worst.

    Args:
        forwards: each judge's grades, the answers in their order.
        backwards: the same judges' grades of the answers in reverse order.
        margin: how much better the best must be, in grades, both times.

    Returns:
        `inconsistent` where one grading puts the worst before the best, `tie` where one of them
        doesn't hold them apart by the margin.
    """
    first = [fmean(given) for given in zip(*forwards, strict=True)]
    second = [fmean(given) for given in zip(*backwards, strict=True)][::-1]
    means = [fmean(both) for both in zip(first, second, strict=True)]
    best, worst = means.index(max(means)), means.index(min(means))
    leads = [given[best] - given[worst] for given in (first, second)]
    outcome: Outcome = "pair"
    if best == worst:  # on the mean nothing is better than another
        outcome = "tie" if first == second else "inconsistent"
    elif min(leads) < 0:
        outcome = "inconsistent"
    elif min(leads) < margin and not math.isclose(min(leads), margin):
        outcome = "tie"
    scale = HIGHEST - LOWEST
    return Ranked(
        outcome=outcome,
        best=best,
        worst=worst,
        scores=tuple((mean - LOWEST) / scale for mean in means),
    )


def longer_won(pairs: Sequence[tuple[str, str]]) -> Share:
    """Return how often the chosen answer has more words; pairs of one length don't count."""
    lengths = [(len(chosen.split()), len(rejected.split())) for chosen, rejected in pairs]
    unequal = [chosen > rejected for chosen, rejected in lengths if chosen != rejected]
    return wilson(sum(unequal), len(unequal))


def counted_faults(replies: Sequence[JudgeReply]) -> Mapping[str, int]:
    """Return how many faults of each kind were named."""
    kinds = [fault.kind for reply in replies for faults in reply.faults for fault in faults]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
