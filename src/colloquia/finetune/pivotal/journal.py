"""The rollouts made so far, on disk beside the output: what a search that was killed goes on with.

The search is a function of its rollouts, so they are all that has to be kept.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from colloquia.core.atomic_folder import not_made
from colloquia.core.errors import UserError, WorldError
from colloquia.core.hashing import canonical_json
from colloquia.core.text import shown
from colloquia.finetune.work_folder import lock_out_others, refuse_begun


class RolloutJournal:
    """Lines in a file that is only added to."""

    def __init__(self, stream: BinaryIO, known: list[Any]) -> None:
        self._stream = stream
        self.known = known
        """The lines of earlier processes."""

    def add(self, line: Any) -> None:
        """Write a line.

        Raises:
            WorldError: the disk is full.
        """
        try:
            left = canonical_json(line).encode() + b"\n"
            while left:  # past Python's buffer, which would fail once more when it is closed
                left = left[os.write(self._stream.fileno(), left) :]
        except OSError as error:
            raise WorldError(
                f"rollouts can't be written to {shown(self._stream.name)}: {error.strerror}; make "
                "room, and `resume=True` goes on"
            ) from error


def journal_of(out: Path) -> Path:
    """Return where the rollouts of a search lie until it is done."""
    return out.with_name(f"{out.name}.pivotal.jsonl")


@contextmanager
def open_journal(
    out: Path, identity: Mapping[str, Any], *, resume: bool
) -> Iterator[RolloutJournal]:
    """Open the journal of a search, one process at a time.

    Args:
        out: where the search's result will be.
        identity: what must be the same for going on to make sense, as plain JSON.
        resume: go on with what an earlier process left.

    Raises:
        UserError: there is an unfinished search already, nothing to go on with, or another search.
        RunOwned: another process is at it.
        WorldError: it can't be written.
    """
    file = journal_of(out)
    if not resume:
        refuse_begun(file, doing="searching")
    elif not file.is_file():
        raise UserError(
            f"nothing to resume: there is no {shown(file)}; start without `resume=True`"
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.open("a+b")
    except OSError as error:
        raise not_made(file, error) from error
    with stream:
        lock_out_others(stream.fileno(), file, doing="searching")
        begun, *known = _whole_lines(stream) or [None]
        same = json.loads(canonical_json(identity))
        if begun not in (None, same):
            raise UserError(
                f"{shown(file)} was begun with another student, other questions, or other settings "
                "of rollouts; give what it was begun with, or remove it and start without "
                "`resume=True`"
            )
        journal = RolloutJournal(stream, known)
        if begun is None:
            journal.add(same)
        yield journal


def _whole_lines(stream: BinaryIO) -> list[Any]:
    """Return the whole lines; half a one at the end, of a process that was killed, is cut off."""
    stream.seek(0)
    whole, end = [], 0
    for line in stream:
        if not line.endswith(b"\n"):
            break
        try:
            whole.append(json.loads(line))
        except ValueError:
            break
        end += len(line)
    stream.truncate(end)
    return whole
