"""The texts of tests from files: a row of a .jsonl file with all its words, a line of a .txt."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from colloquia.core.errors import SnippetError
from colloquia.core.text import shown
from colloquia.snippets.formats.lines import read_lines


def read_texts(files: Iterable[Path]) -> Iterator[str]:
    """Yield a text per row or line; of a row all strings in it: question, choices and answer.

    Raises:
        SnippetError: a file can't be read, is of another kind, or holds no text.
    """
    for file in files:
        if file.suffix.lower() not in (".jsonl", ".txt"):
            raise SnippetError(f"{shown(file)}: a test's texts come as .jsonl or .txt")
        found = False
        try:
            for line in read_lines(file):
                if line.text.strip():
                    found = True
                    yield (
                        _row_text(line.text)
                        if file.suffix.lower() == ".jsonl"
                        else line.text.strip()
                    )
        except OSError as error:
            raise SnippetError(f"{shown(file)} can't be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise SnippetError(f"{shown(file)}:{line.number}: not JSON: {error}") from error
        if not found:
            raise SnippetError(f"{shown(file)} holds no text")


def _row_text(line: str) -> str:
    return " ".join(_strings(json.loads(line)))


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)
