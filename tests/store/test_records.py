"""Dialogues are read in one order, from one moment, a few in memory at a time."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from colloquia.core.errors import StoreError, UserError
from colloquia.store.records import CHUNK
from colloquia.store.repository import Store
from colloquia.store.writing import Planned
from tests.store.samples import begin, commit, pending, snippet, talk


async def test_records_come_by_id_whatever_the_order_of_commits(store: Store) -> None:
    run = await begin(store, dialogues=range(30))
    for number in (7, 3, 29, 0):
        await commit(store, talk(number, run.id))
    ids = [record.dialogue.id for record in store.records(run.id)]
    assert ids == sorted(pending(number, run.id).id for number in range(30))


async def test_every_record_has_its_own_parts_across_chunks(store: Store) -> None:
    number_of = {pending(n, "").id: n for n in range(CHUNK * 2 + 1)}
    run = await begin(store, dialogues=number_of.values())
    for number in number_of.values():
        await commit(store, talk(number, run.id))
    seen = 0
    for record in store.records(run.id):
        made = talk(number_of[record.dialogue.id], run.id)
        assert (record.tree, record.reviews) == (made.turns, made.reviews)
        assert (record.plan, record.snippet.id) == (made.plan, made.dialogue.snippet_id)
        seen += 1
    assert seen == len(number_of)


async def test_records_may_be_limited_by_outcome_and_score(store: Store) -> None:
    run = await begin(store, dialogues=range(4))
    await commit(store, talk(0, run.id))
    await commit(store, talk(1, run.id, outcome="rejected"))
    await commit(store, talk(2, run.id, outcome="failed"))

    def outcomes(**limits: object) -> list[str]:
        found = store.records(run.id, **limits)  # type: ignore[arg-type]
        return sorted(record.dialogue.outcome for record in found)

    assert outcomes() == ["accepted", "failed", "pending", "rejected"]
    assert outcomes(outcomes=["accepted", "rejected"]) == ["accepted", "rejected"]
    assert outcomes(outcomes=[]) == []
    assert outcomes(min_score=0.95) == ["accepted", "rejected"], "mean of 0.9 and 1.0"
    assert outcomes(min_score=0.96) == []


async def test_what_is_written_during_an_iteration_is_not_seen(store: Store) -> None:
    run = await begin(store, dialogues=range(CHUNK + 10))
    seen = store.records(run.id)
    assert next(seen).dialogue.outcome == "pending"
    for number in range(CHUNK + 10):
        await commit(store, talk(number, run.id))
    await begin(store, dialogues=range(1000, 1010))
    rest = list(seen)
    assert len(rest) == CHUNK + 9
    assert {record.dialogue.outcome for record in rest} == {"pending"}
    assert store.counts(run.id).accepted == CHUNK + 10


async def test_the_number_of_queries_does_not_grow_with_each_dialogue(store: Store) -> None:
    run = await begin(store, dialogues=range(CHUNK))
    for number in range(CHUNK):
        await commit(store, talk(number, run.id))
    with statements() as sent:
        assert len(list(store.records(run.id))) == CHUNK
    assert len(sent) < 16


async def test_memory_stays_flat_while_records_stream(store: Store) -> None:
    run = await begin(store, dialogues=range(2000))
    peaks = []
    for _ in store.records(run.id):  # what is made once and kept is no growth
        break
    for number in (200, 2000):
        tracemalloc.start()
        for _ in zip(range(number), store.records(run.id), strict=False):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0], "ten times as many records"


async def test_dialogues_too_large_to_be_read_together_are_read_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(store, dialogues=range(9))
    for number in range(9):
        await commit(store, talk(number, run.id))
    together = list(store.records(run.id))
    with statements() as few:
        list(store.records(run.id))
    monkeypatch.setattr("colloquia.store.records.MOST_BYTES", 10_000)
    with statements() as many:
        assert list(store.records(run.id)) == together
    assert len(few) < len(many)


async def test_a_dialogue_larger_than_any_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(store, dialogues=[0])
    done = talk(0, run.id)
    await commit(store, done)
    monkeypatch.setattr("colloquia.store.records.MOST_BYTES", 200)
    reads = (
        lambda: list(store.records(run.id)),
        lambda: store.record(done.dialogue.id),
        lambda: store.calls(run.id, done.dialogue.id),
    )
    for read in reads:
        with pytest.raises(StoreError, match=f"{done.dialogue.id} is damaged: .* 200 are the most"):
            read()


async def test_an_iteration_broken_off_harms_nothing(store: Store) -> None:
    run = await begin(store, dialogues=range(3))
    for _ in range(20):
        next(store.records(run.id))
    await commit(store, talk(1, run.id))
    assert store.counts(run.id).accepted == 1


def test_an_unknown_run_is_an_error_not_an_empty_corpus(store: Store) -> None:
    with pytest.raises(UserError, match="there is no run 'run1_none'"):
        list(store.records("run1_none"))


async def test_ten_thousand_dialogues_are_added_claimed_and_counted(store: Store) -> None:
    run = await begin(store)
    pairs = [Planned(snippet(number), pending(number, run.id)) for number in range(10_000)]
    added = [
        await store.add_dialogues(run.id, pairs[start : start + 1000])
        for start in range(0, 10_000, 500)
    ]
    assert sum(added) == 10_000, "those added before don't count as new"
    assert added[-1] == 0
    claimed = [dialogue for _ in range(100) for dialogue, _ in await store.claim(run.id, 100)]
    assert claimed == [dialogue for _, dialogue, _ in pairs]
    assert await store.claim(run.id, 1) == []
    assert store.counts(run.id).pending == 10_000


@contextmanager
def statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
