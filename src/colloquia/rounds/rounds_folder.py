"""The folder that rounds are made in: owned by one process, and what it was begun with beside them.

`improve.json` is replaced whole after each round. What a round makes (corpus, student, evaluation)
are folders that appear whole or not at all; so whatever is there is done, and the rest is to do.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from colloquia.core.atomic_folder import not_made, require_room
from colloquia.core.errors import UserError, WorldError
from colloquia.core.hashing import canonical_json
from colloquia.core.text import shown
from colloquia.finetune.work_folder import differences, own_folder
from colloquia.rounds.results import Improvement, RoundResult

JOURNAL_FILE, PLOT_FILE = "improve.json", "improve.png"
_SCHEMA = "colloquia.improve/1"


class RoundsFolder:
    """The rounds of one folder."""

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.place = folder
        self._identity = json.loads(canonical_json(identity))

    def part(self, number: int, name: str) -> Path:
        """Return the place of what a round makes."""
        return self.place / f"round-{number}" / name

    def rounds(self) -> list[RoundResult]:
        """Return the rounds that are done.

        Raises:
            UserError: the file is damaged, or a student is gone.
        """
        document = _read(self.place / JOURNAL_FILE)
        try:
            rounds = [RoundResult.model_validate(one) for one in document.get("rounds", ())]
        except (ValidationError, TypeError) as error:
            raise _damaged(self.place / JOURNAL_FILE) from error
        for one in rounds:
            student = self.part(one.number, "student")
            if one.student_sha256 is not None and not student.is_dir():
                raise UserError(f"{shown(student)} isn't there any more; begin in another folder")
        return rounds

    def write(self, found: Improvement) -> None:
        """Replace the file by what was found so far."""
        best = found.best
        document = {
            "schema": _SCHEMA,
            "begun_with": self._identity,
            **found.model_dump(mode="json", exclude={"output", "interrupted"}),
            "best": None if best is None else best.number,
        }
        self._replace(document)

    def _replace(self, document: Mapping[str, Any]) -> None:
        file = self.place / JOURNAL_FILE
        half = file.with_suffix(".json.half")
        try:
            with half.open("w", encoding="utf-8") as stream:
                stream.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            half.replace(file)
        except OSError as error:
            raise WorldError(
                f"{shown(file)} can't be written: {error.strerror}; the same command goes on"
            ) from error

    def begin(self) -> None:
        """Note what the rounds are begun with, or see that they were begun with the same.

        Raises:
            UserError: they were begun with something else.
        """
        file = self.place / JOURNAL_FILE
        if not file.exists():
            self._replace({"schema": _SCHEMA, "begun_with": self._identity, "rounds": []})
            return
        begun = _read(file).get("begun_with")
        if different := list(differences(begun, self._identity)):
            raise UserError(
                f"{shown(self.place)} was begun with another {different[0]}; give what it was "
                "begun with, or another folder"
            )


@contextmanager
def open_rounds(folder: Path, identity: Mapping[str, Any]) -> Iterator[RoundsFolder]:
    """Own a folder of rounds, new or begun before.

    Raises:
        UserError: something else is there, or rounds of another recipe or other settings.
        RunOwned: another process is at it.
        WorldError: it can't be made.
    """
    if not folder.is_dir():
        require_room(folder)
    elif not (folder / JOURNAL_FILE).is_file() and any(folder.iterdir()):
        raise UserError(f"{shown(folder)} exists already and holds no rounds; choose another")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_made(folder, error) from error
    with own_folder(folder, doing="at work"):
        owned = RoundsFolder(folder, identity)
        owned.begin()
        yield owned


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(file) from error
    if not isinstance(document, dict):
        raise _damaged(file)
    return document


def _damaged(file: Path) -> UserError:
    return UserError(f"{shown(file)} can't be read; begin in another folder")
