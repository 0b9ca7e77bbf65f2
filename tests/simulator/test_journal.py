"""What comes in one go is one commit, and it is on disk before the next call is made."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.stage import rows
from colloquia.core.commit import Commit
from colloquia.core.errors import StoreError
from colloquia.simulator.journal import Journal
from colloquia.store.repository import Store
from tests.store.samples import Talk, begin, talk


class Watched(Store):
    """A store that counts what it is given."""

    submitted: int = 0

    def submit(self, *what: Any) -> "asyncio.Future[None]":
        self.submitted += 1
        return super().submit(*what)


async def opened(path: Path) -> tuple[Watched, Journal, Talk]:
    store = Watched.open(path, create=True)
    run = await begin(store, dialogues=[1])
    made = talk(1, run.id)
    return store, Journal(store, run_id=run.id, dialogue_id=made.dialogue.id), made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "colloquia.db"


async def test_a_call_and_the_turn_it_made_are_one_commit(path: Path) -> None:
    store, journal, made = await opened(path)
    with store:
        await journal.record(made.calls[0])
        await journal.put(Commit(turns=made.turns[:1]))
        await journal.put(Commit(turns=made.turns[1:], reviews=made.reviews))
        await journal.written()
        assert store.submitted == 1
        assert await journal.calls(made.dialogue.id) == [made.calls[0]]
        kept = {
            table: rows(path, f"SELECT count(*) FROM {table}")[0][0]
            for table in ("turns", "reviews")
        }
        assert kept == {"turns": len(made.turns), "reviews": len(made.reviews)}


async def test_what_was_paid_for_is_sent_off_as_soon_as_its_dialogue_waits(path: Path) -> None:
    store, journal, made = await opened(path)
    with store:
        await journal.record(made.calls[0])
        assert store.submitted == 0
        await asyncio.sleep(0)
        assert store.submitted == 1
        await journal.written()
        await journal.written()
        assert store.submitted == 1


async def test_a_commit_that_fails_is_told_however_late_it_is_asked_for(path: Path) -> None:
    store, _, made = await opened(path)
    with store:
        lost = Journal(store, run_id=made.dialogue.run_id, dialogue_id="dlg1_none")
        await lost.put(Commit(turns=made.turns[:1]))
        with pytest.raises(StoreError):
            await lost.written()
        with pytest.raises(StoreError):
            await lost.written()
