"""Validate an export again: its files, the shape of every row, its splits and its sums.

Streaming: what has to be compared across files is kept in a temporary SQLite file.
"""

import hashlib
import importlib
import importlib.util
import json
import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from colloquia.core.atomic_folder import entries_below
from colloquia.core.errors import ExportError
from colloquia.core.text import shown
from colloquia.core.types import Value
from colloquia.core.wording import first_misfit
from colloquia.corpus.canonical import parse_dialogue
from colloquia.corpus.card_header import CARD_FILE, listed_files, named_files
from colloquia.corpus.formats import ROW_FORMATS
from colloquia.corpus.line_reader import lines_of, parse_line
from colloquia.corpus.manifest import MANIFEST_FILE, ExportedFile, ExportManifest, read_manifest
from colloquia.corpus.row_shape import flaws_in
from colloquia.corpus.rows import Selection, possible_rows

OWN_FILES = ("README.md", "LICENSE")  # people write them, so no manifest lists them
MOST_PROBLEMS = 100  # a broken file breaks in every row; the first ones say how


class CheckProblem(Value):
    """Something wrong, and where; line 0 is the file as a whole."""

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.code}: {self.message}"


class CheckReport(Value):
    """What a check found; `problems` holds at most the first 100."""

    ok: bool
    rows: int
    problems: tuple[CheckProblem, ...] = ()
    checks: tuple[str, ...] = ()
    """What was checked, and what couldn't be."""

    def __repr__(self) -> str:
        verdict = "ok" if self.ok else "not ok"
        head = f"<CheckReport: {verdict}, {self.rows:,} rows, {len(self.problems)} problems>"
        return "\n  ".join((head, *map(str, self.problems)))


def check(path: str | os.PathLike[str], *, load: bool = True) -> CheckReport:
    """Validate an export.

    Args:
        path: the folder that `export` made.
        load: also load every configuration with `datasets`, where that is installed.

    Raises:
        ExportError: the folder isn't an export.
    """
    folder = Path(path)
    manifest = read_manifest(folder).manifest
    with closing(sqlite3.connect("")) as index:  # "" is a temporary file of SQLite's own
        index.executescript(_INDEX)
        checker = _Checker(folder=folder, manifest=manifest, index=index)
        for file in manifest.files:
            checker.check_file(file)
        checker.check_other_files()
        checker.check_sums()
        checker.check_splits()
        checks = ["manifest", "sha256", "rows", "sums", "splits"]
        if load:
            checks.append(checker.load_with_datasets())
    return CheckReport(
        ok=not checker.problems,
        rows=checker.rows,
        problems=tuple(checker.problems),
        checks=tuple(checks),
    )


def refuse_unsound(folder: Path) -> None:
    """Refuse what was just written if it isn't sound.

    Raises:
        ExportError: with the first problem.
    """
    report = check(folder, load=False)
    if not report.ok:
        problem = report.problems[0]
        raise ExportError(f"{problem.file}:{problem.line}: {problem.message}; nothing written")


_INDEX = """
CREATE TABLE passages (snippet TEXT, split TEXT, PRIMARY KEY (snippet, split)) WITHOUT ROWID;
CREATE TABLE pairs (id TEXT, snippet TEXT, PRIMARY KEY (id, snippet)) WITHOUT ROWID;
CREATE TABLE pair_rows (id TEXT, split TEXT, PRIMARY KEY (id, split)) WITHOUT ROWID;
"""


