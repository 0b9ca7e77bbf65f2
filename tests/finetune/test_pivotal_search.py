"""What decides is found by halving, whatever the units are, and nothing else is."""

from collections.abc import Sequence
from random import Random

import pytest

from colloquia.core.errors import UserError
from colloquia.core.types import Message
from colloquia.finetune.pivotal.search import Pivot, SearchSettings, find_pivots
from colloquia.finetune.pivotal.turns import Messages, pivotal_turns

EXACT = SearchSettings(gap=0.2, samples=10_000, confirm=10_000)


class Chances:
    """Chances that are known, and how often one was looked at."""

    def __init__(self, *rates: float) -> None:
        self.rates, self.looked = rates, set[int]()

    def __call__(self, place: int, number: int) -> float:
        self.looked.add(place)
        return self.rates[place]


def found(*rates: float, weights: Sequence[float] | None = None) -> list[int]:
    pivots = find_pivots(len(rates) - 1, Chances(*rates), EXACT, weights=weights)
    return [pivot.place for pivot in pivots]


def test_each_step_in_the_chance_is_found_in_order() -> None:
    assert found(0.1, 0.1, 0.4, 0.4, 0.4, 0.7, 0.7, 1.0) == [1, 4, 6]


def test_a_pivot_says_how_the_chance_changes() -> None:
    (pivot,) = find_pivots(2, Chances(0.5, 0.5, 0.1), EXACT)
    assert pivot == Pivot(place=1, before=0.5, after=0.1)
    assert pivot.change == pytest.approx(-0.4)


def test_a_slow_rise_has_no_pivot() -> None:
    assert found(*(n / 10 for n in range(11))) == []


def test_a_rise_and_a_fall_within_a_part_cancel_out_as_the_paper_says() -> None:
    assert found(0.5, 0.9, 0.5, 0.5) == []


def test_places_left_out_are_no_pivots_and_cost_no_look() -> None:
    rates = Chances(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.8, 1.0)
    assert list(find_pivots(8, rates, EXACT, skipped={4, 5, 6, 7})) == []
    assert rates.looked <= {0, 4, 8, 2}


def test_the_split_by_likelihood_cuts_at_half_of_what_surprises() -> None:
    rates = Chances(*[0.5] * 8, 1.0)
    assert [p.place for p in find_pivots(8, rates, EXACT, weights=[0.1] * 7 + [9.0])] == [7]
    assert rates.looked == {0, 7, 8}  # one cut, just before the surprising one


@pytest.mark.parametrize("weights", [None, [0.0] * 9, [5.0, *[0.0] * 8], [*[0.0] * 8, 5.0]])
def test_no_split_leaves_a_part_empty(weights: list[float] | None) -> None:
    assert found(*[0.1] * 5, *[0.9] * 5, weights=weights) == [4]


def test_a_first_look_lets_pass_what_noise_may_have_lowered_and_is_confirmed() -> None:
    settings = SearchSettings(gap=0.2, samples=32, confirm=256)

    def rate(place: int, number: int) -> float:
        true, seen = (0.5, 0.5, 0.72, 0.72, 1.0), (0.5, 0.45, 0.6, 0.8, 1.0)
        return (seen if number == 32 else true)[place]

    assert [pivot.place for pivot in find_pivots(4, rate, settings)] == [1, 3]


def test_few_looks_suffice_for_one_pivot_in_many() -> None:
    rates = Chances(*[0.5] * 700, *[0.9] * 325)
    assert [pivot.place for pivot in find_pivots(1024, rates, EXACT)] == [699]
    assert len(rates.looked) == 12  # both ends, and one per halving of 1,024


def talk(*texts: str) -> list[Message]:
    roles = ("user", "assistant")
    return [Message(role=roles[n % 2], content=text) for n, text in enumerate(texts)]


def test_the_exchange_after_which_a_dialogue_fails_is_found() -> None:
    asked: list[tuple[int, int]] = []

    def resume(so_far: Messages, number: int) -> list[Message]:
        asked.append((len(so_far), number))
        lost = any(message.content == "lost" for message in so_far)
        good = Random(number).random() < (0.1 if lost else 0.9)
        return talk("and?", "well" if good else "badly")

    def oracle(whole: Messages) -> bool:
        return whole[-1].content == "well"

    said = talk("a", "fine", "b", "lost", "c", "so", "d", "badly")
    (pivot,) = pivotal_turns(said, resume, oracle)
    assert pivot.place == 1
    assert pivot.change < -0.5
    assert len(asked) == len(set(asked))


def test_a_system_message_belongs_to_the_first_exchange() -> None:
    said = [Message(role="system", content="s"), *talk("a", "bad")]
    (pivot,) = pivotal_turns(
        said, lambda so_far, n: talk("a", "good"), lambda whole: whole[-1].content == "good"
    )
    assert (pivot.place, pivot.before, pivot.after) == (0, 1.0, 0.0)


def test_a_dialogue_without_a_user_has_no_exchange() -> None:
    with pytest.raises(UserError, match="no message has the role user"):
        pivotal_turns([], lambda so_far, n: [], lambda whole: True)
