"""The steps lead to the tables, and an older store is brought forward with a copy kept (P30)."""

import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from colloquia.core.errors import StoreError
from colloquia.core.recipe import Limits
from colloquia.store import migrations
from colloquia.store.budgets import RunBudget
from colloquia.store.migrations import LATEST, upgrade
from colloquia.store.repository import Store
from tests.store.samples import begin, commit, pending, talk
from tests.store.schemas import differences, first_schema
from tests.store.test_opening import contents, not_root

BEFORE_ALEMBIC = 7
VERSIONS = "SELECT max(version) FROM schema_version"


def store_of_version(number: int, path: Path) -> None:
    """Make a store as it was made then; up to version 7 the table of versions was another."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        first_schema(connection)
        kept = connection.exec_driver_sql("SELECT sql FROM sqlite_master LIMIT 1").scalar_one()
        upgrade(connection, since=1, upto=number)
        if number <= BEFORE_ALEMBIC:
            connection.exec_driver_sql("DROP TABLE schema_version")
            connection.exec_driver_sql(kept)
            connection.exec_driver_sql(
                f"INSERT INTO schema_version (version, description) VALUES ({number}, '')"
            )
    engine.dispose()


def index_made(path: Path) -> str:
    """The one index with a descending part, which Alembic can't compare on SQLite."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT sql FROM sqlite_master WHERE name = 'dialogues_to_claim'"
        return re.sub(r"\s+", " ", connection.execute(query).fetchone()[0])


def test_the_steps_lead_to_the_tables(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    store_of_version(1, old)
    for path in (old, new):
        Store.open(path, create=True).close()
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            assert differences(connection) == []
        engine.dispose()
    assert index_made(old) == index_made(new)


def test_a_step_too_few_is_a_difference(path: Path) -> None:
    store_of_version(LATEST - 1, path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert "batch_lines" in str(differences(connection))
    engine.dispose()


def test_the_steps_are_numbered_from_one() -> None:
    steps = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert [step.revision for step in steps] == [str(n) for n in range(LATEST, 0, -1)]


def test_an_up_to_date_store_is_opened_without_alembic(path: Path) -> None:
    code = (
        "import sys; from colloquia.store.repository import Store; "
        f"Store.open({str(path)!r}, create=True).close(); "
        "print('alembic' in sys.modules)"
    )
    for _ in ("made", "opened"):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        assert done.stdout.split() == [b"False"]


def old_store(path: Path, version: int) -> None:
    """Make a store of then, with a run in it."""
    store_of_version(version, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")  # as every store is
        connection.execute(
            "INSERT INTO runs VALUES (1, 'run1_old', 'h', 1, 'old', "
            """'{"snippets": {"path": "s.jsonl"}}', 7, '0', '{}', '{}', NULL)"""
        )


@pytest.mark.parametrize("version", range(1, LATEST))
async def test_an_older_store_is_upgraded_and_a_copy_kept(version: int, path: Path) -> None:
    old_store(path, version)
    with Store.open(path) as store:
        assert [run.name for run in store.runs()] == ["old"]
        await commit(store, talk(1, (await begin(store, dialogues=[1])).id))
        assert store.record(pending(1, "").id).dialogue.outcome == "accepted"

    copy = path.with_name(f"colloquia.db.schema-{version}.backup")
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, copy.name]
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(path)) as new:
        assert (old.execute(VERSIONS).fetchone(), new.execute(VERSIONS).fetchone()) == (
            (version,),
            (LATEST,),
        )
        assert old.execute("SELECT id FROM runs").fetchall() == [("run1_old",)]


def test_an_upgrade_is_told_with_the_copy_that_was_kept(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store_of_version(7, path)
    Store.open(path).close()
    (said,) = caplog.messages
    assert said == f"{path} was upgraded from schema 7 to {LATEST}; {path}.schema-7.backup keeps it"
    Store.open(path).close()
    assert len(caplog.messages) == 1


async def test_an_older_store_that_is_to_stay_as_it_is_is_read_all_the_same(path: Path) -> None:
    old_store(path, 7)
    before = contents(path.parent)
    with Store.open(path, untouched=True) as store:
        assert [run.id for run in store.runs()] == ["run1_old"]
        with pytest.raises(StoreError, match="is read-only here"):
            await store.retry("run1_old")
    assert contents(path.parent) == before


@pytest.mark.parametrize("closed", ["the file", "its folder", "both"])
def test_an_older_store_that_is_read_only_is_read_and_stays_as_it_is(closed: str) -> None:
    with not_root(), tempfile.TemporaryDirectory() as name:
        path = Path(name) / "colloquia.db"
        old_store(path, 7)
        path.chmod(0o644 if closed == "its folder" else 0o444)
        path.parent.chmod(0o755 if closed == "the file" else 0o555)
        before = contents(path.parent)
        with Store.open(path) as store:
            assert [run.name for run in store.runs()] == ["old"]
        assert contents(path.parent) == before
        path.parent.chmod(0o755)


def test_calls_and_messages_of_before_tools_have_none(path: Path) -> None:
    store_of_version(3, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO messages VALUES ('msg1_old', 'user', 'When?')")
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT * FROM messages").fetchall()
    assert rows == [("msg1_old", "user", "When?", "[]", None)]


async def test_a_run_of_a_store_without_budgets_can_be_given_one(path: Path) -> None:
    store_of_version(5, path)
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "budgets" not in tables

    with Store.open(path) as store:
        run = await begin(store, dialogues=[1])
        await commit(store, talk(1, run.id))
        assert store.counts(run.id).charged is None
        await store.begin_budget(RunBudget(Limits(calls=9)), run.id)
        charged = store.counts(run.id).charged
    assert charged is not None
    assert charged.calls == len(talk(1, run.id).calls)
    assert path.with_name("colloquia.db.schema-5.backup").exists()


def test_a_copy_kept_earlier_is_not_overwritten(path: Path) -> None:
    store_of_version(1, path)
    first = path.with_name("colloquia.db.schema-1.backup")
    first.write_text("an earlier copy")
    Store.open(path).close()
    assert first.read_text() == "an earlier copy"
    assert path.with_name("colloquia.db.schema-1.backup-2").exists()


def test_opening_an_up_to_date_store_makes_no_copy(path: Path) -> None:
    for _ in range(2):
        Store.open(path, create=True).close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_step_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE messages")
        connection.exec_driver_sql("no SQL")

    store_of_version(BEFORE_ALEMBIC, path)
    monkeypatch.setattr(migrations, "upgrade", lambda connection, *, since: half(connection))
    with pytest.raises(StoreError, match="syntax error"):
        Store.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(VERSIONS).fetchone() == (BEFORE_ALEMBIC,)
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
    monkeypatch.undo()
    with Store.open(path) as store:
        assert store.runs() == []
