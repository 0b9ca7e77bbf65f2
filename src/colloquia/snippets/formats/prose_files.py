"""Markdown and plain text: a passage is an item, under its heading as title."""

from collections.abc import Callable, Iterator
from pathlib import Path

from colloquia.core.text import shown
from colloquia.snippets.formats.items import MAX_CHARS, SourceItem
from colloquia.snippets.formats.lines import lines_of_prose, read_lines
from colloquia.snippets.prose.blocks import PassOver, ProseBlock
from colloquia.snippets.prose.markdown import markdown_blocks
from colloquia.snippets.prose.passages import passages
from colloquia.snippets.prose.plain import text_blocks


def read_markdown(file: Path, pass_over: PassOver) -> Iterator[SourceItem]:
    """Yield the passages of a Markdown file."""
    return _items_of(file, markdown_blocks, pass_over)


def read_text(file: Path, pass_over: PassOver) -> Iterator[SourceItem]:
    """Yield the passages of a file of plain text."""
    return _items_of(file, text_blocks, pass_over)


def _items_of(
    file: Path, blocks_of: Callable[..., Iterator[ProseBlock]], pass_over: PassOver
) -> Iterator[SourceItem]:
    lines = lines_of_prose(read_lines(file))
    for passage in passages(blocks_of(lines, keep=MAX_CHARS), pass_over=pass_over):
        where = f"{shown(file)}:{passage.line}"
        if passage.length > MAX_CHARS:
            reason = (
                f"{passage.length:,} characters, more than {MAX_CHARS:,}: "
                "part it into paragraphs with blank lines"
            )
            yield SourceItem(where=where, reason=reason)
        else:
            fields = {"text": passage.text, "title": passage.title, "source": file.name}
            section = {"section": passage.section} if passage.section else {}
            yield SourceItem(where=where, fields=fields | section)
