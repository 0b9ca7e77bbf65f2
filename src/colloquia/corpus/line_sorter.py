"""Sorts an export's lines and counts what was left out, in a SQLite file that is thrown away.

Splits depend on all snippets and order must not depend on when a dialogue was finished, yet a
million dialogues don't fit in memory.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from colloquia.core.errors import WorldError
from colloquia.core.record import DialogueRecord
from colloquia.core.text import shown
from colloquia.corpus.formats import Format
from colloquia.corpus.rows import PossibleRow

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE possible_rows (
  format TEXT, dialogue TEXT, n INTEGER, snippet TEXT, reason TEXT, line TEXT
);
CREATE TABLE snippets (id TEXT PRIMARY KEY, source TEXT, license TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedLine:
    """One line and the snippet it comes from."""

    snippet_id: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many possible rows of a format and split have one reason; None: they are written."""

    format: Format
    split: str
    reason: str | None
    number: int


@dataclass(slots=True)
class CardFacts:
    """What the card tells about the dialogues that were selected."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Of all dialogues, selected or not."""
    personas: Counter[str] = field(default_factory=Counter)
    dialogues: int = 0
    answers: int = 0
    declined: int = 0
    """Answers that say that the snippet doesn't hold the answer."""


@contextmanager
def open_line_sorter(file: Path) -> "Iterator[LineSorter]":
    """Make a sorter for the time of a `with` block.

    Raises:
        WorldError: the disk is full or out of reach.
    """
    try:
        with closing(sqlite3.connect(file)) as db:
            db.executescript(_TABLES)
            yield LineSorter(db)
    except sqlite3.Error as error:
        where = shown(file.parent.parent)
        raise WorldError(f"writing in {where} failed: {error}; is the disk full?") from error
    finally:
        file.unlink(missing_ok=True)


class LineSorter:
    """The sorter while its file is open."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.facts = CardFacts()

    def note_dialogue(self, record: DialogueRecord, *, selected: bool) -> None:
        """Take note of a dialogue for the card."""
        self.facts.outcomes[record.dialogue.outcome] += 1
        if not selected:
            return
        self.facts.dialogues += 1
        self.facts.personas[record.persona.name] += 1
        self.facts.answers += len(record.exchanges)
        self.facts.declined += sum(exchange.declined for exchange in record.exchanges)
        snippet = record.snippet
        self._db.execute(
            "INSERT OR IGNORE INTO snippets VALUES (?, ?, ?)",
            (snippet.id, _storable(snippet.source), _storable(snippet.license)),
        )

    def add(self, name: Format, record: DialogueRecord, n: int, row: PossibleRow) -> None:
        """Keep the n-th possible row of a dialogue."""
        self._db.execute(
            "INSERT INTO possible_rows VALUES (?, ?, ?, ?, ?, ?)",
            (name, record.dialogue.id, n, record.snippet.id, row.reason, row.line),
        )

    def sort(self) -> None:
        """Sort; nothing is added afterwards."""
        self._db.commit()
        self._db.execute("CREATE INDEX in_order ON possible_rows (format, reason, dialogue, n)")

    def snippet_ids(self, name: Format) -> Iterator[str]:
        """Yield the snippets that gave at least one line in a format, each once."""
        rows = self._db.execute(
            "SELECT DISTINCT snippet FROM possible_rows WHERE format = ? AND reason IS NULL",
            (name,),
        )
        return (str(row[0]) for row in rows)

    def lines(self, name: Format) -> Iterator[SortedLine]:
        """Yield a format's lines in the order of dialogue ids."""
        rows = self._db.execute(
            "SELECT snippet, line FROM possible_rows WHERE format = ? AND reason IS NULL "
            "ORDER BY dialogue, n",
            (name,),
        )
        return (SortedLine(snippet_id=row[0], line=row[1]) for row in rows)

    def counts_by_reason(self, split: Callable[[str], str]) -> Iterator[ReasonCount]:
        """Yield the counts by format, split and reason."""
        self._db.create_function("split_of", 1, split, deterministic=True)
        rows = self._db.execute(
            "SELECT format, split_of(snippet), reason, count(*) FROM possible_rows GROUP BY 1, 2, 3"
        )
        return (ReasonCount(format=r[0], split=r[1], reason=r[2], number=r[3]) for r in rows)

    def snippets_by(self, column: str, *, most: int) -> list[tuple[str, int]]:
        """Return the values that most snippets have in `source` or `license`, with how many."""
        if column not in {"source", "license"}:
            raise ValueError(column)
        return self._db.execute(
            f"SELECT coalesce({column}, ''), count(*) FROM snippets "
            "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
            (most,),
        ).fetchall()

    def count_snippets(self) -> int:
        """Return how many snippets the selected dialogues are about."""
        return int(self._db.execute("SELECT count(*) FROM snippets").fetchone()[0])


def _storable(text: str | None) -> str | None:
    return text.encode("utf-8", "replace").decode("utf-8") if text else None
