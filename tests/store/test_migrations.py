"""The steps lead to the tables, and an older store is brought forward with a copy kept (P30)."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect

from colloquia.core.errors import StoreError
from colloquia.core.recipe import Limits
from colloquia.core.types import Value
from colloquia.store import database, migrations
from colloquia.store.budgets import RunBudget
from colloquia.store.migrations import LATEST, MIGRATIONS, Migration, migrate
from colloquia.store.repository import Store
from colloquia.store.rows import JSON_FIELDS
from colloquia.store.tables import Row
from tests.store.samples import begin, commit, pending, talk


def shape(engine: Engine) -> dict[str, object]:
    """All that a schema is made of, with the two ways to say text made one."""
    look = inspect(engine)
    return {
        name: {
            "columns": {
                column["name"]: (
                    str(column["type"]).replace("VARCHAR", "TEXT"),
                    column["nullable"],
                    column["default"],
                )
                for column in look.get_columns(name)
            },
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted(u["column_names"] for u in look.get_unique_constraints(name)),
            "foreign": sorted(
                (f["constrained_columns"], f["referred_table"], f["referred_columns"])
                for f in look.get_foreign_keys(name)
            ),
            "indexes": sorted(
                (str(i["name"]), i["column_names"], bool(i["dialect_options"]))
                for i in look.get_indexes(name)
            ),
        }
        for name in look.get_table_names()
    }


def store_of_version(number: int, path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrate(connection, upto=number)
    engine.dispose()


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    migrated, declared = (create_engine(f"sqlite:///{tmp_path / name}") for name in "ab")
    with migrated.begin() as connection:
        assert migrate(connection) == [step.number for step in MIGRATIONS]
    Row.metadata.create_all(declared)
    assert shape(migrated) == shape(declared)
    migrated.dispose()
    declared.dispose()


def test_migrations_are_numbered_from_one() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, LATEST + 1))


@pytest.mark.parametrize("kind", JSON_FIELDS)
def test_every_field_of_a_value_has_a_column(kind: type[Value]) -> None:
    names = {"RunManifest": "runs", "ModelCall": "calls"}
    table = Row.metadata.tables[names.get(kind.__name__, f"{kind.__name__.lower()}s")]
    assert kind.model_fields.keys() <= {column.name for column in table.columns}


@pytest.mark.parametrize("version", range(1, LATEST))
async def test_an_older_store_is_upgraded_and_a_copy_kept(version: int, path: Path) -> None:
    store_of_version(version, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO runs VALUES (1, 'run1_old', 'h', 1, 'old', "
            """'{"snippets": {"path": "s.jsonl"}}', 7, '0', '{}', '{}', NULL)"""
        )

    with Store.open(path) as store:
        assert [run.name for run in store.runs()] == ["old"]
        await commit(store, talk(1, (await begin(store, dialogues=[1])).id))
        assert store.record(pending(1, "").id).dialogue.outcome == "accepted"

    copy = path.with_name(f"colloquia.db.schema-{version}.backup")
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, copy.name]
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(path)) as new:
        versions = "SELECT max(version) FROM schema_version"
        assert (old.execute(versions).fetchone(), new.execute(versions).fetchone()) == (
            (version,),
            (LATEST,),
        )
        assert old.execute("SELECT id FROM runs").fetchall() == [("run1_old",)]


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


def test_a_migration_that_fails_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(connection: object) -> None:
        connection.exec_driver_sql("DROP TABLE messages")  # type: ignore[attr-defined]
        connection.exec_driver_sql("no SQL")  # type: ignore[attr-defined]

    Store.open(path, create=True).close()
    step = Migration(LATEST + 1, "half done", half)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, step))
    monkeypatch.setattr(migrations, "LATEST", step.number)
    monkeypatch.setattr(database, "LATEST", step.number)
    with pytest.raises(StoreError, match="syntax error"):
        Store.open(path)
    monkeypatch.undo()
    with Store.open(path) as store:
        assert store.runs() == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
