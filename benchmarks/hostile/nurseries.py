"""Nurseries for variants tried in several threads, since a nursery has one child at a time."""

import threading
from types import TracebackType
from typing import Self

from benchmarks.faults.nursery import Nursery


class Nurseries:
    """Gives each thread a nursery of its own; a context manager that closes them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._own: dict[int, tuple[tuple[str, ...], Nursery]] = {}

    def __enter__(self) -> Self:
        """Do nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close them all."""
        for _, nursery in self._own.values():
            nursery.__exit__(None, None, None)

    def own(self, imports: tuple[str, ...]) -> Nursery:
        """Return this thread's nursery; one with other imports is closed and made anew."""
        thread = threading.get_ident()
        before, nursery = self._own.get(thread, ((), None))
        if nursery is None or before != imports:
            if nursery is not None:
                nursery.__exit__(None, None, None)
            nursery = Nursery(*imports).__enter__()
            self._own[thread] = imports, nursery
        return nursery
