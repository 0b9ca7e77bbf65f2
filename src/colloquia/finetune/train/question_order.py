"""Which questions a group of answers is next written to: all in turn, or those worth more of it.

A group says something only if its answers differ in what they earn. With G answers, each right
with probability p, that happens with probability 1 - p^G - (1-p)^G: 0.34 at p = .05 and G = 8, .83
at .2, .99 at .5. That is the weight here. Rates come with the answers, at no cost; rows of one
level share theirs, since a few answers to one question say too little about it.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from colloquia.core.hashing import seed_for

NEWEST = 0.25  # of a level's rate is what its last group has found
FLOOR = 0.02  # what looks hopeless or mastered is tried now and then


def chance_of_difference(rate: float, group_size: int) -> float:
    """Return how likely a group has both right and wrong answers, each right at `rate`, 0..1."""
    return 1.0 - rate**group_size - (1.0 - rate) ** group_size


@dataclass(kw_only=True)
class QuestionOrder:
    """Draws rows; what it draws depends on nothing but its seed, its levels and what it was told.

    So `drawn` and `rates` are all there is to keep of it.
    """

    ids: Sequence[str]
    group_size: int
    seed: int = 0
    levels: Mapping[str, str] | None = None
    """Level by row id: those likely to have mixed groups come more often; None goes through all
    of them again and again, shuffled anew each time."""
    drawn: int = 0
    rates: dict[str, float] = field(default_factory=dict)
    """Share of right answers by level, 0..1."""
    _turn: int = field(default=-1, init=False, repr=False)
    _shuffled: list[str] = field(default_factory=list, init=False, repr=False)

    def draw(self, number: int) -> list[str]:
        """Return so many rows."""
        rows = self._in_turn(number) if self.levels is None else self._by_weight(number)
        self.drawn += number
        return rows

    def learn(self, row: str, rate: float) -> None:
        """Take the share of right answers to a question, 0..1."""
        if self.levels is not None:
            level = self.levels[row]
            before = self.rates.get(level, rate)
            self.rates[level] = before + NEWEST * (rate - before)

    def _in_turn(self, number: int) -> list[str]:
        return [self._place(self.drawn + n) for n in range(number)]

    def _place(self, place: int) -> str:
        turn, within = divmod(place, len(self.ids))
        if turn != self._turn:
            self._turn, self._shuffled = turn, list(self.ids)
            random.Random(seed_for(self.seed, "turn", turn)).shuffle(self._shuffled)
        return self._shuffled[within]

    def _by_weight(self, number: int) -> list[str]:
        """Draw without putting back, as far as rows go (Efraimidis and Spirakis 2006)."""
        draw = random.Random(seed_for(self.seed, "draw", self.drawn))
        keys = {row: draw.random() ** (1 / self._weight(row)) for row in self.ids}
        best = sorted(self.ids, key=keys.__getitem__, reverse=True)
        return [best[n % len(best)] for n in range(number)]

    def _weight(self, row: str) -> float:
        rate = self.rates.get((self.levels or {})[row], 0.5)
        return max(FLOOR, chance_of_difference(rate, self.group_size))
