"""A folder that appears whole or not at all.

It is built under another name beside its place, flushed to disk and renamed. The builder holds a
lock on it, which the system lets go however the process dies; so what an earlier one left behind
can be told from what another one is building.
"""

import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from colloquia.core.errors import ColloquiaError, UserError, WorldError
from colloquia.core.text import shown

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows: leftovers stay until someone deletes them
    fcntl = None  # type: ignore[assignment]

#: What no other machine or permission would help with: the path itself is wrong.
_WRONG_PATH = {errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP}


@contextmanager
def atomic_folder(place: Path) -> Iterator[Path]:
    """Give a folder to fill; on leaving without an error it is renamed to `place`.

    Raises:
        UserError: something is at `place` already, or no folder can have this path.
        WorldError: it may not be written, or the disk is full; nothing is at `place`.
    """
    refuse_taken(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(place)
        folder, lock = _make_locked_folder(place)
    except OSError as error:
        raise not_made(place, error) from error
    try:
        yield folder
        flush_folder(folder)
        refuse_taken(place)  # someone else may have been faster
        folder.rename(place)
        _flush_names(place.parent)
    except OSError as error:
        raise WorldError(
            f"writing {shown(place)} failed: {error.strerror or error}; nothing was left there"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def refuse_taken(place: Path) -> None:
    """Refuse a place where something is already.

    Raises:
        UserError: something is there, or no folder can have this path.
        WorldError: it may not be looked at.
    """
    if "\x00" in str(place) or place.name in {"", ".", ".."}:
        raise UserError(f"{shown(place)!r} is no name for a new folder")
    try:
        os.lstat(place)  # a dangling link counts: writing through it would leave the place
    except FileNotFoundError:
        return
    except OSError as error:
        raise not_made(place, error) from error
    raise UserError(f"{shown(place)} exists already; choose another folder or remove it")


def require_room(place: Path) -> None:
    """Refuse a place where no folder can be made, for work that takes long before it is written.

    A folder is made beside it and removed again: permission bits alone don't tell.

    Raises:
        UserError: something is there, or no folder can have this path.
        WorldError: it may not be written, or the disk is full.
    """
    refuse_taken(place)
    parent = place.parent
    while not os.path.lexists(parent):
        parent = parent.parent
    try:
        Path(tempfile.mkdtemp(prefix=_prefix(place), dir=parent)).rmdir()
    except OSError as error:
        raise not_made(place, error) from error


def not_made(place: Path, error: OSError) -> ColloquiaError:
    """Return the error that says why a folder can't be made: a wrong path, or the machine."""
    if error.errno not in _WRONG_PATH:
        return WorldError(
            f"{shown(place)} can't be made: {error.strerror or error}; choose another folder"
        )
    why = error.strerror
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        why = next((f"{shown(above)} is a file" for above in place.parents if above.is_file()), why)
    return UserError(f"{shown(place)} can't be made: {why}; name a new folder in an existing one")


def _prefix(place: Path) -> str:
    return f".{place.name[:100]}.partial-"


def _make_locked_folder(place: Path) -> tuple[Path, int | None]:
    umask = os.umask(0o022)
    os.umask(umask)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(place), dir=place.parent))
        folder.chmod(0o777 & ~umask)  # mkdtemp lets in the owner alone
        if fcntl is None:  # pragma: no cover
            return folder, None
        lock = os.open(folder, os.O_RDONLY)
        if _try_lock(lock) and folder.exists():
            return folder, lock
        os.close(lock)  # another process took it for a leftover in between


def _remove_leftovers(place: Path) -> None:
    if fcntl is None:  # pragma: no cover
        return
    for leftover in place.parent.glob(f"{glob.escape(_prefix(place))}*"):
        with suppress(OSError):
            lock = os.open(leftover, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                if _try_lock(lock):
                    shutil.rmtree(leftover, ignore_errors=True)
            finally:
                os.close(lock)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def flush_folder(folder: Path) -> None:
    """Have the system write a folder, and all that is in it, to the disk itself."""
    for where, _, names in os.walk(folder):
        for name in names:
            with Path(where, name).open("rb") as file:
                os.fsync(file.fileno())
        _flush_names(Path(where))


def _flush_names(folder: Path) -> None:
    if fcntl is None:  # pragma: no cover  # Windows can't flush folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def entries_below(folder: Path) -> Iterator[Path]:
    """Yield files and links in a folder and below, each folder's own first, by their names.

    Hidden ones are passed over, and links to folders are yielded, not followed.
    However deep it is: `os.walk` of Python 3.11 calls itself for each level.

    Raises:
        OSError: a folder can't be read.
    """
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            seen = sorted(
                (entry for entry in found if not entry.name.startswith(".")),
                key=lambda entry: entry.name,
            )
        below = [Path(entry.path) for entry in seen if entry.is_dir(follow_symlinks=False)]
        yield from (Path(entry.path) for entry in seen if not entry.is_dir(follow_symlinks=False))
        waiting.extend(reversed(below))
