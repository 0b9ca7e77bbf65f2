"""What an attempt to break a promise came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the table."""

    promise: str
    """What must hold, in words."""
    fault: str
    """What was done against it."""
    n: int
    unit: str
    """What is counted: kills, calls, dialogues."""
    broken: int
    """How many of the n broke the promise."""
    figures: str = ""
    """What else was measured."""
    met: bool = True
    """Whether these figures are as good as promised."""

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return self.met and not self.broken and self.n > 0

    @property
    def bound(self) -> float | None:
        """The rate that a zero rules out with 95 % confidence: 3/n; None where it isn't a zero.

        The rule of three: if p were 3/n, n trials without an event would have probability e^-3.
        """
        return min(1.0, 3 / self.n) if self.n and not self.broken else None
