"""A ceiling holds for any number of tasks and processes, and what is set aside outlives them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloquia.core.errors import BudgetReached
from colloquia.core.ports import Spending
from colloquia.core.recipe import Limits
from colloquia.store.budgets import RunBudget
from colloquia.store.repository import Store
from tests.store.samples import begin, commit, manifest, talk

RUN = manifest().id
HAIR = 1e-9  # sums of fractions


async def budget_in(store: Store, **limits: Any) -> RunBudget:
    made = RunBudget(Limits.model_validate(limits))
    await store.begin_budget(made, RUN)
    return made


def charged(store: Store) -> Spending:
    found = store.counts(RUN).charged
    assert found is not None
    return found


def usd(amount: float) -> Spending:
    return Spending(usd=amount, calls=1, tokens=100)


amounts = st.integers(0, 400).map(lambda cents: cents / 100)
requests = st.lists(st.tuples(amounts, st.none() | st.floats(0, 1)), max_size=25)


@settings(max_examples=25, deadline=None)
@given(planned=requests)
def test_whatever_is_asked_for_the_ceiling_holds_and_nothing_is_forgotten(
    planned: list[tuple[float, float | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each request may cost so much at most and costs a share of that; None: its reply is lost."""
    cap, spent = 10.0, [0.0]

    async def ask(budget: RunBudget, most_usd: float, share: float | None) -> None:
        most = usd(most_usd)
        await budget.reserve(most)
        await asyncio.sleep(0)
        cost = most_usd if share is None else most_usd * share
        spent[0] += cost
        budget.settle(most, most if share is None else usd(cost))

    async def run(store: Store) -> list[BudgetReached]:
        await begin(store)
        budget = await budget_in(store, budget_usd=cap)
        asked = [asyncio.create_task(ask(budget, *request)) for request in planned]
        async with asyncio.timeout(300):
            await asyncio.wait(asked) if asked else None
        return [error for task in asked if isinstance(error := task.exception(), BudgetReached)]

    path = tmp_path_factory.mktemp("budget") / "colloquia.db"
    with Store.open(path, create=True) as store:
        refused = asyncio.run(run(store))
    with Store.open(path) as store:
        held = charged(store)
    assert held.usd <= cap + HAIR
    assert held.usd == pytest.approx(spent[0], abs=HAIR)
    assert held.calls == len(planned) - len(refused)
    if sum(most for most, _ in planned) <= cap:
        assert not refused
    if refused:
        assert held.usd + max(most for most, _ in planned) > cap, "there was room"


async def test_who_does_not_fit_waits_for_what_is_under_way(store: Store) -> None:
    await begin(store)
    budget = await budget_in(store, budget_usd=1.0)
    await budget.reserve(usd(0.9))
    waiting = asyncio.create_task(budget.reserve(usd(0.5)))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    budget.settle(usd(0.9), usd(0.1))
    async with asyncio.timeout(300):
        await waiting
    assert charged(store).usd == pytest.approx(0.6)


async def test_nobody_waits_for_what_was_all_spent(store: Store) -> None:
    await begin(store)
    budget = await budget_in(store, budget_usd=1.0)
    await budget.reserve(usd(0.9))
    waiting = [asyncio.create_task(budget.reserve(usd(0.5))) for _ in range(5)]
    await asyncio.sleep(0.05)
    budget.settle(usd(0.9), usd(0.9))
    async with asyncio.timeout(300):
        done, _ = await asyncio.wait(waiting)
    assert {type(task.exception()) for task in done} == {BudgetReached}


async def test_processes_share_one_ceiling(store: Store, path: Path) -> None:
    await begin(store)
    with Store.open(path) as other:
        budgets = [await budget_in(store, calls=25), await budget_in(other, calls=25)]

        async def spend(budget: RunBudget) -> int:
            fitted = 0
            try:
                for _ in range(20):
                    await budget.reserve(usd(0))
                    budget.settle(usd(0), usd(0))
                    fitted += 1
            except BudgetReached:
                pass
            return fitted

        async with asyncio.TaskGroup() as group:
            spending = [group.create_task(spend(budget)) for budget in budgets for _ in range(3)]
        assert sum(task.result() for task in spending) == 25
    assert charged(store).calls == 25


async def test_what_a_dead_process_set_aside_stays_counted(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store)
        await (await budget_in(store, budget_usd=1.0)).reserve(usd(0.75))
    with Store.open(path) as store:
        again = await budget_in(store, budget_usd=1.0)
        with pytest.raises(BudgetReached):
            await again.reserve(usd(0.5))
        raised = await budget_in(store, budget_usd=1.5)
        await raised.reserve(usd(0.5))
        assert charged(store).usd == pytest.approx(1.25)


async def test_calls_made_before_there_was_a_ceiling_count(store: Store) -> None:
    await begin(store, dialogues=[1, 2])
    for number in (1, 2):
        await commit(store, talk(number, RUN))
    assert store.counts(RUN).charged is None
    await budget_in(store, tokens=1000)
    held = charged(store)
    assert (held.calls, held.tokens) == (4, 4 * 132)
    assert held.usd == pytest.approx(4 * 0.001)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (
            {"budget_usd": 1.0},
            "budget of $1.00 reached: $0.97 spent or held, the next call may cost $0.0512; raise "
            "limits.budget_usd (or `budget_usd=`) and run the same command again",
        ),
        (
            {"calls": 1},
            "limit of 1 calls reached: 1 made or held, the next call may take 1; raise "
            "limits.calls and run the same command again",
        ),
        (
            {"tokens": 150},
            "limit of 150 tokens reached: 100 made or held, the next call may take 100; raise "
            "limits.tokens and run the same command again",
        ),
    ],
)
async def test_a_ceiling_is_one_line_with_the_fix(
    limits: dict[str, float], says: str, store: Store
) -> None:
    await begin(store)
    first = await budget_in(store, **limits)
    await first.reserve(usd(0.97))
    second = await budget_in(store, **limits)
    with pytest.raises(BudgetReached) as reached:
        await second.reserve(usd(0.0512))
    assert str(reached.value) == says
    assert reached.value.exit_code == 3


async def test_without_a_ceiling_nothing_is_written(store: Store, path: Path) -> None:
    await begin(store)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM budgets").fetchone() == (0,)
