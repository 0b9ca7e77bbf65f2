"""95 % intervals: Wilson's for shares, a seeded bootstrap for means."""

import math
import random
from collections.abc import Sequence

from colloquia.core.types import Value

Z = 1.959964  # two-sided 95 %
RESAMPLES = 1000


class Share(Value):
    """A share of things counted, 0..1, with its interval; of nothing it is unknown."""

    value: float | None
    low: float | None
    high: float | None
    """None too for the mean of one value, of which no other sample can be drawn."""
    n: int


def wilson(hits: int, n: int) -> Share:
    """Return a share with Wilson's score interval (1927), which stays sound near 0 and 1."""
    if n == 0:
        return Share(value=None, low=None, high=None, n=0)
    share = hits / n
    middle = share + Z * Z / (2 * n)
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return Share(
        value=round(share, 4),
        low=round(max(0.0, (middle - spread) / scale), 4),
        high=round(min(1.0, (middle + spread) / scale), 4),
        n=n,
    )


def bootstrap_mean(values: Sequence[float], *, seed: int = 0) -> Share:
    """Return a mean with the percentile interval of 1,000 resamples (Efron 1979)."""
    n = len(values)
    if n < 2:
        return Share(value=round(values[0], 4) if values else None, low=None, high=None, n=n)
    draw = random.Random(seed)
    means = sorted(math.fsum(draw.choices(values, k=n)) / n for _ in range(RESAMPLES))
    return Share(
        value=round(math.fsum(values) / n, 4),
        low=round(means[int(0.025 * RESAMPLES)], 4),
        high=round(means[int(0.975 * RESAMPLES) - 1], 4),
        n=n,
    )
