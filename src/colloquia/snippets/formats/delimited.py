"""CSV, a record at a time: one that can't be read is one bad row, and an open quote has its line.

The csv module alone would take all that follows an open quote for one cell, and end at a huge one.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from colloquia.core.errors import SnippetError
from colloquia.core.text import TextLine, brief, shown
from colloquia.core.wording import did_you_mean
from colloquia.snippets.formats.items import MAX_ROW, SourceItem, plain_fields
from colloquia.snippets.formats.lines import read_lines
from colloquia.snippets.prose.blocks import PassOver


@dataclass(slots=True, kw_only=True)
class CsvRecord:
    """The lines of one row; a quoted cell may hold line breaks."""

    line: int
    lines: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        """Add a line."""
        self.length += len(text)
        if self.length <= MAX_ROW:
            self.lines.append(text)

    def cells(self, delimiter: str) -> list[str]:
        """Return the cells.

        Raises:
            csv.Error: the row or a cell of it is too long.
        """
        if self.length > MAX_ROW:
            raise csv.Error(f"a row of {self.length:,} characters")
        return next(csv.reader(self.lines, delimiter=delimiter), [])


def read_csv(file: Path, pass_over: PassOver) -> Iterator[SourceItem]:
    """Yield the rows under the header; a row without a word in it is passed over.

    Raises:
        SnippetError: no column is named `text`, or a quote is never closed.
    """
    lines = read_lines(file)
    head = next(lines, TextLine(number=1, text=""))
    delimiter = _delimiter(head.text)
    records = csv_records(file, chain([head], lines), delimiter=delimiter)
    columns = _columns(file, next(records), delimiter)
    for record in records:
        where = f"{shown(file)}:{record.line}"
        try:
            row = record.cells(delimiter)
        except csv.Error as error:
            yield SourceItem(where=where, reason=f"{error}; split it into passages")
            continue
        while len(row) > len(columns) and not row[-1].strip():
            row.pop()
        if not any(value.strip() for value in row):
            if row:  # an empty line ends many a file
                pass_over("blank rows")
        elif len(row) != len(columns):
            yield SourceItem(where=where, reason=_ragged(row, columns))
        else:
            filled = {k: v for k, v in zip(columns, row, strict=True) if v or k == "text"}
            yield SourceItem(where=where, fields=plain_fields(filled))


def _ragged(row: Sequence[str], columns: Sequence[str]) -> str:
    has = "1 cell" if len(row) == 1 else f"{len(row)} cells"
    return (
        f"{has} where the header has {len(columns)}; put a text with a comma or a line break in "
        "quotes" + ", and leave no cell out" * (len(row) < len(columns))
    )


def _columns(file: Path, header: CsvRecord, delimiter: str) -> list[str]:
    try:
        columns = [name.strip().lower() for name in header.cells(delimiter)]
    except csv.Error as error:
        raise SnippetError(f"{shown(file)}:1: no heading of columns ({error})") from error
    if "text" not in columns:
        raise SnippetError(
            f"{shown(file)}:1: no column named 'text'{did_you_mean('text', columns)}; name the "
            f"column of the texts so, or put such a header on top; the first line is "
            f"{brief(', '.join(columns), most=100)}"
        )
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice is not None:
        raise SnippetError(
            f"{shown(file)}:1: two columns are named {shown(twice)!r}; rename one of them"
        )
    return columns


def csv_records(file: Path, lines: Iterable[TextLine], *, delimiter: str) -> Iterator[CsvRecord]:
    """Yield what belongs to a row each.

    Raises:
        SnippetError: a quote is never closed.
    """
    opening = re.compile(f'(?:^|{re.escape(delimiter)})"')
    record: CsvRecord | None = None
    open_since: int | None = None
    for line in lines:
        record = record or CsvRecord(line=line.number)
        record.add(line.text)
        still_open, opened_here = _scan(line.text, opening, inside=open_since is not None)
        if not still_open:
            yield record
            record, open_since = None, None
        elif opened_here:
            open_since = line.number
    if record is not None:
        raise SnippetError(
            f"{shown(file)}:{open_since}: a quote is opened here and never closed, so no row from "
            "here on can be told from the next; close it, or double it where it is part of a text"
        )


def _scan(line: str, opening: re.Pattern[str], *, inside: bool) -> tuple[bool, bool]:
    """Return whether a quote is open at the end of a line, and whether it was opened in it."""
    at, here = 0, False
    while True:
        if not inside:
            found = opening.search(line, at)
            if found is None:
                return False, here
            at, inside, here = found.end(), True, True
        elif (closing := line.find('"', at)) < 0:
            return True, here
        else:
            doubled = line[closing + 1 : closing + 2] == '"'
            at, inside = closing + 1 + doubled, doubled


def _delimiter(head: str) -> str:
    """Return the mark that gives the header a `text` column; spreadsheets write `;` in places."""
    for mark in ",;\t":
        if "text" in [name.strip(' "\r\n').lower() for name in head.split(mark)]:
            return mark
    return ","
