"""The search for what decides: halve what was said, and go on where the chance of success differs.

Phi-4's Pivotal Token Search (arXiv 2412.08905, section 4.3). It knows nothing of models: units may
be tokens or turns. It finds only what is pivotal, given exact chances, and all of it where the
chance rises or falls throughout; a rise and a fall within one part cancel out and are missed.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal

from pydantic import Field

from colloquia.core.types import Value

Split = Literal["middle", "likelihood"]

#: The chance of success after so many units, of at least so many rollouts: `rate(place, n)`.
Rate = Callable[[int, int], float]


class SearchSettings(Value):
    """How finely is looked."""

    gap: float = Field(default=0.2, gt=0, lt=1)
    """A unit is pivotal if it changes the chance of success by at least so much."""
    samples: int = Field(default=32, ge=2)
    """Rollouts for a first look. The difference of two such chances has a standard error of up to
    `sqrt(0.5 / samples)`, and a part is gone into unless it is further than that below the gap."""
    confirm: int = Field(default=256, ge=2)
    """Rollouts for the chances before and after a unit that looks pivotal, the first included."""
    split: Split = "likelihood"
    """Where a part is halved: at half its units, or at half their summed log-probability."""

    @property
    def slack(self) -> float:
        """How far below the gap a first look may lie."""
        return math.sqrt(0.5 / self.samples)


class Pivot(Value):
    """A unit that decides."""

    place: int
    """0-based."""
    before: float
    """The chance of success ahead of it, 0..1."""
    after: float

    @property
    def change(self) -> float:
        """By how much it changes the chance, -1..1."""
        return self.after - self.before


def find_pivots(
    size: int,
    rate: Rate,
    settings: SearchSettings,
    *,
    weights: Sequence[float] | None = None,
    skipped: Collection[int] = (),
) -> Iterator[Pivot]:
    """Yield the pivotal ones of so many units, in order.

    Args:
        size: how many there are.
        rate: the chance of success; should remember what it was asked.
        settings: how finely.
        weights: of each unit, none below 0, for the split by likelihood; None halves by number.
        skipped: places that may not be pivotal.
    """
    for place in _candidates(0, size, rate, settings, weights, frozenset(skipped)):
        before, after = rate(place, settings.confirm), rate(place + 1, settings.confirm)
        if abs(after - before) >= settings.gap:
            yield Pivot(place=place, before=before, after=after)


def _candidates(
    start: int,
    end: int,
    rate: Rate,
    settings: SearchSettings,
    weights: Sequence[float] | None,
    skipped: frozenset[int],
) -> Iterator[int]:
    if skipped.issuperset(range(start, end)):
        return
    change = rate(end, settings.samples) - rate(start, settings.samples)
    if abs(change) < settings.gap - settings.slack:
        return
    if end - start == 1:
        yield start
        return
    middle = _middle(start, end, weights)
    yield from _candidates(start, middle, rate, settings, weights, skipped)
    yield from _candidates(middle, end, rate, settings, weights, skipped)


def _middle(start: int, end: int, weights: Sequence[float] | None) -> int:
    """Return where a part of at least two units is cut, leaving some on both sides."""
    if weights is None:
        return (start + end) // 2
    half, so_far, middle = sum(weights[start:end]) / 2, 0.0, start + 1
    for place in range(start, end - 1):
        nearer = abs(so_far + weights[place] - half) < abs(so_far - half)
        if place > start and not nearer:
            break
        so_far, middle = so_far + weights[place], place + 1
    return middle
