"""A set that forgets, so that it can't grow with a run."""

from collections import OrderedDict
from collections.abc import Container, Iterable


class Recent(Container[str]):
    """The names that came last."""

    def __init__(self, most: int) -> None:
        """Keep at most this many."""
        self._names: OrderedDict[str, None] = OrderedDict()  # a dict looks through what is gone
        self._most = most

    def __contains__(self, name: object) -> bool:
        """Return whether it came lately; one that came long ago may be forgotten."""
        return name in self._names

    def update(self, names: Iterable[str]) -> None:
        """Add names."""
        self._names.update(dict.fromkeys(names))
        while len(self._names) > self._most:
            self._names.popitem(last=False)
