"""A store that can't be one is refused in one line, and nothing is touched (P14)."""

import asyncio
import os
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Pool, event

from colloquia.core.errors import ColloquiaError, StoreError, WrongStore
from colloquia.store.migrations import LATEST
from colloquia.store.repository import Store
from tests.store.samples import begin, commit, manifest, talk


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes() if file.is_file() else b""
        for file in folder.rglob("*")
    }


def another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def from_the_future(path: Path) -> None:
    Store.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO schema_version (version_num) VALUES ('99')")


def torn(path: Path) -> None:
    Store.open(path, create=True).close()
    path.write_bytes(path.read_bytes()[:512] + os.urandom(8192))


def beside_a_pipe(path: Path) -> None:
    Store.open(path, create=True).close()
    os.mkfifo(path.with_name(f"{path.name}-journal"))


Wrong = tuple[Callable[[Path], object], type[ColloquiaError], str]
WRONG: dict[str, Wrong] = {
    "random bytes": (
        lambda path: path.write_bytes(bytes(range(256)) * 64),
        WrongStore,
        "no SQLite file",
    ),
    "a short text": (lambda path: path.write_text("{}"), WrongStore, "no SQLite file"),
    "a folder": (lambda path: path.mkdir(), WrongStore, "is a folder; name a file in it"),
    "a pipe": (os.mkfifo, WrongStore, "not a regular file"),
    "beside a pipe": (beside_a_pipe, WrongStore, "-journal is not a regular file; take it away"),
    "another program's": (another_programs, WrongStore, "belongs to another program"),
    "newer": (from_the_future, StoreError, f"schema 99, this one knows {LATEST}"),
    "damaged": (torn, StoreError, "damaged|read as a store"),
}


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_and_left_as_it_is(path: Path, case: str, create: bool) -> None:
    make, kind, message = WRONG[case]
    make(path)
    before = contents(path.parent)
    with pytest.raises(kind, match=message) as refused:
        Store.open(path, create=create)
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)
    assert contents(path.parent) == before


def test_a_missing_store_is_not_made_by_looking_for_it(path: Path) -> None:
    with pytest.raises(WrongStore, match=r"there is no store at .*; `colloquia run` makes one"):
        Store.open(path)
    assert contents(path.parent) == {}


def test_an_empty_file_becomes_a_store_only_when_one_is_to_be_made(path: Path) -> None:
    path.touch()
    with pytest.raises(WrongStore, match="holds no store yet"):
        Store.open(path)
    assert path.read_bytes() == b""
    Store.open(path, create=True).close()
    Store.open(path).close()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mysql://host/db", "can't be on 'mysql'"),
        ("nonsense://x", "can't be on 'nonsense'|no store URL"),
        ("sqlite://:x:y:z//", "no store URL"),
        (":memory:", "needs a file"),
        ("sqlite://", "needs a file"),
        ("", "needs a file"),
        ("no/such/folder/x.db", "folder no/such/folder doesn't exist"),
        ("x" * 300, "can't be opened: File name too long"),
        ("postgresql://ana:secret@localhost:1/x", "psycopg|ana:\\*\\*\\*@localhost"),
    ],
)
def test_a_wrong_url_is_refused(where: str, message: str) -> None:
    with pytest.raises((WrongStore, StoreError), match=message) as refused:
        Store.open(where, create=True)
    assert "secret" not in str(refused.value)


def test_a_path_and_a_url_name_the_same_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    for where in (path, str(path), f"sqlite:///{path}", "sqlite:///colloquia.db", "colloquia.db"):
        Store.open(where, create=True).close()
    assert list(contents(path.parent)) == [path.name]


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b?mode=ro#ü%20.db"
    Store.open(path, create=True).close()
    assert list(contents(tmp_path)) == [path.name]


@pytest.mark.parametrize("closed", ["the file", "its folder", "both"])
def test_a_read_only_store_is_read_and_takes_nothing(closed: str) -> None:
    with not_root(), tempfile.TemporaryDirectory() as name:
        path = Path(name) / "colloquia.db"
        with Store.open(path, create=True) as store:
            asyncio.run(begin(store, dialogues=range(3)))
        path.chmod(0o644 if closed == "its folder" else 0o444)
        path.parent.chmod(0o755 if closed == "the file" else 0o555)
        before = contents(path.parent)
        with Store.open(path) as store:
            assert [run.id for run in store.runs()] == [manifest().id]
            assert store.counts(manifest().id).planned == 3
            with pytest.raises(StoreError, match="is read-only"):
                asyncio.run(store.retry(manifest().id))
        with pytest.raises(StoreError, match="is read-only here"):
            Store.open(path, create=True)
        assert contents(path.parent) == before
        path.parent.chmod(0o755)


