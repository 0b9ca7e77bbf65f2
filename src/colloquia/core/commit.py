"""What a dialogue has come to, in one piece: committed whole or not at all."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from colloquia.core.types import Dialogue, ModelCall, Plan, Review, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Rows of one dialogue; what isn't given stays as it is, what is there already is kept."""

    plan: Plan | None = None
    turns: tuple[Turn, ...] = ()
    reviews: tuple[Review, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    dialogue: Dialogue | None = None
    """Brings tip, plan, outcome and reasons up to date."""
    wasted: Collection[str] = ()
    """Ids of calls that turned out to be in vain."""


class Sink(Protocol):
    """Where one dialogue's rows go."""

    async def put(self, commit: Commit) -> None:
        """Commit all of it; it is durable when this returns."""
        ...
