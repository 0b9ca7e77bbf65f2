"""The folder beside an output that long work is done in, owned by one process.

It holds what the work was begun with, so that what goes on is what was begun.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.atomic_folder import not_made, refuse_taken
from colloquia.core.errors import RunOwned, UserError
from colloquia.core.hashing import canonical_json
from colloquia.core.text import shown

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows: nobody keeps a second process out
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of work that goes on after a kill."""

    doing: str
    """`training`: what it is called, and the ending of its folder's name."""
    identity_file: str
    can_resume: Callable[[Path], bool]
    """Whether a folder holds anything to go on with."""

    def folder_of(self, output: Path) -> Path:
        """Return the folder that it is done in."""
        return output.with_name(f"{output.name}.{self.doing}")


@contextmanager
def open_work_folder(
    work: Work, output: Path, identity: Mapping[str, Any], *, resume: bool
) -> Iterator[Path]:
    """Give the folder to work in; one without any progress is gone again after an error.

    Args:
        work: its kind.
        output: what will come of it.
        identity: what must be the same for going on to make sense, as plain JSON.
        resume: go on in the folder that an earlier process left.

    Raises:
        UserError: there is an output or unfinished work already, or nothing to go on with, or it
            was begun with other settings.
        RunOwned: another process is at it.
        WorldError: the folder can't be made.
    """
    folder = work.folder_of(output)
    refuse_taken(output)
    if resume:
        _check_same(folder, work, identity)
    else:
        refuse_begun(folder, doing=work.doing)
    with _translated_faults(output):
        folder.mkdir(parents=True, exist_ok=True)
    with own_folder(folder, doing=work.doing):
        with _translated_faults(folder):
            (folder / work.identity_file).write_text(canonical_json(identity), encoding="utf-8")
        try:
            yield folder
        finally:
            if not work.can_resume(folder):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _translated_faults(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise not_made(folder, error) from error


@contextmanager
def own_folder(folder: Path, *, doing: str) -> Iterator[None]:
    """Keep other processes out of a folder, or a file, for the length of a block.

    Raises:
        RunOwned: one of them is in it, `doing` something.
    """
    if fcntl is None:  # pragma: no cover
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        lock_out_others(handle, folder, doing=doing)
        yield
    finally:
        os.close(handle)


def refuse_begun(place: Path, *, doing: str) -> None:
    """Refuse to begin where an earlier process has.

    Raises:
        RunOwned: it is still at it, `doing` something.
        UserError: it has left something there.
    """
    if not os.path.lexists(place):
        return
    if place.exists():
        with own_folder(place, doing=doing):
            pass
    raise UserError(
        f"{shown(place)} holds unfinished {doing}; go on with `resume=True`, or remove it"
    )


def lock_out_others(handle: int, place: Path, *, doing: str) -> None:
    """Own an open file or folder until it is closed.

    Raises:
        RunOwned: another process does, `doing` something.
    """
    if fcntl is None:  # pragma: no cover
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise RunOwned(f"another process is {doing} in {shown(place)}") from error


def _check_same(folder: Path, work: Work, identity: Mapping[str, Any]) -> None:
    file = folder / work.identity_file
    try:
        begun = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"nothing to resume: there is no {shown(file)}; start without `resume=True`"
        ) from error
    if different := list(differences(begun, json.loads(canonical_json(identity)))):
        raise UserError(
            f"{shown(folder)} was begun with another {different[0]}; "
            "give what it was begun with, or remove the folder and start without `resume=True`"
        )


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Yield where two plain documents differ, and what stands in either."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            below = f"{path}.{key}" if path else key
            yield from differences(one.get(key), other.get(key), below)
    elif one != other:
        yield f"{path} ({one} before, {other} now)"
