"""What a statement is: one thing that a snippet says, as written and in words of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colloquia.offline.reading.clauses import Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that the snippet says: `quote == text[start:end]`."""

    index: int
    sentence: int
    """Which sentence it stands in."""
    quote: str
    start: int
    end: int
    clauses: tuple[Clause, ...]
    said: str
    """The same, able to stand alone: a sentence with its subject named, from capital to stop."""
    subject: str
    """Its subject as it stands inside a sentence, named; nothing where there is none."""
    person: bool
    """Whether the subject is a person or people."""
    plural: bool
    pronoun: str
    """What may stand for the subject; nothing where that isn't sure."""
    loose: bool
    """Whether it can't be understood without what comes before it."""

    @property
    def main(self) -> Clause | None:
        """Its first clause."""
        return self.clauses[0] if self.clauses else None
