"""Headings: their section numbers, those of plain text, and lines of a table of contents."""

import re
from dataclasses import dataclass

LONGEST = 80  # characters; a longer line is no heading

_NUMBER = r"[1-9]\d?(?:\.[1-9]\d?)"
_NUMBERED = re.compile(rf"({_NUMBER}{{1,4}})\.?\s+[A-Z]")
_SECTION = re.compile(rf"(?:({_NUMBER}{{1,4}})\.?|([1-9]\d?)[.)])\s+(?=\S)")
_END_MARK = re.compile(r"[.!?…:;,]$")
_CONTENTS_LINE = re.compile(
    r".{0,200}?\S ?(?:\.{4,}|(?: \.){3,}|…{2,}|_{4,})\s{0,20}[\divxlc]{1,6}$"
)
CONTENTS_TITLES = frozenset(
    {"contents", "table of contents", "toc", "in this article", "on this page"}
)


@dataclass(slots=True)
class Sections:
    """The section numbers of a file's headings: a number that follows the last one is no figure."""

    last: tuple[int, ...] = ()

    def split(self, heading: str) -> tuple[str, str]:
        """Return a heading's section number, "" where it has none, and its words."""
        found = _SECTION.match(heading)
        if found is None:
            return "", heading
        number = found[1] or found[2]
        parts = tuple(map(int, number.split(".")))
        # `2.4 GHz` is a figure, `2.4 Pumps` below `2.3 Valves` is none
        sure = len(parts) != 2 or parts[1] == 1 or self._follows(parts)
        if not sure:
            return "", heading
        self.last = parts
        return number, heading[found.end() :]

    def _follows(self, parts: tuple[int, ...]) -> bool:
        return any(
            parts == (*self.last[:level], self.last[level] + 1) for level in range(len(self.last))
        )


def is_numbered(line: str) -> bool:
    """Whether a line of plain text reads as `1.1.1 Pumping station`."""
    return bool(_NUMBERED.match(line)) and len(line) <= LONGEST and not _END_MARK.search(line)


def is_sure(line: str) -> bool:
    """Whether its number has three levels or more, which no figure has."""
    return is_numbered(line) and line.split()[0].rstrip(".").count(".") >= 2


def is_short(line: str) -> bool:
    """Whether a line that stands alone in plain text is a heading: a few words, no end mark."""
    few = len(line.split()) <= 5 and len(line) <= LONGEST
    return few and line[:1].isupper() and not _END_MARK.search(line)


def without_heading(text: str) -> tuple[str, str]:
    """Return the numbered heading that opens a text, "" where there is none, and the rest."""
    first, _, rest = text.lstrip().partition("\n")
    if rest.strip() and is_numbered(first.strip()) and rest.lstrip()[:1].isupper():
        return first.strip(), rest.lstrip()
    return "", text


def is_contents_line(line: str) -> bool:
    """Whether a line is one of a table of contents: dots that lead to a page number."""
    return bool(_CONTENTS_LINE.fullmatch(line.strip())) if len(line) < 300 else False
