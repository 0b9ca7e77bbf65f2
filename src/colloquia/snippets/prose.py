"""Prose as a stream of paragraphs: those of plain text, paragraphs under headings of Markdown.

Hard-wrapped lines are joined. In Markdown, what isn't prose is passed over and counted: front
matter, code, tables, comments, link definitions. A list item is a passage of its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from colloquia.core.text import TextLine

FRONT_MATTER_LINES = 200  # a `---` that isn't closed by then is a rule, not front matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph or list item, the line it starts on, and the heading above it."""

    line: int
    text: str
    length: int
    """In characters; more than the text has where the rest wasn't kept."""
    title: str | None = None
    item: bool = False
    """Whether it is a list item."""


@dataclass(slots=True)
class _Collector:
    """The paragraph being collected; past `keep` characters it only counts."""

    keep: int
    lines: list[str] = field(default_factory=list)
    start: int = 0
    length: int = 0
    item: bool = False

    def add(self, line: TextLine, text: str) -> None:
        if not self.length:
            self.start = line.number
        if self.length <= self.keep:
            self.lines.append(text[: self.keep + 1])
        self.length += len(text) + bool(self.length)

    def close(self, *, title: str | None = None) -> Paragraph | None:
        """Return what was collected, if anything, and begin anew."""
        paragraph = None
        if self.length:
            paragraph = Paragraph(
                line=self.start,
                text=" ".join(self.lines),
                length=self.length,
                title=title,
                item=self.item,
            )
        self.lines, self.length, self.item = [], 0, False
        return paragraph


def text_paragraphs(lines: Iterable[TextLine], *, keep: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of plain text, which blank lines part."""
    current = _Collector(keep)
    for line in lines:
        if text := line.text.strip():
            current.add(line, text)
        elif paragraph := current.close():
            yield paragraph
    if paragraph := current.close():
        yield paragraph


def markdown_paragraphs(
    lines: Iterable[TextLine], *, keep: int, skip: Callable[[], None]
) -> Iterator[Paragraph]:
    """Yield the paragraphs and list items of Markdown under their nearest heading.

    Args:
        lines: the file.
        keep: how many characters of a passage to keep.
        skip: called once for each block that isn't prose.
    """
    reader = _MarkdownReader(current=_Collector(keep), skip=skip)
    for line in _without_front_matter(iter(lines), skip):
        yield from reader.read_line(line)
    yield from reader.close()


_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}(?:\s+(.*?))?(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-{2,})\s*$")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_TABLE_ROW = re.compile(r"\s*\|")
_TABLE_RULE = re.compile(r"\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$")
_DEFINITION = re.compile(r"\s{0,3}\[[^\]]+\]:\s")
_INDENTED = re.compile(r"(?: {4}|\t)")
_QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+")

# In this order. Every repeat has a bound, so that hostile text can't make a pattern quadratic.
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[[^\]]{0,300}\]\([^)]{0,2000}\)"), ""),
    (re.compile(r"\[\^[^\]]{1,80}\]"), ""),
    (re.compile(r"\[([^\[\]]{0,300})\](?:\([^)]{0,2000}\)|\[[^\]]{0,300}\])"), r"\1"),
    (re.compile(r"<(https?://[^<>\s]{1,2000})>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]{0,500}>"), ""),
    (re.compile(r"`{1,3}([^`]{0,300})`{1,3}"), r"\1"),
    (re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)([^*_]{1,300})(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])"), r"\1"),
    (re.compile(r"[ \t]{2,}"), " "),
)


def plain_inline(text: str) -> str:
    """Return a paragraph of Markdown as plain text: links to their words, no emphasis marks."""
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return text.strip()


@dataclass(slots=True)
class _MarkdownReader:
    current: _Collector
    skip: Callable[[], None]
    title: str | None = None
    inside: str | None = None
    """The block being passed over: a fence's own marks, `comment`, `table` or `code`."""

    def read_line(self, line: TextLine) -> Iterator[Paragraph]:
        text = line.text.rstrip()
        if self._passing_over(text):
            return
        if not text.strip():
            yield from self.close()
        elif (block := self._block_opened(text)) is not None:
            if block == "table":
                self.current.lines, self.current.length = [], 0  # its head row, held until now
            yield from self.close()
            self.skip()
            self.inside = block or None
        elif (heading := _HEADING.match(text)) is not None:
            yield from self.close()
            self.title = plain_inline(heading[1] or "") or None
        elif len(self.current.lines) == 1 and _UNDERLINE.match(text) and not self.current.item:
            self.title = plain_inline(self.current.lines[0]) or None
            self.current.lines, self.current.length = [], 0
        elif _RULE.match(text):
            yield from self.close()
        else:
            yield from self._collect_prose(line, text)

    def close(self) -> Iterator[Paragraph]:
        """Yield the passage collected so far as plain text, unless nothing is left of it."""
        paragraph = self.current.close(title=self.title)
        if paragraph is None:
            return
        text = plain_inline(paragraph.text)
        if not text:  # an image, a lone tag
            self.skip()
            return
        length = paragraph.length if paragraph.length > self.current.keep else len(text)
        yield replace(paragraph, text=text, length=length)

    def _collect_prose(self, line: TextLine, text: str) -> Iterator[Paragraph]:
        text = _QUOTE.sub("", text, count=1)
        if (mark := _ITEM.match(text)) is not None:
            yield from self.close()
            self.current.item = True
            text = text[mark.end() :]
        if text.strip():
            self.current.add(line, text.strip())

    def _passing_over(self, text: str) -> bool:
        match self.inside:
            case None:
                return False
            case "comment":
                ended, swallowed = "-->" in text, True
            case "table":
                ended, swallowed = not text.strip(), True
            case "code":
                ended = bool(text.strip()) and not _INDENTED.match(text)
                swallowed = not ended
            case fence:
                mark = text.strip()
                ended = mark.startswith(fence) and not mark.strip(fence[0])
                swallowed = True
        if ended:
            self.inside = None
        return swallowed

    def _block_opened(self, text: str) -> str | None:
        """Return what to pass over from here: a block's name, "" for this line alone, or None."""
        if (fence := _FENCE.match(text)) is not None:
            return fence[1]
        if text.lstrip().startswith("<!--"):
            return "" if "-->" in text else "comment"
        if _TABLE_ROW.match(text) or (self.current.length and _TABLE_RULE.match(text)):
            return "table"
        if not self.current.length and _INDENTED.match(text) and not _ITEM.match(text):
            return "code"
        return "" if _DEFINITION.match(text) else None


def _without_front_matter(
    lines: Iterator[TextLine], skip: Callable[[], None]
) -> Iterator[TextLine]:
    held: list[TextLine] = []
    for line in lines:
        held.append(line)
        if len(held) == 1 and line.text.strip() != "---":
            break
        if len(held) > 1 and line.text.strip() in {"---", "..."}:
            held = []
            skip()
            break
        if len(held) > FRONT_MATTER_LINES:
            break
    return chain(held, lines)
