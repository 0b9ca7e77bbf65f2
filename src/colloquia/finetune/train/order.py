"""In which order rows are trained on: at random, from easy to hard, or at the edge of ability.

On a task with levels (`benchmarks/learning/order.py`) sorting once from easy to hard lost to a
random order by far, and drawing what the student solves now and then was no better than it. Where
the student knows most of the rows already (`benchmarks/learning/known.py`), that was far better.
"""

import random
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate


def increasing(ids: Sequence[str], rates: Mapping[str, float]) -> list[int]:
    """Return places from the highest solve rate to the lowest; rows without one come last.

    Args:
        ids: of the rows.
        rates: solve rate by row id, 0..1.
    """
    return sorted(range(len(ids)), key=lambda place: (-rates.get(ids[place], -1.0), place))


@dataclass(kw_only=True)
class AdaptiveOrder:
    """Draws rows whose solve rate is at the edge of ability, and replays what is mastered.

    A share of `replay` of the draws goes evenly to all rows at or above `high`. The others go to
    rows below it by weight p(1-p), which is largest where an attempt is as likely to fail as to
    succeed, and never below `floor`, so that what looks hopeless is tried now and then. An unknown
    rate counts as one half. One pass yields as many draws as there are rows; rows may come twice or
    not at all.
    """

    ids: Sequence[str]
    seed: int = 0
    replay: float = 0.5
    high: float = 0.8
    floor: float = 0.02
    rates: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set the dice."""
        self._draw = random.Random(self.seed)
        self._arrange()

    def update(self, rates: Mapping[str, float]) -> None:
        """Take newer solve rates, 0..1 by row id; the next draw heeds them, mid-pass too."""
        self.rates.update(rates)
        self._arrange()

    def __iter__(self) -> Iterator[int]:
        """Yield one pass of places, each drawn when it is asked for."""
        for _ in self.ids:
            yield self._one()

    def __len__(self) -> int:
        """Draws in one pass."""
        return len(self.ids)

    def _one(self) -> int:
        replayed = self._mastered and (not self._others or self._draw.random() < self.replay)
        if replayed:
            return self._draw.choice(self._mastered)
        at = bisect(self._sums, self._draw.random() * self._sums[-1])
        return self._others[min(at, len(self._others) - 1)]

    def _arrange(self) -> None:
        known = [self.rates.get(row, 0.5) for row in self.ids]
        self._mastered = [place for place, rate in enumerate(known) if rate >= self.high]
        self._others = [place for place, rate in enumerate(known) if rate < self.high]
        weights = (max(self.floor, known[place] * (1 - known[place])) for place in self._others)
        self._sums = list(accumulate(weights))
