"""What a dialogue has come to, in one piece: committed whole or not at all."""

from collections.abc import Collection, Sequence
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


def joined(commits: Sequence[Commit]) -> Commit:
    """Return one commit that holds all of these, in their order."""
    if len(commits) == 1:
        return commits[0]
    plans = [commit.plan for commit in commits if commit.plan is not None]
    dialogues = [commit.dialogue for commit in commits if commit.dialogue is not None]
    return Commit(
        plan=plans[-1] if plans else None,
        turns=tuple(turn for commit in commits for turn in commit.turns),
        reviews=tuple(review for commit in commits for review in commit.reviews),
        calls=tuple(call for commit in commits for call in commit.calls),
        dialogue=dialogues[-1] if dialogues else None,
        wasted=frozenset(call for commit in commits for call in commit.wasted),
    )


class Sink(Protocol):
    """Where one dialogue's rows go."""

    async def put(self, commit: Commit) -> None:
        """Take all of it; it is durable when `written` returns, and all of it or nothing."""
        ...

    async def written(self) -> None:
        """Return when everything that was put is durable.

        Raises:
            StoreError: some of it isn't.
        """
        ...
