"""Real processes on one store: killed, competing, taking over."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from colloquia.core.errors import RunOwned
from colloquia.core.heartbeat import Heartbeat
from colloquia.store import ownership
from colloquia.store.ownership import LEASE_S
from colloquia.store.repository import Store
from colloquia.store.writing import Planned
from tests.store.samples import begin, manifest, pending, snippet

ROOT = Path(__file__).parents[2]
RUN = manifest().id


@contextmanager
def process(task: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a task of `worker.py` for the length of the block, then kill -9."""
    command = [sys.executable, "-m", "tests.store.worker", task, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def lines(running: subprocess.Popen[str], number: int | None = None) -> list[str]:
    """Read so many whole lines, or all there are."""
    assert running.stdout is not None
    found = (
        iter(running.stdout) if number is None else (next(running.stdout) for _ in range(number))
    )
    return [line.strip() for line in found if line.endswith("\n")]


def started(*waiting: subprocess.Popen[str]) -> tuple[subprocess.Popen[str], ...]:
    """Give processes that wait on their input the word, all at once."""
    for running in waiting:
        assert running.stdin is not None
        running.stdin.write("go\n")
        running.stdin.flush()
    return waiting


async def test_two_stores_of_one_process_keep_their_log_when_a_visitor_leaves(path: Path) -> None:
    # Had the second opening dropped this process's locks, the visitor would delete the log.
    with Store.open(path, create=True) as store, Store.open(path):
        await begin(store, dialogues=range(2))
        with process("visit", path) as visitor:
            assert visitor.wait(300) == 0
        assert path.with_name(path.name + "-wal").exists()
        await begin(store, dialogues=range(2, 5))
        with Store.open(path) as other:
            assert other.counts(RUN).planned == 5
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_no_acknowledged_turn_is_lost_by_kill_9(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=range(8))
    said: set[str] = set()
    for kill in range(4):
        with process("write", path) as running:
            said |= set(lines(running, 40 + 57 * kill))
            running.kill()
            said |= set(lines(running))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            held = {turn for (turn,) in connection.execute("SELECT id FROM turns")}
        assert said <= held
    assert len(said) >= 4 * 40


async def test_a_second_process_is_refused_until_the_first_is_dead(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=[1])
        with process("hold", path) as running:
            assert lines(running, 1) == ["owned"]
            with pytest.raises(RunOwned, match=f"process {running.pid}"), store.own(RUN):
                pytest.fail("two owners")
            assert await store.claim(RUN, 1) == [], "the owner has claimed it"
        with store.own(RUN):
            assert len(await store.claim(RUN, 1)) == 1, "a dead owner's claims are freed"


async def test_a_stopped_but_living_owner_keeps_its_run(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store)
        with process("hold", path) as running:
            lines(running, 1)
            set_owner(path, heartbeat=0.0)
            with pytest.raises(RunOwned), store.own(RUN):
                pytest.fail("two owners")


async def test_processes_never_claim_the_same_dialogue(path: Path) -> None:
    with Store.open(path, create=True) as store:
        await begin(store, dialogues=range(300))
        with process("claim", path) as a, process("claim", path) as b, process("claim", path) as c:
            for running in (a, b, c):
                assert lines(running, 1) == ["ready"]
            claimed = [lines(running) for running in started(a, b, c)]
        every = [dialogue for some in claimed for dialogue in some]
        assert sorted(every) == sorted(pending(n, RUN).id for n in range(300))
        assert all(claimed)
        assert store.counts(RUN).accepted == 300


async def test_dialogues_are_claimed_in_the_order_they_came_in(store: Store) -> None:
    order = [5, 3, 9, 1]
    await begin(store, dialogues=order)
    await begin(store, dialogues=[*order, 0])
    claimed = [d.id for _ in range(3) for d, _ in await store.claim(RUN, 2)]
    assert claimed == [pending(n, RUN).id for n in (*order, 0)]


async def test_the_longest_dialogues_are_claimed_first(store: Store) -> None:
    run = await begin(store)
    lengths = {1: 3, 2: 6, 3: 5, 4: 6, 5: 0}
    planned = [Planned(snippet(n), pending(n, RUN), length) for n, length in lengths.items()]
    await store.add_dialogues(run.id, planned)
    claimed = [d.id for _ in range(3) for d, _ in await store.claim(RUN, 2)]
    assert claimed == [pending(n, RUN).id for n in (2, 4, 3, 1, 5)]


async def test_what_comes_next_is_found_without_sorting(store: Store, path: Path) -> None:
    await begin(store, dialogues=[1])
    query = (
        "EXPLAIN QUERY PLAN SELECT position FROM dialogues WHERE run_id = 'r' AND outcome = "
        "'pending' AND claimed_by IS NULL ORDER BY expected_length DESC, position LIMIT 1"
    )
    with closing(sqlite3.connect(path)) as connection:
        (step,) = [row[3] for row in connection.execute(query)]
    assert step == "SEARCH dialogues USING INDEX dialogues_to_claim (run_id=?)"


async def test_giving_up_a_run_gives_up_its_claims(store: Store) -> None:
    await begin(store, dialogues=[1])
    for _ in range(2):
        with store.own(RUN):
            assert len(await store.claim(RUN, 5)) == 1


async def test_one_process_does_not_own_a_run_twice(store: Store, path: Path) -> None:
    await begin(store)
    with store.own(RUN), Store.open(path) as other:
        for again in (store, other):
            with pytest.raises(RunOwned), again.own(RUN):
                pytest.fail("two owners")
    with store.own(RUN):
        pass


async def test_an_owner_elsewhere_is_followed_by_its_heartbeat(store: Store, path: Path) -> None:
    await begin(store)
    with store.own(RUN), Store.open(path) as other:
        set_owner(path, machine="elsewhere", heartbeat=time.time() - LEASE_S / 2)
        with pytest.raises(RunOwned), other.own(RUN):
            pytest.fail("two owners")
        set_owner(path, machine="elsewhere", heartbeat=time.time() + LEASE_S)
        with pytest.raises(RunOwned), other.own(RUN):
            pytest.fail("its clock is only ahead")
        set_owner(path, machine="elsewhere", heartbeat=time.time() - LEASE_S * 2)
        with other.own(RUN):
            pass


async def test_an_owner_from_before_a_clock_was_set_back_is_gone(store: Store, path: Path) -> None:
    await begin(store)
    await store.send_heartbeat(RUN, Heartbeat(dialogues=3))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE heartbeats SET at = ?", (time.time() + 1e6,))
    assert store.heartbeat(RUN) is None
    with store.own(RUN), Store.open(path) as other:
        set_owner(path, machine="elsewhere", heartbeat=time.time() + 1e6)
        with other.own(RUN):
            pass


def test_an_owner_keeps_its_heartbeat_going(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(begin(store))
    monkeypatch.setattr(ownership, "HEARTBEAT_S", 0.01)
    with store.own(RUN):
        set_owner(path, heartbeat=0.0)
        with closing(sqlite3.connect(path)) as connection:
            while connection.execute("SELECT heartbeat FROM owners").fetchone() == (0.0,):
                time.sleep(0.01)  # another thread beats


async def test_a_process_number_used_again_is_not_the_owner(store: Store, path: Path) -> None:
    await begin(store)
    with store.own(RUN), Store.open(path) as other:
        set_owner(path, started="1", heartbeat=time.time())
        with other.own(RUN):
            pass


def set_owner(path: Path, **columns: str | float) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, content in columns.items():
            connection.execute(f"UPDATE owners SET {name} = ?", (content,))
