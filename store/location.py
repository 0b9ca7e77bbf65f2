"""Where a store is: a path or URL, looked at before anything is opened, created or changed."""

import os
import sqlite3
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from colloquia.core.errors import StoreError, WrongStore
from colloquia.store.explanations import NO_DATABASE, explained
from colloquia.store.tables import Row

Where = str | os.PathLike[str]

_BY_EFFECTIVE_IDS = os.access in os.supports_effective_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A store's place; `shown` is how messages name it, without a password."""

    shown: str
    path: Path | None = None
    """The file, for SQLite."""
    url: URL | None = None
    """The URL, for everything else."""

    @classmethod
    def of(cls, where: Where) -> "Location":
        """Read a bare path, `sqlite:///PATH` or `postgresql://…`.

        Raises:
            WrongStore: it is no such thing.
        """
        if not isinstance(where, str | os.PathLike):
            raise WrongStore(f"a store is a path or a URL, not {where!r}; name it, colloquia.db")
        where = os.fspath(where)
        if "://" not in where:
            return cls._file(where)
        try:
            url = make_url(where)
        except (ArgumentError, ValueError) as error:
            raise WrongStore(f"{where!r} is no store URL; write sqlite:///FILE.db") from error
        match url.get_backend_name():
            case "sqlite":
                return cls._file(url.database or "")
            case "postgresql":
                if url.drivername == "postgresql":
                    url = url.set(drivername="postgresql+psycopg")
                return cls(shown=url.render_as_string(hide_password=True), url=url)
            case other:
                raise WrongStore(f"a store can't be on {other!r}; use sqlite:/// or postgresql://")

    @classmethod
    def _file(cls, name: str) -> "Location":
        if name in ("", ":memory:"):
            raise WrongStore("a store needs a file, because several connections share it")
        path = Path(name).expanduser()
        return cls(shown=str(path), path=path)


def from_anywhere(where: Where) -> str:
    """Return a path that stays right when the current folder changes; a URL stays as it is.

    Raises:
        WrongStore: it is neither.
    """
    path = Location.of(where).path
    return str(where) if path is None else str(path.absolute())


def file_uri(path: Path, *, create: bool) -> str:
    """Return SQLite's URI for a file; without `create`, opening a missing file fails."""
    return f"file:{quote(str(path))}?mode={'rwc' if create else 'rw'}"


def reading_uri(path: Path) -> str:
    """Return SQLite's URI for a file that can't be written here.

    Beside a log, SQLite reads both. Without one, and where it may not make one, it has to be told
    that nobody changes the file: then it needs no log.
    """
    has_log = path.with_name(f"{path.name}-wal").exists()
    return f"file:{quote(str(path))}?mode=ro{'' if has_log else '&immutable=1'}"


def existing_uri(path: Path) -> str:
    """Return SQLite's URI for a file that is there, as far as it may be written here."""
    return file_uri(path, create=False) if is_writable(path) else reading_uri(path)


def read_only(shown: str) -> StoreError:
    """Return the error of a store that can only be looked at."""
    return StoreError(f"{shown} is read-only here; change its permissions or copy it")


def is_writable(path: Path) -> bool:
    """Say whether a store's file, and its log beside it, can be written by this process."""
    return all(
        os.access(place, os.R_OK | os.W_OK, effective_ids=_BY_EFFECTIVE_IDS)
        for place in (path, path.absolute().parent)
    )


def check_file(path: Path, *, create: bool) -> bool:
    """See that a file is a store, or may become one; changes nothing.

    Returns:
        Whether there is a file.

    Raises:
        WrongStore: it is something else, or nothing.
        StoreError: it can't be read; the message says why and what to do.
    """
    try:
        if path.is_dir():
            raise WrongStore(f"{path} is a folder; name a file in it, {path / 'colloquia.db'}")
        if not path.exists():
            _check_missing(path, create=create)
            return False
        if not path.is_file():
            raise WrongStore(f"{path} is not a regular file")
        _check_beside(path.resolve())
    except OSError as error:
        raise StoreError(f"{path} can't be opened: {error.strerror}") from error
    # Never opened here but by SQLite: closing a file drops all the locks that this process holds
    # on it (POSIX), and then another process may delete the log that we still write to.
    if create and not is_writable(path):
        raise read_only(str(path))
    _check_tables(path, existing_uri(path), create=create)
    return True


def _check_beside(file: Path) -> None:
    """Refuse what SQLite would open along with a file, and wait for ever for if it is a pipe."""
    for end in ("-journal", "-wal", "-shm"):
        beside = file.with_name(file.name + end)
        with suppress(FileNotFoundError):  # SQLite makes and removes them at any moment
            if not stat.S_ISREG(beside.lstat().st_mode):
                raise WrongStore(f"{beside} is not a regular file; take it away")


def _check_missing(path: Path, *, create: bool) -> None:
    if not create:
        raise WrongStore(f"there is no store at {path}; `colloquia run` makes one")
    if not path.absolute().parent.is_dir():
        raise WrongStore(f"the folder {path.parent} doesn't exist; make it first")


def _check_tables(path: Path, uri: str, *, create: bool) -> None:
    try:
        connection = sqlite3.connect(uri, uri=True)
        try:
            schema = connection.execute("SELECT type, name, tbl_name, rootpage FROM sqlite_master")
            found = [_Found(*row) for row in schema]
        finally:
            connection.close()
    except sqlite3.Error as error:
        kind = WrongStore if NO_DATABASE in str(error) else StoreError
        raise kind(explained(str(path), str(error))) from error
    tables = {one.name for one in found}
    if tables and "schema_version" not in tables:
        raise WrongStore(f"{path} belongs to another program; name another file with `store=`")
    if not tables and not create:
        raise WrongStore(f"{path} holds no store yet; `colloquia run` makes one")
    for one in found:
        if one.table in Row.metadata.tables and one.acts:
            raise WrongStore(
                f"{path} has a {one.type} {one.name!r}, which colloquia never makes and which may "
                f"change what is read and written; take it out with DROP {one.type.upper()}"
            )


class _Found(NamedTuple):
    """A row of a database's schema."""

    type: str
    name: str
    table: str
    rootpage: int

    @property
    def acts(self) -> bool:
        """Whether it is run rather than read: a trigger, a view, a virtual table."""
        return not self.rootpage
