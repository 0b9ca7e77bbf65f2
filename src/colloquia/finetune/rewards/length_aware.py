"""The length-aware accuracy of Phi-4-reasoning-plus (arXiv 2504.21318, section 4.2).

A right answer earns less the nearer it comes to the limit, a wrong one is punished most where it
was short: think longer when in doubt, but not for ever. In tokens, of at most 31,744:

    right   1.0 up to 25,600, then on a cosine to 0.5 at the limit (0.75 at 28,672)
    wrong   -1.0 at 0, then on a cosine to -0.5 from 3,702 on (-0.75 at 1,851)
"""

import math
from dataclasses import dataclass
from typing import Self

from colloquia.finetune.rewards.sampled_answer import SampledAnswer
from colloquia.finetune.rewards.thought_format import has_one_thought

MOST, LONG, SHORT = 31_744, 25_600, 3_702
#: In place of all else: no token ended it; its thought isn't marked as it should be.
UNENDED, MISSHAPEN = -0.5, -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Where rewards begin and cease to change, in tokens."""

    most: float
    """The limit."""
    long: float
    """A right answer costs from here on."""
    short: float
    """A wrong answer is punished more below it."""

    @classmethod
    def within(cls, most: int) -> Self:
        """Return the paper's lengths for its limit, and smaller ones for smaller limits.

        `short` is min(most / 4, 3702); `long` keeps its share of the limit, 25,600 of 31,744, and
        is never above 25,600.
        """
        return cls(most=most, long=min(most * LONG / MOST, LONG), short=min(most / 4, SHORT))


def length_aware_accuracy(*, correct: bool, tokens: int, lengths: Lengths) -> float:
    """Return 0.5 to 1 for a right answer of so many tokens, -1 to -0.5 for a wrong one."""
    if correct:
        over = min(1.0, max(tokens - lengths.long, 0) / (lengths.most - lengths.long))
        return 0.5 + 0.25 * (1 + math.cos(math.pi * over))
    share = min(1.0, tokens / lengths.short)
    return -0.5 - 0.25 * (1 + math.cos(math.pi * share))


def length_aware(answer: SampledAnswer) -> float:
    """Return the length-aware accuracy, and -0.5 for an answer that was cut at its limit."""
    if not answer.ended:
        return UNENDED
    return length_aware_accuracy(
        correct=answer.is_right,
        tokens=answer.tokens,
        lengths=Lengths.within(answer.most_tokens),
    )


def length_aware_thought(answer: SampledAnswer) -> float:
    """Return the same for students that think: -1 where the thought isn't marked as it should be.

    An answer that was cut can't have closed its thought; it keeps its -0.5.
    """
    if answer.ended and not has_one_thought(answer.text):
        return MISSHAPEN
    return length_aware(answer)
