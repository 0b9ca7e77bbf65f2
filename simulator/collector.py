"""Fewer garbage collections while dialogues are under way.

Python looks through its newest objects after every 700 that came and stayed. Hundreds of dialogues
in flight come to that many every few calls, all of them in use and freed later by their counts: a
seventh of a run's CPU went into finding no garbage. Cycles are rare here and wait a little longer.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEWEST = 50_000  # objects that come and stay before they are looked through; some ten MB


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect garbage seldom in this block; where it is off, or seldomer yet, nothing changes."""
    before = gc.get_threshold()
    if not 0 < before[0] < NEWEST:
        yield
        return
    gc.set_threshold(NEWEST, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
