from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.errors import ExportError
from colloquia.corpus.splits import checked_shares, moved_snippets, place_of, split_of

HALVES = {"train": 0.5, "validation": 0.5}
USUAL = {"train": 0.9, "validation": 0.1}
THREE = {"train": 0.98, "validation": 0.01, "test": 0.01}

ids = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=40)
seeds = st.integers(0, 5)
shares = st.sampled_from([HALVES, USUAL, THREE, {"train": 1.0}])


def dealt(names: list[str], asked: dict[str, float], seed: int) -> dict[str, str]:
    moved = moved_snippets(names, asked, seed=seed)
    return {name: moved.get(name) or split_of(name, asked, seed=seed) for name in names}


@given(ids, shares, seeds)
def test_no_split_is_empty_while_there_are_snippets_enough(
    names: list[str], asked: dict[str, float], seed: int
) -> None:
    used = set(dealt(names, asked, seed).values())
    assert len(used) == min(len(names), len(asked))


@given(ids, shares, seeds, st.randoms(use_true_random=False))
def test_the_order_of_snippets_does_not_matter(
    names: list[str], asked: dict[str, float], seed: int, random: object
) -> None:
    shuffled = sorted(names, key=lambda name: place_of(name, seed=99))
    assert dealt(names, asked, seed) == dealt(shuffled, asked, seed)


@given(ids, shares, seeds)
def test_at_most_as_many_snippets_are_moved_as_there_are_other_splits(
    names: list[str], asked: dict[str, float], seed: int
) -> None:
    assert len(moved_snippets(names, asked, seed=seed)) < max(len(asked), 1)


@given(st.text(max_size=20), seeds)
def test_a_snippet_stays_in_its_split_whatever_else_there_is(name: str, seed: int) -> None:
    assert split_of(name, USUAL, seed=seed) == split_of(name, USUAL, seed=seed)
    assert 0 <= place_of(name, seed=seed) < 1


def test_shares_hold_over_many_snippets() -> None:
    found = [split_of(str(number), THREE, seed=7) for number in range(20_000)]
    assert found.count("train") == pytest.approx(19_600, abs=80)
    assert found.count("test") == pytest.approx(200, abs=60)


def test_two_snippets_fill_two_splits() -> None:
    assert set(dealt(["one", "two"], USUAL, seed=0).values()) == {"train", "validation"}


def test_a_lone_snippet_is_for_training() -> None:
    assert all(dealt([str(n)], USUAL, seed=0) == {str(n): "train"} for n in range(50))


def test_another_seed_deals_otherwise() -> None:
    names = [str(number) for number in range(200)]
    found = [tuple(dealt(names, USUAL, seed=seed).values()) for seed in range(4)]
    assert all(one != other for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"train": 0.9, "validation": 0.2}, "train=0.9,validation=0.2: shares add up to 1"),
        ({}, "none: shares add up to 1"),
        ({"train": 1.0, "test": 0.0}, "test=0.0: a share is above 0"),
        ({"train": float("nan")}, "a share is above 0"),
        ({"../train": 1.0}, "'../train': use a short lower-case name"),
        ({f"s{n}": 0.005 for n in range(200)}, "200 splits: 100 are the most"),
        ({"all": 1.0}, "'all': use a short lower-case name"),
    ],
)
def test_shares_that_make_no_sense_are_refused(asked: dict[str, float], message: str) -> None:
    with pytest.raises(ExportError, match=message.replace(".", r"\.")):
        checked_shares(asked)
