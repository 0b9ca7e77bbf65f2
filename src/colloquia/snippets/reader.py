"""Snippets from files: JSONL, CSV, Markdown, plain text and folders of them, streamed.

Of a snippet handed out nothing stays but 24 bytes, by which what comes twice is found again (the
same words are the same snippet), so memory stays flat. A line that can't be used is counted and
reported with its reason; only a source without a single usable one is an error.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from colloquia.core.atomic_folder import entries_below
from colloquia.core.errors import SnippetError
from colloquia.core.text import clean_text, clean_value, shown
from colloquia.core.types import MAX_NAMED, Snippet
from colloquia.core.wording import did_you_mean
from colloquia.snippets.formats.endings import READERS
from colloquia.snippets.formats.items import (
    MAX_CHARS,
    MIN_CHARS,
    BadLine,
    SourceItem,
    kind_of,
)
from colloquia.snippets.formats.lines import HEAD_BYTES
from colloquia.snippets.formats.other_kinds import how_to_get_text
from colloquia.snippets.prose.headings import is_contents_line
from colloquia.snippets.report import SnippetReport

_NAMED = ("title", "source", "license", "topic")


def read_snippets(
    path: str | os.PathLike[str], *, limit: int | None = None, report: SnippetReport
) -> Iterator[Snippet]:
    """Return the snippets of a file or of all files in a folder, in order, as they are read.

    Args:
        path: a .jsonl, .csv, .md or .txt file, or a folder; hidden files, linked folders and
            files of other kinds in it are passed over.
        limit: stop after this many; None for all.
        report: counts what is read, bad and skipped, while it happens.

    Raises:
        SnippetError: the path is missing or of an unknown kind (at once); a file isn't UTF-8 text,
            has a line above 16 million characters, or there is no usable snippet at all (while
            reading).
    """
    source = Path(path)
    try:
        files = _files_in(source, report) if source.is_dir() else iter([_one_file(source)])
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error
    return islice(_read_files(source, files, report), limit)


def _read_files(source: Path, files: Iterator[Path], report: SnippetReport) -> Iterator[Snippet]:
    try:
        yield from usable(
            _items_of(files, report), report, source=shown(source), how_to_write=_HOW_TO_WRITE
        )
    except OSError as error:
        raise _unreadable(source, error) from error


def _items_of(files: Iterator[Path], report: SnippetReport) -> Iterator[SourceItem]:
    for file in files:
        item = None
        for item in READERS[file.suffix.lower()](file, report.pass_over):
            yield item
        if item is None:
            report.pass_over("files without text", str(file))


def usable(
    items: Iterable[SourceItem], report: SnippetReport, *, source: str, how_to_write: str
) -> Iterator[Snippet]:
    """Yield what items make usable snippets; the report counts those and the others.

    Raises:
        SnippetError: there is none, of which `source` and `how_to_write` tell.
    """
    read, bad = report.read, report.bad
    first_listed = len(report.problems)
    for item in items:
        try:
            snippet = _make_snippet(item)
        except BadLine as error:
            report.add_bad(item.where, str(error))
            continue
        report.add(snippet, item.where)
        yield snippet
    if report.read > read:
        report.complete = True
        return
    if report.bad == bad:
        raise SnippetError(f"{source} holds no snippet: {how_to_write}")
    first = report.problems[first_listed:][:1]
    raise SnippetError(
        f"{source}: none of {report.bad - bad} can be used; "
        + (f"the first: {first[0]}" if first else how_to_write)
    )


_HOW_TO_WRITE = (
    'a .jsonl file has one {"text": "…"} per line, a .csv file a text column, '
    ".md and .txt files have paragraphs"
)


def _make_snippet(item: SourceItem) -> Snippet:
    """Make a snippet; values without a field of their own are its metadata."""
    if item.fields is None:
        raise BadLine(item.reason)
    rest = dict(item.fields)
    text = _usable_text(rest.pop("text"))
    named = {name: _optional_text(name, rest.pop(name, None)) for name in _NAMED}
    external_id = _optional_text("id", rest.pop("id", None))
    try:
        metadata = clean_value(_metadata(rest))
    except ValueError as error:
        raise BadLine(str(error)) from error
    return Snippet.of(text, external_id=external_id, metadata=metadata, **named)


def _metadata(rest: dict[str, Any]) -> dict[str, Any]:
    own = rest.get("metadata")
    if isinstance(own, dict):  # the user has a field of that name already
        return {**{key: value for key, value in rest.items() if key != "metadata"}, **own}
    return rest


def _usable_text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadLine(f"'text' is {kind_of(value)}, not text")
    # Far too long stays uncleaned: cleaning 16 MB would only cost time.
    text = clean_text(value) if len(value) <= 2 * MAX_CHARS else value
    if len(text) > MAX_CHARS:
        raise BadLine(f"{len(text):,} characters, more than {MAX_CHARS:,}: split it into passages")
    if not text:
        raise BadLine("no text in it")
    if len(text) < MIN_CHARS:
        raise BadLine(f"too short to ask about ({len(text)} characters, at least {MIN_CHARS})")
    if not any(char.isalpha() for char in text):
        raise BadLine("no letters in it")
    if all(is_contents_line(line) for line in text.splitlines() if line.strip()):
        raise BadLine("a table of contents, not a passage")
    return text


def _optional_text(name: str, value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # JSON of more than 4,300 digits is refused before
    if value is not None and not isinstance(value, str):
        raise BadLine(f"{name!r} is {kind_of(value)}, not text")
    if value and len(value) > MAX_NAMED:
        raise BadLine(f"{name!r} has {len(value):,} characters, more than {MAX_NAMED:,}")
    return clean_text(value or "") or None


# Which files


def _one_file(source: Path) -> Path:
    if not source.exists():
        siblings = [entry.name for entry in source.parent.glob("*")]
        hint = did_you_mean(source.name, siblings)
        raise SnippetError(f"{shown(source)}: no such file or folder{hint}")
    if not source.is_file():
        raise SnippetError(f"{shown(source)}: not a file or folder; save the snippets to a file")
    if source.suffix.lower() not in READERS:
        with source.open("rb") as stream:
            how_to = how_to_get_text(stream.read(HEAD_BYTES), name=source.name)
        if how_to is not None:
            raise SnippetError(f"{shown(source)} is {how_to}")
        raise SnippetError(
            f"{shown(source)}: unknown kind {source.suffix!r}; snippets come as "
            ".jsonl, .csv, .md or .txt, or a folder of these"
        )
    if source.stat().st_size == 0:
        raise SnippetError(f"{shown(source)} is empty: {_HOW_TO_WRITE}")
    return source


def _files_in(folder: Path, report: SnippetReport) -> Iterator[Path]:
    """Return a folder's files, refusing at once a folder that has none."""
    files = _files_below(folder, report)
    first = next(files, None)
    if first is None:
        raise SnippetError(f"{shown(folder)}: no .jsonl, .csv, .md or .txt file in this folder")
    return chain([first], files)


def _files_below(folder: Path, report: SnippetReport) -> Iterator[Path]:
    for file in entries_below(folder):
        if file.suffix.lower() in READERS and file.is_file():
            yield file
        elif not file.is_dir():  # links to folders aren't followed: a loop of them would be a trap
            report.pass_over("other files", str(file))


def _unreadable(source: Path, error: Exception) -> SnippetError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return SnippetError(f"{shown(source)} can't be read: {reason}")
