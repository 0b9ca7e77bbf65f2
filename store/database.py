"""A database opened the way the promises need it: durable commits, snapshots, one line per error.

SQLite: write-ahead log, `synchronous=FULL` (a commit is on disk when it returns), foreign keys on,
30 s of patience with other processes, no memory map (a write past its end kills the process when
the disk is full). Python's driver is told to leave transactions alone (`isolation_level=None`);
writers begin with BEGIN IMMEDIATE, because a transaction that reads first and writes later hands
one dialogue to two processes. Readers get a plain BEGIN, which is one snapshot until it ends.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from colloquia.core.errors import StoreError, WrongStore
from colloquia.core.wording import first_misfit
from colloquia.store.explanations import explained
from colloquia.store.location import (
    Location,
    check_file,
    existing_uri,
    file_uri,
    is_writable,
    read_only,
    reading_uri,
)
from colloquia.store.migrations import LATEST, migrate, schema_version

PATIENCE_S = 30.0
MOST_BYTES = 3 * 2**24 + 2**16  # of one row: each byte of a reply may have become U+FFFD
OLDEST_SQLITE = (3, 35)  # the first with RETURNING, by which dialogues are claimed

log = logging.getLogger(__name__)

_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA trusted_schema=OFF",  # what a stranger's schema computes can touch nothing outside it
    "PRAGMA cell_size_check=ON",  # of a damaged page, before anything is read off it
)


class Database:
    """Connections to one store; `reading` and `writing` are its two ways in."""

    def __init__(self, location: Location, *, create: bool, untouched: bool = False) -> None:
        """Open and, where needed, create or upgrade.

        A file that may not be written here is opened for reading; where it is an older one, a
        temporary copy is upgraded and read in its place.

        Args:
            location: where it is.
            create: make it if it isn't there.
            untouched: read an older file from such a copy, too, although it may be written.

        Raises:
            StoreError: it can't be opened; nothing was created or changed.
        """
        self.location = location
        if location.path is not None and sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                f"SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer is needed; "
                f"this Python has {sqlite3.sqlite_version}"
            )
        made = location.path is not None and not check_file(location.path, create=create)
        self._copy: TemporaryDirectory[str] | None = None
        self._readers = _engine(location, begin="BEGIN", create=create)
        self._writers = _engine(location, begin="BEGIN IMMEDIATE", create=create)
        try:
            self._upgrade(untouched=untouched)
            self._files = self._found_files()
        except BaseException:
            self.close()
            if made and location.path is not None:
                _remove_if_empty(location.path)
            raise

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writers.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold one snapshot: what others commit meanwhile isn't seen."""
        with self.translated(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold one write transaction, committed to disk at the end, undone on an error."""
        if self._copy is not None:
            raise read_only(self.location.shown)
        with self.translated(), self._writers.begin() as connection:
            yield connection

    def refuse_damaged(self) -> None:
        """Read all of a SQLite file; an index that lost a row hides it from every query.

        Takes a fraction of what exporting the file takes.

        Raises:
            StoreError: tables and indexes don't agree, or a row belongs to none.
        """
        if self.dialect != "sqlite":
            return
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
            alone = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if found != "ok" or alone is not None:
            problem = f"a row of {alone[0]} belongs to none" if alone is not None else found
            raise StoreError(
                f"{self.location.shown} is damaged: {problem}; put a backup in its place"
            )

    def check_place(self) -> None:
        """See that its files are still where they were opened.

        SQLite would go on to write into a file that has no name any more, and all would be lost.

        Raises:
            StoreError: one was deleted, moved or replaced.
        """
        if any(_identity(file) != known for file, known in self._files.items()):
            raise StoreError(
                f"{self.location.shown} was deleted, moved or replaced while it was in use; put "
                "it back and run the same command again"
            )

    def _found_files(self) -> dict[Path, tuple[int, int] | None]:
        """Return the store's files that are there, and what names each to the system."""
        path = self.location.path
        if path is None or self._copy is not None:
            return {}
        files = (path.absolute(), path.absolute().with_name(f"{path.name}-wal"))
        return {file: identity for file in files if (identity := _identity(file)) is not None}

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what a driver raises into a StoreError."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(explained(self.location.shown, str(error.orig))) from error
        except StatementError as error:  # a value that can't be written
            raise StoreError(f"{self.location.shown}: {error.orig}") from error
        except SQLAlchemyError as error:
            raise StoreError(f"{self.location.shown}: {error}") from error
        except ValidationError as error:  # of sums over rows, or of what stands in none of ours
            problem = first_misfit(error)
            raise StoreError(f"{self.location.shown} is damaged: {problem}") from error

    def close(self) -> None:
        """Close all connections; the last one to close brings the log back into the file."""
        self._readers.dispose()
        self._writers.dispose()
        if self._copy is not None:
            self._copy.cleanup()

    def _upgrade(self, *, untouched: bool) -> None:
        with self.reading() as connection:
            version = schema_version(connection)
        if version > LATEST:
            raise StoreError(
                f"{self.location.shown} was written by a newer colloquia (schema {version}, this "
                f"one knows {LATEST}); upgrade with `pip install -U colloquia`"
            )
        if version == LATEST:
            return
        path, backup = self.location.path, None
        if version and path is not None:
            if untouched or not is_writable(path):
                self._read_from_copy(path)
            else:
                backup = _back_up(path, version)
        with self.translated(), self._writers.begin() as connection:
            migrate(connection)
        if backup is not None:
            log.warning(
                "%s was upgraded from schema %d to %d; %s keeps it",
                *(self.location.shown, version, LATEST, backup),
            )

    def _read_from_copy(self, path: Path) -> None:
        self.close()
        self._copy = TemporaryDirectory(prefix="colloquia-")
        place = Path(self._copy.name) / path.name
        try:
            _copy_database(existing_uri(path), place)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{path} is of an older schema, and no temporary copy of it could be upgraded: "
                f"{error}"
            ) from error
        location = Location(shown=self.location.shown, path=place)
        self._readers = _engine(location, begin="BEGIN", create=False)
        self._writers = _engine(location, begin="BEGIN IMMEDIATE", create=False)


