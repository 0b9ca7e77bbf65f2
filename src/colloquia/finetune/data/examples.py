"""Rows of a corpus in the tokens that a method trains on, with a count of what didn't fit."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from colloquia.core.types import Value
from colloquia.finetune.data.corpus_files import Row


class Fit(Value):
    """What became of a split's rows: `read == used + left_out + alike + contradictory`."""

    read: int
    used: int
    cut: int
    """Of those used: lost answers at their end."""
    left_out: int
    """Too long: not even one answer fits."""
    alike: int = 0
    """Pairs whose answers don't differ within `prefix_tokens`, so there is nothing to compare."""
    contradictory: int = 0
    """Answers that one pair prefers and another turns down, so they are neither good nor bad."""
    sources: dict[str, int] = Field(default_factory=dict)
    """Of the pairs used: what made them, and how many."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What a trainer is given."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    fit: Fit = field(default_factory=lambda: Fit(read=0, used=0, cut=0, left_out=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRow:
    """One example, or none where the row is too long or says nothing."""

    example: dict[str, Any] | None
    is_cut: bool = False
    is_alike: bool = False
    is_contradictory: bool = False
    source: str | None = None
    """What made a pair."""


def collect_examples(rows: Iterable[Row], make: Callable[[Row], EncodedRow]) -> Examples:
    """Make an example of each row and count."""
    made = [make(row) for row in rows]
    used = [one.example for one in made if one.example is not None]
    alike = sum(one.is_alike for one in made)
    contradictory = sum(one.is_contradictory for one in made)
    fit = Fit(
        read=len(made),
        used=len(used),
        cut=sum(one.is_cut for one in made),
        left_out=len(made) - len(used) - alike - contradictory,
        alike=alike,
        contradictory=contradictory,
        sources=dict(Counter(one.source for one in made if one.example and one.source)),
    )
    return Examples(used, fit)
