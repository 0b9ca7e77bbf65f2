"""Which reader a file has, by the ending of its name."""

from collections.abc import Callable, Iterator
from pathlib import Path

from colloquia.snippets.formats.delimited import read_csv
from colloquia.snippets.formats.items import SourceItem
from colloquia.snippets.formats.jsonl import read_jsonl
from colloquia.snippets.formats.prose_files import read_markdown, read_text
from colloquia.snippets.prose.blocks import PassOver

READERS: dict[str, Callable[[Path, PassOver], Iterator[SourceItem]]] = {
    ".jsonl": lambda file, _: read_jsonl(file),
    ".ndjson": lambda file, _: read_jsonl(file),
    ".csv": read_csv,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
}