def _back_up(path: Path, version: int) -> Path:
    copy = _free_name(path.with_name(f"{path.name}.schema-{version}.backup"))
    partial = copy.with_name(copy.name + ".partial")
    try:
        _copy_database(file_uri(path, create=False), partial)
        partial.replace(copy)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise StoreError(
            f"no backup of {path} could be made before upgrading it: {error}"
        ) from error
    return copy


def _copy_database(uri: str, place: Path) -> None:
    with (
        closing(sqlite3.connect(uri, uri=True)) as source,
        closing(sqlite3.connect(place)) as target,
    ):
        source.backup(target)


def _engine(location: Location, *, begin: str, create: bool) -> Engine:
    if location.path is None:
        assert location.url is not None
        level = "REPEATABLE READ" if begin == "BEGIN" else "READ COMMITTED"
        try:
            return create_engine(location.url, isolation_level=level)
        except ModuleNotFoundError as error:
            raise WrongStore(
                f"{location.shown} needs the driver {error.name}; `pip install {error.name}`"
            ) from error
    path = location.path.absolute()
    writable = not path.exists() or is_writable(path)
    uri = file_uri(path, create=create) if writable else reading_uri(path)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=PATIENCE_S,
            isolation_level=None,
            check_same_thread=False,  # a pool hands a connection from thread to thread, one by one
        )
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
            if writable:
                _use_wal(connection)
            for pragma in _PRAGMAS:
                connection.execute(pragma).close()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=2, max_overflow=-1
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; here SQLite itself doesn't wait for others, so we do."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _free_name(path: Path) -> Path:
    candidates = (path, *(path.with_name(f"{path.name}-{n}") for n in range(2, 1000)))
    return next(candidate for candidate in candidates if not candidate.exists())


def _remove_if_empty(path: Path) -> None:
    if path.exists() and path.stat().st_size <= 4096:  # one page: a header, no tables
        for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            name.unlink(missing_ok=True)