@dataclass(slots=True)
class _Checker:
    folder: Path
    manifest: ExportManifest
    index: sqlite3.Connection
    problems: list[CheckProblem] = field(default_factory=list)
    rows: int = 0

    def add_problem(self, file: str, line: int, code: str, message: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(CheckProblem(file=file, line=line, code=code, message=message))

    def check_file(self, entry: ExportedFile) -> None:
        file = entry.within(self.folder)
        if file is None:
            self.add_problem(
                entry.path, 0, "outside", "the manifest names a file outside the export"
            )
            return
        if not file.is_file():
            self.add_problem(
                entry.path, 0, "missing", "the manifest lists this file, and it isn't there"
            )
            return
        sha256, number = hashlib.sha256(), 0
        with file.open("rb") as stream:
            for number, data in enumerate(lines_of(stream), start=1):  # counted on purpose
                sha256.update(data)
                self._check_line(entry, number, data)
        self.rows += number
        if (sha256.hexdigest(), file.stat().st_size) != (entry.sha256, entry.size):
            self.add_problem(entry.path, 0, "changed", "its SHA-256 or size isn't the manifest's")
        if number != entry.rows:
            self.add_problem(
                entry.path, 0, "rows", f"{number} rows; the manifest says {entry.rows}"
            )

    def _check_line(self, entry: ExportedFile, number: int, data: bytes) -> None:
        try:
            row = parse_line(data)
        except ValueError as error:
            self.add_problem(entry.path, number, "json", f"not JSON in UTF-8: {error}")
            return
        if entry.format not in ROW_FORMATS:
            self._check_dialogue(entry, number, row)
            return
        flaws = list(flaws_in(row, entry.format))
        for flaw in flaws:
            self.add_problem(entry.path, number, flaw.code, flaw.message)
        if not flaws:
            self._note_split(entry, number, row)

    def _note_split(self, entry: ExportedFile, number: int, row: dict[str, Any]) -> None:
        if entry.format == "trl-dpo":
            self.index.execute(
                "INSERT OR IGNORE INTO pair_rows VALUES (?, ?)", (row["id"], entry.split)
            )
            return
        if entry.format == "token-pairs":
            return
        ids = row["snippet_ids"]
        if not isinstance(ids, list) or not all(isinstance(i, str) and i.isascii() for i in ids):
            what = "snippet_ids is no list of ids"
            self.add_problem(entry.path, number, "columns", what)
            return
        for snippet_id in ids:
            self.index.execute(
                "INSERT OR IGNORE INTO passages VALUES (?, ?)", (snippet_id, entry.split)
            )

    def _check_dialogue(self, entry: ExportedFile, number: int, content: Any) -> None:
        try:
            record = parse_dialogue(content)
        except (ValueError, AttributeError) as error:
            reason = first_misfit(error) if isinstance(error, ValidationError) else str(error)
            self.add_problem(entry.path, number, "dialogue", f"can't be read back: {reason}")
            return
        settings = self.manifest.settings
        if "trl-dpo" not in settings.to:
            return
        selection = Selection.of(settings, thinks=self.manifest.run.thinks)
        recipe_hash = self.manifest.run.recipe_hash
        for row in possible_rows(record, "trl-dpo", selection=selection, recipe_hash=recipe_hash):
            if row.line is not None:
                self.index.execute(
                    "INSERT OR IGNORE INTO pairs VALUES (?, ?)",
                    (json.loads(row.line)["id"], record.snippet.id),
                )

    def check_other_files(self) -> None:
        """Compare notes with their hashes, and name files that no manifest vouches for."""
        known = {MANIFEST_FILE, *OWN_FILES, *(entry.path for entry in self.manifest.files)}
        for file in entries_below(self.folder):
            path = file.relative_to(self.folder).as_posix()
            if path not in known:
                self._check_other_file(path)
            if len(self.problems) == MOST_PROBLEMS:
                return

    def _check_other_file(self, path: str) -> None:
        sha256, file = self.manifest.notes.get(path), self.folder / path
        if sha256 is None or file.is_symlink() or not file.is_file():
            what = "the manifest doesn't list it; take it out"
            self.add_problem(shown(path), 0, "unlisted", what)
            return
        with file.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                self.add_problem(shown(path), 0, "changed", "its SHA-256 isn't the manifest's")

    def check_sums(self) -> None:
        """Compare the manifest's counts with its files; each count adds up by its own type."""
        in_files = {(file.format, file.split): file.rows for file in self.manifest.files}
        counted = {(c.format, c.split): c.rows for c in self.manifest.counts if c.rows}
        for key in sorted(in_files.keys() | counted.keys(), key=str):
            if in_files.get(key, 0) != counted.get(key, 0):
                name, split = key
                self.add_problem(
                    MANIFEST_FILE,
                    0,
                    "sums",
                    f"{name} {split or ''}: {counted.get(key, 0)} rows counted, "
                    f"{in_files.get(key, 0)} in files",
                )

    def check_splits(self) -> None:
        """No passage is in two splits; pairs are traced to theirs through the dialogues."""
        crossing = self.index.execute(
            "SELECT snippet, group_concat(DISTINCT split) FROM ("
            "  SELECT snippet, split FROM passages"
            # A pair that reads the same about two passages can't be traced to one of them.
            "  UNION SELECT min(snippet), split FROM pairs JOIN pair_rows USING (id)"
            "  GROUP BY id, split HAVING count(*) = 1"
            ") GROUP BY snippet HAVING count(DISTINCT split) > 1 ORDER BY snippet LIMIT ?",
            (MOST_PROBLEMS,),
        )
        for snippet_id, splits in crossing:
            self.add_problem(MANIFEST_FILE, 0, "split", f"passage {snippet_id} is in {splits}")

    def check_card(self) -> None:
        """See that the card sends readers to the manifest's files and nowhere else."""
        card = self.folder / CARD_FILE
        if not card.exists():
            return
        try:
            named = named_files(card)
        except ValueError as error:
            self.add_problem(CARD_FILE, 0, "card", f"the header can't be read: {error}")
            return
        if named != listed_files(self.manifest.files):
            what = "the header names other files than the manifest"
            self.add_problem(CARD_FILE, 0, "card", what)

    def load_with_datasets(self) -> str:
        """Load every configuration as users will, and compare the numbers of rows.

        Where something is wrong already, nothing is loaded: a card or a file that nobody vouches
        for may send the library anywhere.
        """
        if not self.problems:
            self.check_card()
        if self.problems:
            return "datasets: not loaded, for there are problems"
        if importlib.util.find_spec("datasets") is None:
            return "datasets: not installed, not loaded"
        datasets = importlib.import_module("datasets")
        datasets.disable_progress_bars()  # they would stand between our lines
        with _silent("datasets"), tempfile.TemporaryDirectory() as cache:
            for config, rows in _configs(self.manifest):
                try:
                    loaded = datasets.load_dataset(str(self.folder), config, cache_dir=cache)
                    numbers = {split: len(part) for split, part in loaded.items()}
                except Exception as error:  # whatever it is, users would meet it too
                    reason = " ".join(str(error).split())[:300]
                    self.add_problem(config, 0, "datasets", f"load_dataset fails: {reason}")
                    continue
                if numbers != rows:
                    self.add_problem(
                        config, 0, "datasets", f"load_dataset gives {numbers}, not {rows}"
                    )
        return f"datasets {datasets.__version__}"


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Keep a library's log to itself: what it raises is told."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _configs(manifest: ExportManifest) -> Iterator[tuple[str, dict[str, int]]]:
    for name, kind in ROW_FORMATS.items():
        rows = {str(f.split): f.rows for f in manifest.files if f.format == name}
        if rows:
            yield kind.folder, rows
