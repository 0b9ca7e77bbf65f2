"""Batches are noted with their money, end with their replies, and outlive the process."""

from pathlib import Path
from typing import Any

import pytest

from colloquia.core.errors import BudgetReached
from colloquia.core.ports import BatchLine, ChatReply, Spending, StoredBatch
from colloquia.core.recipe import Limits
from colloquia.store.batches import RunBatches
from colloquia.store.budgets import RunBudget
from colloquia.store.repository import Store
from tests.store.samples import begin, commit, manifest, talk

RUN = manifest().id
MODEL = "openai/any"
CENT = Spending(usd=0.01, calls=1, tokens=100)


async def batches_in(store: Store, **limits: Any) -> RunBatches:
    """Let a process begin that keeps batches in this store."""
    budget = RunBudget(Limits.model_validate(limits))
    batches = RunBatches(budget)
    await store.begin_budget(budget, RUN)
    await store.begin_batches(batches, RUN)
    return batches


def batch(*keys: str, mark: str = "m1") -> StoredBatch:
    lines = tuple(BatchLine(key=key, most=CENT) for key in keys)
    return StoredBatch(id=mark, model=MODEL, asked_at=1.5, lines=lines)


def charged(store: Store) -> Spending:
    found = store.counts(RUN).charged
    assert found is not None
    return found


async def test_a_batch_and_its_money_are_there_for_who_comes_next(path: Path) -> None:
    made = batch("a", "b")
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=[1])
        batches = await batches_in(store, budget_usd=1)
        assert await batches.intend(made) == 2
    with Store.open(path) as store:
        batches = await batches_in(store, budget_usd=1)
        assert await batches.under_way(MODEL) == [made]
        assert await batches.under_way("openai/other") == []
        assert charged(store) == Spending(usd=0.02, calls=2, tokens=200)
        assert store.open_batches(RUN) == {MODEL: 2}
        await batches.handed_in(made, "batch_7")
    with Store.open(path) as store:
        batches = await batches_in(store, budget_usd=1)
        (again,) = await batches.under_way(MODEL)
        assert again.remote_id == "batch_7"
        reply, spent = ChatReply(text="Yes.\ud800"), Spending(usd=0.003, calls=2, tokens=30)
        await batches.end(again, {"a": reply}, spent)
    with Store.open(path) as store:
        batches = await batches_in(store)
        assert await batches.under_way(MODEL) == [] and store.open_batches(RUN) == {}
        assert await batches.unused(MODEL) == {"a": ChatReply(text="Yes.\ufffd")}
        assert charged(store).usd == pytest.approx(0.003)


async def test_a_reply_is_let_go_of_once_a_call_was_made_of_it(path: Path) -> None:
    with Store.open(path, create=True) as store:
        dialogue = await begin(store, dialogues=[1])
        written = talk(1, dialogue.id)
        used = written.calls[0].request_hash
        batches = await batches_in(store)
        await batches.intend(batch(used, "other"))
        replies = {key: ChatReply(text=key) for key in (used, "other")}
        await batches.end(batch(used, "other"), replies, CENT)
        await batches.forget_used()
        assert set(await batches.unused(MODEL)) == {used, "other"}, "no call was made of either"
        await commit(store, written)
        await batches.forget_used()
        assert set(await batches.unused(MODEL)) == {"other"}


async def test_as_many_as_fit_are_noted_and_no_more(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=[1])
        batches = await batches_in(store, budget_usd=0.025)
        first = batch("a", "b", "c")
        assert await batches.intend(first) == 2
        assert charged(store).usd == pytest.approx(0.02)
        assert await batches.intend(batch("c", mark="m2")) == 0
        assert store.open_batches(RUN) == {MODEL: 2}
        (noted,) = await batches.under_way(MODEL)
        await batches.end(noted, {}, Spending())
        assert await batches.intend(batch("c", mark="m3")) == 1


async def test_where_nothing_is_under_way_there_is_no_room_to_wait_for(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=[1])
        batches = await batches_in(store, budget_usd=0.005)
        assert await batches.intend(batch("a")) == 0
        with pytest.raises(BudgetReached, match=r"budget of \$0.005 reached: \$0.00 spent or held"):
            await batches.wait_for_room(CENT)


async def test_what_a_batch_holds_counts_under_a_ceiling_that_is_set_later(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=[1])
        batches = await batches_in(store)
        assert await batches.intend(batch("a", "b")) == 2
    with Store.open(path) as store:
        batches = await batches_in(store, budget_usd=0.025)
        assert await batches.intend(batch("c", mark="m2")) == 0
