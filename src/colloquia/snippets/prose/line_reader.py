"""What Markdown and plain text share: paragraphs, lists, tables and turns, line by line."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from colloquia.core.text import TextLine
from colloquia.snippets.prose.blocks import Collector, ProseBlock
from colloquia.snippets.prose.tables import cells_of, is_framed, is_rule
from colloquia.snippets.prose.turns import is_timed, speaker_of, without_emphasis

_ITEM = re.compile(
    r"\s*(?:[-*+•‣◦]|(?P<mark>\(?(?:(?P<closed>\d{1,9})|[a-zA-Z])\)|(?P<dotted>\d{1,9})\.))"
    r"\s+(?:\[[ xX]\]\s+)?(?=\S)"
)
HIGHEST_FIRST = 99  # a list may begin with any number; `1851. It was …` is the end of a sentence


@dataclass(slots=True, kw_only=True)
class LineReader:
    """The block being collected, and what stands around it."""

    current: Collector
    plain: Callable[[str], str]
    """Takes the marks of the format off a text."""
    lists_interrupt: bool
    """Whether a list may begin in the middle of a paragraph; else only behind a colon."""
    in_table: bool = False
    in_list: bool = False
    margin: int = 0
    """Where the text of the last item begins, in columns."""
    numbers: dict[int, int] = field(default_factory=dict)
    """The last number of each level of the list, by its indent."""

    def read_prose(self, line: TextLine, text: str) -> Iterator[ProseBlock]:
        """Take a line that is nothing but prose, a list item or a table's row."""
        if self.in_table and "|" in text:
            if not is_rule(text):
                yield self._row(line, text, "row")
            return
        self.in_table = False
        current = self.current
        if is_rule(text) and current.lines and "|" in current.lines[-1]:
            yield from self._begin_table(line)
        elif is_framed(text) and not current.length:
            self.in_table, self.in_list = True, False
            yield self._row(line, text, "head")
        elif (item := _ITEM.match(text)) is not None and self._begins(item):
            yield from self.close()
            self._begin_item(line, text, item)
        else:
            yield from self._read_text(line, text)

    def blank_line(self) -> Iterator[ProseBlock]:
        """End what a blank line ends."""
        self.in_table = False
        yield from self.close()

    def end_list(self) -> Iterator[ProseBlock]:
        """End what was collected, and the list it may have belonged to."""
        yield from self.close()
        self.in_list = self.in_table = False
        self.margin = 0
        self.numbers.clear()

    def close(self) -> Iterator[ProseBlock]:
        """Yield what was collected so far."""
        if (block := self.current.close(self.plain)) is not None:
            yield block

    def _row(self, line: TextLine, text: str, kind: str) -> ProseBlock:
        cells = tuple(self.plain(cell) for cell in cells_of(text))
        return ProseBlock(
            kind="head" if kind == "head" else "row",
            line=line.number,
            cells=cells,
            length=len(text),
        )

    def _begin_table(self, line: TextLine) -> Iterator[ProseBlock]:
        """Take the last line collected for the head of a table."""
        head = self.current.lines.pop()
        self.current.length -= len(head) + bool(self.current.lines)
        yield from self.end_list()
        self.in_table = True
        yield self._row(TextLine(number=line.number - 1, text=head), head, "head")

    def _read_text(self, line: TextLine, text: str) -> Iterator[ProseBlock]:
        current = self.current
        inside = self.in_list and text[:1].isspace()
        may_speak = not inside and (not current.length or current.kind == "turn" or is_timed(text))
        if may_speak and (speaker := speaker_of(text)) is not None:
            goes_on = bool(current.length)
            yield from self.end_list()
            current.begin("turn", mark=speaker, goes_on=goes_on)
            text = without_emphasis(text)
        if not current.length and current.kind == "paragraph":
            if inside:
                indent = len(text) - len(text.lstrip())
                depth = max((d for d in self.numbers if d < indent), default=0)
                current.begin("item", depth=depth, goes_on=True)
            else:
                yield from self.end_list()
        current.add(line, text.strip())

    def _begins(self, item: re.Match[str]) -> bool:
        """Whether a line with an item's mark begins one, rather than going on with a sentence."""
        current = self.current
        digits = item["closed"] or item["dotted"]
        if current.length and current.kind != "item":
            leads_in = current.lines[-1:] and current.lines[-1].endswith(":")
            first = item["mark"] is None or digits in ("0", "1") or item["mark"].strip("()") == "a"
            return bool(
                first and (leads_in or (self.lists_interrupt and (digits or item["mark"] is None)))
            )
        if digits is None:
            return True
        number = int(digits)
        follows = any(number in (last, last + 1) for last in self.numbers.values())
        if current.length:
            ended = number <= HIGHEST_FIRST and current.lines[-1][-1:] in ".!?"
            return follows or ended or number <= 1
        return follows or number <= (HIGHEST_FIRST if self.lists_interrupt else 1)

    def _begin_item(self, line: TextLine, text: str, item: re.Match[str]) -> None:
        depth = len(text) - len(text.lstrip())
        digits = item["closed"] or item["dotted"]
        self.in_list, self.margin = True, item.end()
        self.numbers = {d: number for d, number in self.numbers.items() if d < depth} | {
            depth: int(digits) if digits else -1
        }
        mark = f"({(digits or item['mark']).strip('()')})" if item["mark"] else ""
        self.current.begin("item", mark=mark, depth=depth)
        self.current.add(line, text[item.end() :].strip())
