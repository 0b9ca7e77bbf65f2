"""Which texts are too much like those of a test: Algorithm 1 of the Phi-4 report, appendix B.

A run of 13 words that also stands in a test is enough, unless it is allowed as a common one. Else
the share of runs of 7 words in common with the test that has most of them decides (arXiv
2412.08905; its thresholds aren't published, so those here are ours).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from colloquia.core.types import Value

Kind = Literal["clean", "partial", "contaminated"]

HARD, SOFT = 13, 7

Gram = tuple[str, ...]


class Contamination(Value):
    """What was found of one text."""

    kind: Kind
    test: int | None = None
    """The place of the test that it is most like; None where nothing is shared."""
    run: str | None = None
    """The first 13 words in common; None where there are none, or only allowed ones."""
    ratio: float = 0.0
    """Runs of 7 words in common, of the shorter text's, 0..1."""


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared: lower case, letters and digits alone."""
    return re.sub(r"[\W_]+", " ", text.lower()).split()


def grams(words: list[str], length: int) -> list[Gram]:
    """Return all runs of so many words, in order."""
    return [tuple(words[start : start + length]) for start in range(len(words) - length + 1)]


@dataclass(kw_only=True)
class HeldOutTexts:
    """The texts of tests, indexed by their runs of words."""

    texts: Iterable[str]
    allowed: Iterable[str] = ()
    """Texts whose runs of 13 words are common ones and prove nothing."""
    partial: float = 0.2
    """A ratio above it is partial."""
    contaminated: float = 0.5
    """A ratio from it on is contaminated."""
    _hard: dict[Gram, int] = field(default_factory=dict, init=False, repr=False)
    _soft: dict[Gram, list[int]] = field(default_factory=dict, init=False, repr=False)
    _sizes: list[int] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        """Read all of them."""
        soft = defaultdict[Gram, list[int]](list)
        for place, text in enumerate(self.texts):
            words = words_of(text)
            for gram in grams(words, HARD):
                self._hard.setdefault(gram, place)
            own = set(grams(words, SOFT))
            self._sizes.append(len(own))
            for gram in own:
                soft[gram].append(place)
        self._soft = dict(soft)
        for text in self.allowed:
            for gram in grams(words_of(text), HARD):
                self._hard.pop(gram, None)

    def __len__(self) -> int:
        """Return how many tests there are."""
        return len(self._sizes)

    def look(self, text: str) -> Contamination:
        """Return the verdict on one text."""
        words = words_of(text)
        for gram in grams(words, HARD):
            if gram in self._hard:
                return Contamination(
                    kind="contaminated",
                    test=self._hard[gram],
                    run=" ".join(gram),
                    ratio=self._highest(words)[1],
                )
        test, ratio = self._highest(words)
        kind: Kind = "clean"
        if ratio > self.partial:
            kind = "contaminated" if ratio >= self.contaminated else "partial"
        return Contamination(kind=kind, test=test, ratio=ratio)

    def _highest(self, words: list[str]) -> tuple[int | None, float]:
        """Return the test with the highest share of runs of 7 words in common, and the share."""
        own = set(grams(words, SOFT))
        shared = Counter(test for gram in own for test in self._soft.get(gram, ()))
        ratios = {test: n / min(len(own), self._sizes[test]) for test, n in shared.items()}
        test = max(ratios, key=lambda one: (ratios[one], -one), default=None)
        return test, ratios[test] if test is not None else 0.0
