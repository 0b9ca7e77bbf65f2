"""One thread commits for all, and only the guilty hear of a failure."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import sqlite

from colloquia.core.errors import StoreError
from colloquia.store.database import Database
from colloquia.store.location import Location
from colloquia.store.repository import Store
from colloquia.store.tables import MessageRow
from colloquia.store.writer import CROWD, Writer
from tests.store.samples import begin, commit, talk

INSERT = sqlite.insert(MessageRow)


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    database = Database(Location.of(path), create=True)
    opened = Writer(database)
    yield opened
    opened.close()
    database.close()


@pytest.fixture
def commits() -> Iterator[list[str]]:
    """One entry per commit, while the test runs."""
    seen: list[str] = []

    def count(_: Connection) -> None:
        seen.append("commit")

    event.listen(Engine, "commit", count)
    yield seen
    event.remove(Engine, "commit", count)


def add(number: int) -> str:
    return f"INSERT INTO messages (id, role, content) VALUES ('{number}', 'user', 'x')"


def held(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(int(number) for (number,) in connection.execute("SELECT id FROM messages"))


def operation(statement: str) -> Callable[[Connection], int]:
    return lambda connection: connection.exec_driver_sql(statement).rowcount


def do(writer: Writer, statement: str) -> "asyncio.Task[int]":
    return asyncio.create_task(writer.do(operation(statement)))


class Gate:
    """Keeps the writer busy until opened, so that submissions gather behind it."""

    def __init__(self, writer: Writer) -> None:
        self._opened, entered = threading.Event(), threading.Event()

        def wait(_: Connection) -> None:
            entered.set()
            self._opened.wait()

        writer.submit(wait)
        entered.wait()

    def open(self) -> None:
        self._opened.set()


async def test_what_gathers_shares_one_commit(
    writer: Writer, path: Path, commits: list[str]
) -> None:
    gate = Gate(writer)
    tasks = [do(writer, add(number)) for number in range(100)]
    await asyncio.sleep(0)
    gate.open()
    assert [await task for task in tasks] == [1] * 100
    assert held(path) == list(range(100))
    assert len(commits) == 2, "the gate's own, and one for all"


async def test_only_a_crowd_is_waited_for(
    writer: Writer, commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes up to two seconds after a crowd shares a commit; alone, nothing waits."""
    monkeypatch.setattr("colloquia.store.writer.LINGER_S", 300.0)
    started = time.monotonic()
    for number in range(CROWD):
        await do(writer, add(number))
    assert time.monotonic() - started < 300.0, "one after the other is no crowd"
    monkeypatch.setattr("colloquia.store.writer.LINGER_S", 2.0)
    gate = Gate(writer)
    crowd = [do(writer, add(number)) for number in range(CROWD, 2 * CROWD)]
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(*crowd)
    commits.clear()
    first = do(writer, add(100))
    await asyncio.sleep(0.1)
    await asyncio.gather(first, do(writer, add(101)))
    assert len(commits) == 1


async def test_one_failure_in_a_batch_is_its_submitters_alone(writer: Writer, path: Path) -> None:
    gate = Gate(writer)
    statements = [add(1), add(2), add(2), "not SQL", add(3)]
    tasks = [do(writer, statement) for statement in statements]
    await asyncio.sleep(0)
    gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(outcome, StoreError) for outcome in outcomes] == [0, 0, 1, 1, 0]
    assert held(path) == [1, 2, 3]


async def test_a_cancelled_caller_harms_nobody(writer: Writer, path: Path) -> None:
    gate = Gate(writer)
    cancelled, kept = do(writer, add(1)), do(writer, add(2))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.sleep(0)
    gate.open()
    assert await kept == 1
    assert held(path) == [2], "what hadn't begun is taken back"


def message(number: int) -> dict[str, str]:
    return {"id": str(number), "role": "user", "content": "x", "tool_calls": "[]"}


def insert(writer: Writer, *numbers: int) -> "asyncio.Future[None]":
    return writer.begin([(INSERT, [message(n) for n in numbers])])


