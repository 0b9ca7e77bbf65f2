"""How many CPU threads a model is worth, whether it is trained or asked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Below so many weights a second thread costs more than it gives: waiting for one another takes
#: longer than the matrices do, many times so where other work shares the cores.
ONE_THREAD_BELOW = 20_000_000


@contextmanager
def worthwhile_threads(model: Any) -> Iterator[None]:
    """Use as many threads as a model of this size is worth, and as before afterwards.

    Whoever sets OMP_NUM_THREADS has decided.
    """
    import torch  # takes seconds

    before = torch.get_num_threads()
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1 if _weights(model) < ONE_THREAD_BELOW else _usable(before))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _weights(model: Any) -> int:
    return sum(weights.numel() for weights in model.parameters())


def _usable(threads: int) -> int:
    """Return at most as many threads as there are cores for this process."""
    if not hasattr(os, "sched_getaffinity"):
        return threads
    return min(threads, len(os.sched_getaffinity(0)))
