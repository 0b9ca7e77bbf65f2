"""Orders of training: sorted, and drawn at the edge of ability."""

from collections import Counter

import pytest

from colloquia.finetune.train.order import AdaptiveOrder, increasing

IDS = [f"row{n}" for n in range(100)]


def drawn(order: AdaptiveOrder, passes: int = 50) -> Counter[int]:
    return Counter(place for _ in range(passes) for place in order)


def test_increasing_goes_from_what_is_solved_to_what_is_not() -> None:
    assert increasing(["a", "b", "c", "d"], {"a": 0.1, "b": 0.9, "d": 0.5}) == [1, 3, 0, 2]


def test_an_unknown_student_is_taught_evenly() -> None:
    counts = drawn(AdaptiveOrder(ids=IDS))
    assert len(counts) == 100
    assert max(counts.values()) < 90  # 50 expected each


def test_the_edge_of_ability_is_drawn_most_and_the_mastered_replayed() -> None:
    rates = {row: (0.0 if n < 40 else 0.5 if n < 60 else 1.0) for n, row in enumerate(IDS)}
    counts = drawn(AdaptiveOrder(ids=IDS, rates=rates, replay=0.25))
    hopeless, edge, mastered = (
        sum(counts[place] for place in range(*ends)) / 5000
        for ends in ((0, 40), (40, 60), (60, 100))
    )
    assert mastered == pytest.approx(0.25, abs=0.03)
    assert edge / hopeless == pytest.approx(20 * 0.25 / (40 * 0.02), rel=0.25)


def test_new_rates_count_in_the_middle_of_a_pass() -> None:
    order = AdaptiveOrder(ids=IDS, replay=0.0)
    places = iter(order)
    next(places)
    order.update({row: 1.0 for row in IDS[1:]})
    assert set(places) == {0}


def test_all_mastered_means_all_replayed() -> None:
    order = AdaptiveOrder(ids=IDS, rates=dict.fromkeys(IDS, 1.0), replay=0.0)
    assert len(drawn(order)) == 100
    assert len(order) == len(list(order)) == 100


def test_the_seed_decides() -> None:
    assert list(AdaptiveOrder(ids=IDS, seed=3)) == list(AdaptiveOrder(ids=IDS, seed=3))
    assert list(AdaptiveOrder(ids=IDS, seed=3)) != list(AdaptiveOrder(ids=IDS, seed=4))
