"""What the tests of readers share: a text read as a file of each kind."""

import csv
import json
from pathlib import Path

from colloquia.core.types import Snippet
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

KINDS = ("md", "txt", "jsonl", "csv")


def read_as(kind: str, text: str, folder: Path) -> tuple[list[Snippet], SnippetReport]:
    """Return what a file holds whose only content is this text."""
    file = folder / f"a.{kind}"
    with file.open("w", newline="") as stream:
        if kind == "jsonl":
            stream.write(json.dumps({"text": text}) + "\n")
        elif kind == "csv":
            csv.writer(stream).writerows([["text"], [text]])
        else:
            stream.write(text + "\n")
    report = SnippetReport()
    return list(read_snippets(file, report=report)), report


def text_of(kind: str, text: str, folder: Path) -> str:
    """Return the text of the one snippet it makes."""
    (snippet,), _ = read_as(kind, text, folder)
    return snippet.text
