"""When rounds stop, what a gain is, and what of the limits is left for the next round."""

import time
from typing import Any

import pytest

from colloquia.core.errors import BudgetReached, UserError
from colloquia.core.ports import Spending
from colloquia.core.recipe import Recipe
from colloquia.finetune.measure.intervals import Share, wilson
from colloquia.finetune.settings import resolve_settings
from colloquia.rounds.results import RoundResult, best_of, gain_over, measured_shares, why_stop
from colloquia.rounds.settings import STUDENT, refuse_unfit, round_settings
from colloquia.rounds.student_run import limited
from colloquia.store.reading import RunCounts


def made(number: int, right: int | None, low: float = 0.0) -> RoundResult:
    gain = Share(value=0.1, low=low, high=0.2, n=50) if number else None
    return RoundResult(
        number=number, run="run1_x", planned=9, accepted=9, rejected=0, failed=0,
        right=None if right is None else wilson(right, 50), gain=gain,
    )  # fmt: skip


def test_a_round_whose_gain_may_be_chance_is_the_last() -> None:
    assert why_stop([made(0, 20)], patience=1) is None
    assert why_stop([made(0, 20), made(1, 30, low=0.02)], patience=1) is None
    told = why_stop([made(0, 20), made(1, 30, low=0.0)], patience=1)
    assert told is not None and told.startswith("round 1 gained nothing")


def test_patience_waits_for_a_later_round() -> None:
    rounds = [made(0, 20), made(1, 21), made(2, 22)]
    assert why_stop(rounds[:2], patience=2) is None
    assert why_stop(rounds, patience=2) is not None
    assert why_stop([*rounds[:2], made(2, 40, low=0.1)], patience=2) is None


def test_a_round_without_an_accepted_dialogue_is_the_last() -> None:
    rounds = [made(0, 20), made(1, None)]
    assert why_stop(rounds, patience=9) == "no dialogue of round 1 was accepted"
    assert best_of(rounds) == rounds[0]


def test_declining_is_right_where_there_is_no_answer() -> None:
    shares = measured_shares({"a": (True, True), "b": (True, False), "c": (False, True)})
    assert [shares[name].value for name in ("right", "correct", "declined")] == [0.6667, 0.5, 1.0]


def test_a_gain_is_paired_by_question() -> None:
    before = {str(n): (True, n < 10) for n in range(40)}
    after = {str(n): (True, n < 30) for n in range(40)} | {"only after": (True, True)}
    gain = gain_over(before, after, seed=0)
    assert (gain.value, gain.n) == (0.5, 40)
    assert gain.low is not None and gain.low > 0.3
    assert gain_over(before, before, seed=0).high == 0


def spent(**parts: Any) -> RunCounts:
    return RunCounts(
        planned=1, accepted=1, rejected={}, failed={}, pending=0, exchanges=1, calls=9, tokens_in=9,
        tokens_out=9, cost_usd=0.0, charged=Spending(**parts),
    )  # fmt: skip


def test_limits_hold_for_all_rounds_together() -> None:
    recipe = Recipe.model_validate({"limits": {"budget_usd": 2, "calls": 100, "wall": "1h"}})
    rounds = [spent(usd=0.5, calls=30), spent(usd=0.25, calls=30)]
    left = limited(recipe, spent=rounds, since=time.monotonic() - 600).limits
    assert (left.budget_usd, left.calls) == (1.25, 40)
    assert left.wall_s is not None and 2900 < left.wall_s <= 3000
    with pytest.raises(BudgetReached, match="calls of 100 is used up"):
        limited(recipe, spent=[*rounds, spent(calls=40)], since=time.monotonic())


@pytest.mark.parametrize(
    ("name", "value"),
    [("rounds", 0), ("role", "critic"), ("teacher_share", 1), ("samples", 9), ("patience", 0)],
)
def test_a_setting_that_doesnt_fit_is_told_by_its_name(name: str, value: object) -> None:
    with pytest.raises(UserError, match=f"^`{name}=`"):
        round_settings({name: value})


@pytest.mark.parametrize(
    ("recipe", "method", "says"),
    [
        ({"export": {"split": {"train": 1.0}}}, "sft", "measured on another"),
        ({"agents": {"answerer": {"style": "reasoning"}}}, "sft", "style: plain"),
        ({}, "sft,echo", "learns from an environment"),
        ({"models": {STUDENT: {"model": "offline"}}}, "sft", "choose another"),
    ],
)
def test_what_no_rounds_can_be_made_of_is_refused(recipe: Any, method: str, says: str) -> None:
    training = resolve_settings({"method": method})
    with pytest.raises(UserError, match=says):
        refuse_unfit(Recipe.model_validate(recipe), training)