async def test_insertions_of_a_batch_share_a_statement(writer: Writer, path: Path) -> None:
    statements: list[str] = []

    def count(*about: object) -> None:
        statements.append(str(about[2]))

    gate = Gate(writer)
    event.listen(Engine, "before_cursor_execute", count)
    tasks = [insert(writer, 2 * number, 2 * number + 1) for number in range(20)]
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(*tasks)
    event.remove(Engine, "before_cursor_execute", count)
    assert held(path) == list(range(40))
    assert len([text for text in statements if text.startswith("INSERT")]) == 1


async def test_a_failed_insertion_is_its_submitters_alone(writer: Writer, path: Path) -> None:
    gate = Gate(writer)
    tasks: list[asyncio.Future[Any]] = [insert(writer, 1), insert(writer, 2, 2)]
    tasks += [do(writer, add(3)), insert(writer, 4)]
    await asyncio.sleep(0)
    gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(outcome, StoreError) for outcome in outcomes] == [0, 1, 0, 0]
    assert held(path) == [1, 3, 4]


async def test_an_insertion_is_not_taken_back(writer: Writer, path: Path) -> None:
    gate = Gate(writer)
    cancelled, kept = insert(writer, 1), insert(writer, 2)
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.sleep(0)
    gate.open()
    await kept
    assert held(path) == [1, 2]


async def test_even_an_operation_that_exits_does_not_stop_the_thread(writer: Writer) -> None:
    def leave(_: Connection) -> None:
        raise SystemExit(3)

    outcome = writer.submit(leave)
    with pytest.raises(SystemExit):
        outcome.result()
    assert await do(writer, add(1)) == 1


def test_a_store_serves_one_event_loop_after_another(path: Path) -> None:
    with Store.open(path, create=True) as store:
        run = asyncio.run(begin(store, dialogues=range(3)))
        for number in range(3):
            asyncio.run(commit(store, talk(number, run.id)))
        assert store.counts(run.id).accepted == 3


def test_closing_commits_what_waits_and_leaves_one_file_and_no_thread(path: Path) -> None:
    database = Database(Location.of(path), create=True)
    writer = Writer(database)
    gate = Gate(writer)
    waiting = [writer.submit(operation(add(number))) for number in range(600)]
    closing_thread = threading.Thread(target=writer.close)
    closing_thread.start()
    gate.open()
    closing_thread.join()
    database.close()

    assert all(future.result(timeout=0) == 1 for future in waiting)
    assert held(path) == sorted(range(600))
    assert not [thread for thread in threading.enumerate() if "colloquia" in thread.name]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_closing_twice_is_fine_and_writing_afterwards_is_not(path: Path) -> None:
    store = Store.open(path, create=True)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="has been closed"):
        asyncio.run(begin(store))


def test_reading_starts_no_thread(path: Path) -> None:
    before = threading.active_count()
    with Store.open(path, create=True) as store:
        assert store.runs() == []
        assert threading.active_count() == before


def test_commits_reach_the_disk_and_foreign_keys_hold(path: Path) -> None:
    database = Database(Location.of(path), create=True)
    for way in (database.reading, database.writing):
        with way() as connection:
            asked = ("journal_mode", "synchronous", "foreign_keys", "mmap_size")
            found = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in asked}
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "mmap_size": 0}
    database.close()


async def test_writers_of_several_stores_wait_for_each_other(path: Path) -> None:
    """Each reads, waits, then writes what it read plus one: a lost update would show."""

    def count_up(connection: Connection) -> None:
        read = connection.exec_driver_sql("SELECT max(CAST(id AS INTEGER)) FROM messages").scalar()
        time.sleep(0.001)
        connection.exec_driver_sql(add((read or 0) + 1))

    stores = [Database(Location.of(path), create=True) for _ in range(4)]
    writers = [Writer(database) for database in stores]
    async with asyncio.TaskGroup() as tasks:
        for _ in range(10):
            for writer in writers:
                tasks.create_task(writer.do(count_up))
    for writer, database in zip(writers, stores, strict=True):
        writer.close()
        database.close()
    assert held(path) == list(range(1, 41))
