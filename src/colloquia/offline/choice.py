"""Seeded choice: the same seed and the same words always give the same pick, in any process."""

from collections.abc import Sequence
from typing import TypeVar

from colloquia.core.hashing import seed_for

Item = TypeVar("Item")


def pick(items: Sequence[Item], *, seed: int, about: str) -> Item:
    """Return one of the items, by the seed and what the choice is about."""
    return items[seed_for(seed, about) % len(items)]


def chance(share: float, *, seed: int, about: str) -> bool:
    """Return True in about `share` (0..1) of all cases."""
    return seed_for(seed, about) % 10_000 < share * 10_000


def shuffled(items: Sequence[Item], *, seed: int, about: str) -> list[Item]:
    """Return the items in an order that the seed fixes."""
    order = sorted(range(len(items)), key=lambda index: seed_for(seed, about, index))
    return [items[index] for index in order]
