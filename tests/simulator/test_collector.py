"""While dialogues are under way garbage is looked for seldom, and afterwards as before."""

import gc
from collections.abc import Iterator

import pytest

from colloquia.simulator.collector import NEWEST, rare_collections


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_collections_are_rare_inside_and_as_before_outside() -> None:
    gc.set_threshold(700, 10, 11)
    with pytest.raises(KeyError), rare_collections():
        assert gc.get_threshold() == (NEWEST, 10, 11)
        raise KeyError
    assert gc.get_threshold() == (700, 10, 11)


@pytest.mark.parametrize("chosen", [0, NEWEST + 1])
def test_who_collects_never_or_seldomer_yet_is_left_alone(chosen: int) -> None:
    gc.set_threshold(chosen, 10, 10)
    with rare_collections():
        assert gc.get_threshold() == (chosen, 10, 10)
    assert gc.get_threshold() == (chosen, 10, 10)
