"""What is put in comes out the same, and every number adds up."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from colloquia.core.commit import Commit
from colloquia.core.errors import RunOwned, StoreError, UserError
from colloquia.core.ports import CallStore
from colloquia.core.types import Outcome, Review, Turn
from colloquia.store.repository import Store
from colloquia.store.writing import Planned
from tests.store.samples import PERSONA, begin, commit, manifest, pending, snippet, talk


async def test_every_value_comes_back_equal(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    await commit(store, made)

    record = store.record(made.dialogue.id)

    assert store.run(run.id) == run
    assert record.dialogue == made.dialogue
    assert record.snippet == snippet(1)
    assert record.persona == PERSONA
    assert record.plan == made.plan
    assert record.tree == made.turns
    assert record.reviews == made.reviews
    assert tuple(store.calls(run.id, made.dialogue.id)) == made.calls


async def test_values_outlive_the_process_that_wrote_them(path: Path) -> None:
    with Store.open(path, create=True) as store:
        run = await begin(store, dialogues=[1])
        await commit(store, talk(1, run.id))
    with Store.open(path) as again:
        assert again.record(pending(1, run.id).id).tree == talk(1, run.id).turns


async def test_putting_the_same_again_changes_nothing(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    for _ in range(2):
        await commit(store, talk(1, run.id))
        await begin(store, dialogues=[1])

    assert store.record(pending(1, run.id).id).tree == talk(1, run.id).turns
    assert store.counts(run.id).calls == 2
    assert store.runs() == [run]


async def test_a_fresh_run_has_the_same_ids_beside_the_old_rows(store: Store) -> None:
    old, new = await begin(store, dialogues=[1]), await begin(store, dialogues=[1], ordinal=2)
    await commit(store, talk(1, old.id))
    dialogue_id = pending(1, old.id).id

    assert store.record(dialogue_id).dialogue.run_id == new.id, "the latest run is meant"
    assert store.record(dialogue_id).tree == ()
    assert store.record(dialogue_id, old.id).tree == talk(1, old.id).turns


async def test_counts_add_up_to_what_was_planned(store: Store) -> None:
    run = await begin(store, dialogues=range(6))
    outcomes: tuple[Outcome, ...] = ("accepted", "accepted", "rejected", "failed")
    for number, outcome in enumerate(outcomes):
        await commit(store, talk(number, run.id, outcome=outcome))

    counts = store.counts(run.id)

    assert (counts.planned, counts.accepted, counts.pending) == (6, 2, 2)
    assert (counts.rejected, counts.failed) == ({"ungrounded": 1}, {"content": 1})
    assert counts.exchanges == 8, "a draft and its revision answer one question"
    assert (counts.calls, counts.tokens_in, counts.tokens_out) == (8, 960, 96)
    assert counts.cost_usd == pytest.approx(0.008)
    assert not counts.finished


async def test_one_unknown_price_makes_the_cost_unknown(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    free = made.calls[0].model_copy(update={"cost_usd": None})
    await store.put(run.id, made.dialogue.id, Commit(calls=(free, made.calls[1])))
    assert store.counts(run.id).cost_usd is None


async def test_calls_made_in_vain_are_counted_and_count_among_the_calls(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    await commit(store, made)
    for _ in range(2):
        await store.put(run.id, made.dialogue.id, Commit(wasted=(made.calls[1].id,)))
    counts = store.counts(run.id)
    assert (counts.calls, counts.wasted_calls) == (2, 1)


async def test_a_call_without_an_answer_costs_nothing(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    unanswered = made.calls[0].model_copy(update={"cost_usd": None, "reply": None})
    await store.put(run.id, made.dialogue.id, Commit(calls=(unanswered, made.calls[1])))
    assert store.counts(run.id).cost_usd == pytest.approx(0.001)


async def test_an_answer_replaces_a_failure_and_is_never_replaced(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    answered = talk(1, run.id).calls[0]
    failed = answered.model_copy(update={"reply": None, "cause": "transient"})
    other = answered.model_copy(update={"reply": "something else"})
    for call in (failed, answered, other, failed):
        await store.put(run.id, answered.dialogue_id, Commit(calls=(call,)))
    assert store.calls(run.id, answered.dialogue_id) == [answered]


async def test_the_ledger_keeps_calls_in_the_order_they_were_made(store: Store) -> None:
    run = await begin(store, dialogues=[1, 2])
    ledger = store.ledger(run.id)
    first, second = reversed(talk(1, run.id).calls)
    await ledger.record(first)
    await ledger.record(second)
    assert await ledger.calls(first.dialogue_id) == [first, second]
    assert await ledger.calls(pending(2, run.id).id) == []
    _: CallStore = ledger


async def test_a_paid_call_is_kept_even_where_its_dialogue_is_cancelled(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    call = talk(1, run.id).calls[0]
    keeping = asyncio.create_task(store.ledger(run.id).record(call))
    await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait([keeping])
    assert keeping.cancelled()
    await store.put(run.id, call.dialogue_id, Commit())  # what comes later finds it committed
    assert store.calls(run.id, call.dialogue_id) == [call]


async def test_a_message_sent_twice_is_stored_once(store: Store, path: Path) -> None:
    run = await begin(store, dialogues=[1, 2])
    for number in (1, 2):
        await commit(store, talk(number, run.id))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (3,)
    connection.close()


async def test_reviews_come_in_the_same_order_however_they_were_committed(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    await store.put(run.id, made.dialogue.id, Commit(turns=made.turns, reviews=made.reviews[::-1]))
    assert store.record(made.dialogue.id).reviews == made.reviews


async def test_a_review_of_the_dialogue_itself_comes_last(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    whole = Review.of(subject_id=made.dialogue.id, reviewer="human:ana", verdict="accept")
    await store.put(
        run.id, made.dialogue.id, Commit(turns=made.turns, reviews=(whole, *made.reviews))
    )
    assert store.record(made.dialogue.id).reviews == (*made.reviews, whole)


async def test_a_half_finished_dialogue_shows_its_plan_and_turns(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    await store.put(run.id, made.dialogue.id, Commit(plan=made.plan, turns=made.turns[:2]))
    record = store.record(made.dialogue.id)
    assert (record.plan, record.tree) == (made.plan, made.turns[:2])
    assert record.dialogue.outcome == "pending"


async def test_a_put_is_all_or_nothing(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    stranger = made.dialogue.model_copy(update={"persona_id": "pers1_nobody"})
    with pytest.raises(StoreError, match="persona"):
        await store.put(run.id, made.dialogue.id, Commit(turns=made.turns, dialogue=stranger))
    assert store.record(made.dialogue.id).tree == ()


async def test_rows_of_an_unknown_dialogue_are_refused(store: Store) -> None:
    run = await begin(store)
    turn = Turn.of(parent_id="dlg1_none", speaker="questioner", text="Hello?")
    with pytest.raises(StoreError, match="add_dialogues come first"):
        await store.put(run.id, "dlg1_none", Commit(turns=(turn,)))
    with pytest.raises(StoreError, match="isn't in run"):
        await store.put(run.id, "dlg1_none", Commit(dialogue=pending(1, run.id)))
    with pytest.raises(StoreError, match="is of run"):
        await store.add_dialogues(run.id, [Planned(snippet(1), pending(1, "run1_other"))])


async def test_failed_dialogues_are_tried_again_with_their_calls_kept(store: Store) -> None:
    run = await begin(store, dialogues=range(3))
    for number in range(3):
        await commit(store, talk(number, run.id, outcome="failed" if number else "accepted"))

    assert await store.retry(run.id, causes=["outage"]) == 0
    assert await store.retry(run.id, causes=["content"]) == 2

    again = store.record(pending(1, run.id).id).dialogue
    assert (again.outcome, again.attempt, again.reason) == ("pending", 1, None)
    assert store.counts(run.id).calls == 6
    assert len(await store.claim(run.id, 10)) == 2


async def test_a_dialogue_taken_over_by_another_process_is_left_alone(path: Path) -> None:
    with Store.open(path, create=True) as late, Store.open(path) as owner:
        run = await begin(late, dialogues=[1])
        await owner.claim(run.id, 1)
        with pytest.raises(RunOwned, match="taken over"):
            await commit(late, talk(1, run.id, outcome="rejected"))
        await commit(owner, talk(1, run.id))
        assert owner.counts(run.id).accepted == 1


async def test_the_latest_run_is_found_by_recipe(store: Store) -> None:
    assert store.latest_run() is None
    first, second = manifest(), manifest(ordinal=2)
    other = manifest(recipe_hash="0ther")
    for run in (first, second, other):
        await store.begin_run(run, [PERSONA])
    assert store.latest_run() == other
    assert store.latest_run(first.recipe_hash) == second
    assert store.latest_run("unheard of") is None


async def test_ids_may_be_shortened(store: Store) -> None:
    run = await begin(store, dialogues=[1])
    dialogue = pending(1, run.id)
    for prefix in (dialogue.id, dialogue.id[:9], dialogue.id[5:9]):
        assert store.record(prefix).dialogue == dialogue
    assert store.run(run.id[:8]) == store.run(run.id[5:]) == run


async def test_an_id_that_means_nothing_or_too_much_is_an_error_that_helps(store: Store) -> None:
    run = await begin(store, dialogues=range(20))
    misspelt = pending(3, run.id).id[:-1] + "_"
    with pytest.raises(UserError, match=f"did you mean '{pending(3, run.id).id}'"):
        store.record(misspelt)
    with pytest.raises(UserError, match="may be any of 20 dialogues: dlg1_"):
        store.record("dlg1_")
    with pytest.raises(UserError, match="there is no dialogue '%'"):
        store.record("%")
    with pytest.raises(UserError, match="there is no run"):
        store.record(misspelt, "run1_none")
    with pytest.raises(UserError, match="there is no run"):
        store.run("run1_none")
    with pytest.raises(UserError, match=f"did you mean '{run.id}'"):
        store.counts(run.id + "0")
