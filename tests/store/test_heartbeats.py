"""What processes say to each other through the store: a heartbeat a second, a request to stop."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from colloquia.core.heartbeat import Heartbeat
from colloquia.store.repository import Store
from tests.store.samples import begin, manifest
from tests.store.test_processes import lines, process, set_owner

RUN = manifest().id
BUSY = Heartbeat(dialogues=3, in_flight=5, limit=8, requests=40, rate_limits=2, retries=4)


async def test_the_heartbeats_of_several_processes_are_summed(store: Store, path: Path) -> None:
    await begin(store)
    assert store.heartbeat(RUN) is None
    with store.own(RUN), Store.open(path) as other:
        await store.send_heartbeat(RUN, Heartbeat(requests=1))
        await store.send_heartbeat(RUN, BUSY)
        await other.send_heartbeat(
            RUN, Heartbeat(in_flight=1, limit=2, outage=True, wasted_calls=7)
        )
        assert other.heartbeat(RUN) == Heartbeat(
            workers=2,
            dialogues=3,
            in_flight=6,
            limit=10,
            requests=40,
            rate_limits=2,
            retries=4,
            outage=True,
            wasted_calls=7,
        )
    assert store.heartbeat(RUN) is None, "nobody works on it"


async def test_a_process_that_fell_silent_is_left_out(store: Store, path: Path) -> None:
    await begin(store)
    await store.send_heartbeat(RUN, BUSY)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE heartbeats SET at = ?", (time.time() - 11,))
    assert store.heartbeat(RUN) is None
    await store.send_heartbeat(RUN, BUSY)
    assert store.heartbeat(RUN) == BUSY


async def test_a_run_is_asked_to_stop_once_and_starts_afresh(store: Store, path: Path) -> None:
    await begin(store)
    with store.own(RUN), Store.open(path) as other:
        assert not await store.send_heartbeat(RUN, BUSY)
        assert other.ask_to_stop(RUN)
        assert await store.send_heartbeat(RUN, BUSY)
    with store.own(RUN):
        assert not await store.send_heartbeat(RUN, BUSY)


async def test_nobody_is_asked_where_nobody_works(store: Store, path: Path) -> None:
    await begin(store)
    assert not store.ask_to_stop(RUN)
    with process("hold", path) as running:
        lines(running, 1)
        assert store.ask_to_stop(RUN)
    assert not store.ask_to_stop(RUN), "it was killed"
    set_owner(path, machine="elsewhere", heartbeat=time.time())
    assert store.ask_to_stop(RUN), "its heart beats"