def test_a_store_that_is_written_elsewhere_is_read_with_its_log() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "colloquia.db"
        path.parent.chmod(0o755)
        with Store.open(path, create=True) as store:
            asyncio.run(begin(store, dialogues=range(3)))
            with not_root(), Store.open(path) as guest:
                assert guest.counts(manifest().id).planned == 3


def test_no_store_is_made_where_nothing_may_be_written() -> None:
    with not_root(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        with pytest.raises(StoreError, match="folder exists and is writable"):
            Store.open(folder / "other.db", create=True)
        assert contents(folder) == {}
        folder.chmod(0o755)


def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match=r"SQLite 3\.35 or newer is needed"):
        Store.open(path, create=True)
    assert contents(path.parent) == {}


def test_many_may_make_the_same_store_at_once(path: Path) -> None:
    problems: list[BaseException] = []
    together = threading.Barrier(8)

    def make() -> None:
        together.wait()
        try:
            Store.open(path, create=True).close()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    Store.open(path).close()


def test_a_store_that_does_not_fit_on_the_disk_is_not_left_half_made(path: Path) -> None:
    with room_for(pages=5), pytest.raises(StoreError, match="disk is full"):
        Store.open(path, create=True)
    assert contents(path.parent) == {}


@pytest.mark.parametrize("pages", range(54, 78, 3))
async def test_a_full_disk_loses_nothing_that_was_done(path: Path, pages: int) -> None:
    run, done = manifest(), 0
    with room_for(pages=pages), Store.open(path, create=True) as store:
        await begin(store, dialogues=range(40))
        with pytest.raises(
            StoreError, match=r"disk is full.*run the same command again"
        ) as refused:
            for done in range(40):
                await commit(store, talk(done, run.id))
        assert "\n" not in str(refused.value)
        assert store.counts(run.id).accepted == done
    with Store.open(path) as again:
        for number in range(done, 40):
            await commit(again, talk(number, run.id))
        assert [len(r.tree) for r in again.records(run.id)] == [5] * 40
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@contextmanager
def room_for(*, pages: int) -> Iterator[None]:
    """Let SQLite files grow to so many pages only, as a full disk would."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    event.listen(Pool, "connect", limit)
    try:
        yield
    finally:
        event.remove(Pool, "connect", limit)


@contextmanager
def not_root() -> Iterator[None]:
    """Give up root's power to write everywhere, where the tests run as root."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_missing_driver_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WrongStore, match=r"needs the driver psycopg; `pip install psycopg`"):
        Store.open("postgresql://somebody@127.0.0.1:9/x")


ACTING = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON heartbeats BEGIN DELETE FROM turns; END",
    "view": "ALTER TABLE turns RENAME TO kept; CREATE VIEW turns AS SELECT * FROM kept",
    "table": "DROP TABLE reviews; CREATE VIRTUAL TABLE reviews USING fts5(text)",
}


@pytest.mark.parametrize("kind", ACTING)
def test_a_schema_that_acts_is_refused_and_none_of_it_is_run(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s.db"
    Store.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ACTING[kind])
    with pytest.raises(WrongStore, match=f"has a {kind} .* which colloquia never makes"):
        Store.open(path)


def test_what_users_add_for_themselves_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    Store.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE VIEW mine AS SELECT * FROM turns; CREATE TABLE t (x)")
    with Store.open(path) as store:
        assert store.runs() == []


@pytest.mark.parametrize("gone", ["s.db", "s.db-wal"])
def test_a_store_that_is_taken_away_or_replaced_is_noticed(tmp_path: Path, gone: str) -> None:
    with Store.open(tmp_path / "s.db", create=True) as store:
        store.check_place()
        file = tmp_path / gone
        content = file.read_bytes()
        moved = file.rename(tmp_path / "moved")
        with pytest.raises(StoreError, match="deleted, moved or replaced"):
            store.check_place()
        file.write_bytes(content)
        with pytest.raises(StoreError, match="deleted, moved or replaced"):
            store.check_place()
        moved.replace(file)
        store.check_place()


async def test_an_index_that_lost_a_row_and_a_row_that_belongs_to_none_are_damage(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.db"
    with Store.open(path, create=True) as store:
        await begin(store)
        store.refuse_damaged()
    content = path.read_bytes()
    place = content.rindex(manifest().id.encode())
    path.write_bytes(content[:place] + b"x" + content[place + 1 :])
    with Store.open(path) as store, pytest.raises(StoreError, match="index"):
        store.refuse_damaged()
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO budgets VALUES ('run1_none', 0, 0, 0)")
    with (
        Store.open(path) as store,
        pytest.raises(StoreError, match="a row of budgets belongs to none"),
    ):
        store.refuse_damaged()
