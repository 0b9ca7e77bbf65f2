"""The schema's history: how a store made by an older colloquia comes to the tables of today.

A new store is made from the classes in `tables.py`, the one place where the schema stands. Only an
older one goes through `versions/`, a file for each step, which is never changed after a release.
To change the schema: change the classes, add the next file and its number here, and add a test
that upgrades a store of the version before. Alembic is imported where there is a step to take.
"""

import threading

from sqlalchemy import Connection, func, insert, inspect, select

from colloquia.core.errors import StoreError
from colloquia.store.tables import Row, SchemaVersionRow

LATEST = 10
_LAST_WITHOUT_ALEMBIC = 7
"""Up to it, `schema_version` had a row for each step, in columns of our own."""
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps what it works on in module-wide places


def schema_version(connection: Connection) -> int:
    """Return the number of a store's schema; 0 for an empty database.

    Raises:
        StoreError: it has tables and no number.
    """
    if not inspect(connection).has_table("schema_version"):
        return 0
    number: int | None = connection.scalar(select(func.max(SchemaVersionRow.version)))
    if not number:
        raise StoreError("the store is damaged: its schema has no number; put a backup in place")
    return number


def migrate(connection: Connection) -> None:
    """Make the tables, or bring them up to date, inside the caller's transaction."""
    version = schema_version(connection)
    if version == 0:
        Row.metadata.create_all(connection)
        _stamp(connection, LATEST)
    elif version < LATEST:
        upgrade(connection, since=version)


def upgrade(connection: Connection, *, since: int, upto: int = LATEST) -> None:
    """Take the steps between two versions, and keep book of them in today's table."""
    from alembic import command  # 0.1 s, which opening a store of today doesn't take
    from alembic.config import Config

    if since <= _LAST_WITHOUT_ALEMBIC:
        table = Row.metadata.tables["schema_version"]
        table.drop(connection)
        table.create(connection)
        _stamp(connection, since)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "colloquia.store:migrations")
    with _ONE_AT_A_TIME:
        command.upgrade(config, str(upto))


def _stamp(connection: Connection, version: int) -> None:
    connection.execute(insert(SchemaVersionRow), {"version_num": str(version)})
