"""Plain text as blocks: blank lines part paragraphs, hard-wrapped lines are joined."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from colloquia.core.text import TextLine
from colloquia.snippets.markup import plain_text
from colloquia.snippets.prose.blocks import Collector, Lines, ProseBlock
from colloquia.snippets.prose.headings import is_contents_line, is_numbered, is_short, is_sure
from colloquia.snippets.prose.line_reader import LineReader

SHORT = "short"  # the mark of a heading that only its shortness makes one


def text_blocks(lines: Lines, *, keep: int) -> Iterator[ProseBlock]:
    """Yield the blocks of plain text, of each at most `keep` characters and one."""
    held: ProseBlock | None = None
    for block in _blocks(lines, keep):
        if held is not None:  # a short line is a heading only if there is text below it
            yield replace(held, kind="paragraph") if block.kind == "heading" else held
        held = block if block.mark == SHORT else None
        if held is None:
            yield block
    if held is not None:
        yield replace(held, kind="paragraph")


def _blocks(lines: Lines, keep: int) -> Iterator[ProseBlock]:
    reader = _TextReader(current=Collector(keep), plain=plain_text, lists_interrupt=False)
    for line in lines:
        yield from reader.read_line(line)
    yield from reader.blank_line()


@dataclass(slots=True, kw_only=True)
class _TextReader(LineReader):
    def read_line(self, line: TextLine) -> Iterator[ProseBlock]:
        text = line.text.rstrip()
        current = self.current
        if not text.strip():
            yield from self.blank_line()
        elif is_contents_line(text):
            yield from self._heading() if len(current.lines) == 1 else self.end_list()
            yield ProseBlock(kind="passed", line=line.number, mark="contents lines")
        elif len(current.lines) == 1 and _is_underline(text):
            yield from self._heading()
        else:
            if self._stands_above(text):
                yield from self._heading()
            yield from self.read_prose(line, text)

    def blank_line(self) -> Iterator[ProseBlock]:
        """A line that stands alone may be a heading."""
        current = self.current
        alone = len(current.lines) == 1 and current.kind == "paragraph"
        if alone and is_numbered(current.lines[0]):
            yield from self._heading()
        elif alone and is_short(current.lines[0]):
            yield from self._heading(SHORT)
        else:
            yield from LineReader.blank_line(self)

    def _stands_above(self, text: str) -> bool:
        """Whether the one line collected is a heading, with its text in the next line."""
        current = self.current
        if len(current.lines) != 1 or current.kind != "paragraph":
            return False
        line = current.lines[0]
        return is_sure(line) or (is_numbered(line) and text.lstrip()[:1].isupper())

    def _heading(self, mark: str = "") -> Iterator[ProseBlock]:
        for block in self.close():
            yield replace(block, kind="heading", mark=mark)
        yield from self.end_list()


def _is_underline(text: str) -> bool:
    mark = text.strip()
    return len(mark) >= 3 and mark[0] in "=-~" and not mark.strip(mark[0])
