"""What prose is made of: headings, paragraphs, list items, table rows, turns of a talk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from colloquia.core.text import TextLine

Kind = Literal["heading", "paragraph", "item", "head", "row", "turn", "talk", "passed"]
Lines = Iterable[TextLine]
PassOver = Callable[[str], None]
"""Told what was passed over, by its kind: `code`, `comments`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseBlock:
    """One piece of prose and the line it starts on; of what was passed over, only what it was."""

    kind: Kind
    line: int
    text: str = ""
    length: int = 0
    """In characters; more than the text has where the rest wasn't kept."""
    mark: str = ""
    """An ordered item's `(3)`; who speaks; what was passed over."""
    depth: int = 0
    """An item's indent."""
    goes_on: bool = False
    """Of an item: another paragraph of the one before. Of a turn: no blank line parts them."""
    cells: tuple[str, ...] = ()
    """Of a table's row."""


@dataclass(slots=True)
class Collector:
    """The lines of the block being collected; past `keep` characters they only count."""

    keep: int
    kind: Kind = "paragraph"
    mark: str = ""
    depth: int = 0
    goes_on: bool = False
    lines: list[str] = field(default_factory=list)
    start: int = 0
    length: int = 0

    def begin(self, kind: Kind, *, mark: str = "", depth: int = 0, goes_on: bool = False) -> None:
        """Say what the lines to come make; the collector is empty."""
        self.kind, self.mark, self.depth, self.goes_on = kind, mark, depth, goes_on

    def add(self, line: TextLine, text: str) -> None:
        """Add a line's text."""
        if not self.length:
            self.start = line.number
        if self.length <= self.keep:
            self.lines.append(text[: self.keep + 1])
        self.length += len(text) + bool(self.length)

    def close(self, plain: Callable[[str], str]) -> ProseBlock | None:
        """Return what was collected as plain text, if anything, and begin anew."""
        block = None
        if self.length:
            text = plain(" ".join(self.lines))
            block = ProseBlock(
                kind=self.kind,
                line=self.start,
                text=text,
                length=self.length if self.length > self.keep else len(text),
                mark=self.mark,
                depth=self.depth,
                goes_on=self.goes_on,
            )
        self.lines, self.length = [], 0
        self.begin("paragraph")
        return block
