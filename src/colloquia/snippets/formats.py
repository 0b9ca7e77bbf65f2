"""One reader per kind of file: lines and paragraphs as named values, or why a line can't be used.

Nothing is judged here but the form; `reader.py` looks at the text itself.
"""

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from colloquia.core.errors import SnippetError
from colloquia.core.text import read_lines, shown
from colloquia.core.wording import did_you_mean
from colloquia.snippets.prose import Paragraph, markdown_paragraphs, text_paragraphs

MIN_CHARS = 20  # less isn't a passage to ask questions about
MAX_CHARS = 20_000  # about 5,000 tokens: the prompt of every agent carries the whole passage

Skip = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """What one line or paragraph says, or the reason why it can't be used."""

    where: str
    """`file:line`."""
    fields: dict[str, Any] | None = None
    """By name; `text` is among them."""
    reason: str = ""


class BadLine(ValueError):
    """A line that can't be used; the text is its reason."""


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words."""
    names = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _read_jsonl(file: Path, skip: Skip) -> Iterator[SourceItem]:
    for line in read_lines(file):
        if not line.text.strip():
            continue
        where = f"{shown(file)}:{line.number}"
        try:
            yield SourceItem(where=where, fields=_json_fields(line.text))
        except BadLine as error:
            yield SourceItem(where=where, reason=str(error))


def _json_fields(line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise BadLine(
            f"not a JSON object on one line: {error.msg} at position {error.pos + 1}"
        ) from error
    except RecursionError as error:
        raise BadLine("nested too deeply") from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise BadLine(str(error).partition(";")[0]) from error
    if not isinstance(fields, dict):
        raise BadLine(f'{kind_of(fields)}, not an object: write {{"text": "…"}}')
    if "text" not in fields:
        raise BadLine(f"no 'text'{did_you_mean('text', fields)}")
    return fields


def _no_constant(name: str) -> float:
    raise BadLine(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadLine(f"the number {digits[:20]} is too large")
    return number


def _read_csv(file: Path, skip: Skip) -> Iterator[SourceItem]:
    lines = (line.text for line in read_lines(file))
    head = next(lines, "")
    rows = csv.reader(chain([head], lines), delimiter=_delimiter(head))
    number = 1
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        if "text" not in columns:
            raise SnippetError(
                f"{shown(file)}:1: no column named 'text'{did_you_mean('text', columns)}; "
                f"its columns are: {shown(', '.join(columns))[:200]}"
            )
        number = rows.line_num + 1
        for row in rows:
            where = f"{shown(file)}:{number}"
            number = rows.line_num + 1
            if len(row) > len(columns):
                reason = f"{len(row)} values under {len(columns)} columns"
                yield SourceItem(where=where, reason=reason)
            elif any(value.strip() for value in row):
                filled = {k: v for k, v in zip(columns, row, strict=False) if v or k == "text"}
                yield SourceItem(where=where, fields={"text": "", **filled})
    except csv.Error as error:
        raise SnippetError(
            f"{shown(file)}:{number}: not CSV from here on ({error}); is a quote left open?"
        ) from error


def _delimiter(head: str) -> str:
    """Return the mark that gives the header a `text` column; spreadsheets write `;` in places."""
    for mark in ",;\t":
        if "text" in [name.strip(' "\r\n').lower() for name in head.split(mark)]:
            return mark
    return ","


def _read_markdown(file: Path, skip: Skip) -> Iterator[SourceItem]:
    paragraphs = markdown_paragraphs(read_lines(file), keep=MAX_CHARS, skip=skip)
    yield from _items_of(file, paragraphs, skip)


def _read_text(file: Path, skip: Skip) -> Iterator[SourceItem]:
    yield from _items_of(file, text_paragraphs(read_lines(file), keep=MAX_CHARS), skip)


def _items_of(file: Path, paragraphs: Iterator[Paragraph], skip: Skip) -> Iterator[SourceItem]:
    for paragraph in paragraphs:
        where = f"{shown(file)}:{paragraph.line}"
        if paragraph.length > MAX_CHARS:
            reason = (
                f"{paragraph.length:,} characters, more than {MAX_CHARS:,}: "
                "part it into paragraphs with blank lines"
            )
            yield SourceItem(where=where, reason=reason)
        elif paragraph.item and paragraph.length < MIN_CHARS:
            skip()
        else:
            fields = {"text": paragraph.text, "title": paragraph.title, "source": file.name}
            yield SourceItem(where=where, fields=fields)


READERS: dict[str, Callable[[Path, Skip], Iterator[SourceItem]]] = {
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".csv": _read_csv,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
}
