"""Figures in languages other than English, where comma and point are each other's: by value alone.

Units and numbers in words aren't read, and scripts without spaces need none around a figure.
"""

import re
from collections.abc import Iterable, Iterator

_FIGURE = re.compile(
    r"\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?!\d)(?:[.,]\d+)?"  # 1.260, 12 500,50
    r"|\d+(?:[.,:]\d+)*"
)
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f.,'’](?=\d{3}(?!\d))")

Place = tuple[int, int]


def find_places(text: str) -> list[Place]:
    """Return where the figures of a text stand."""
    return [found.span() for found in _FIGURE.finditer(text)]


def stray_places(answer: str, *, sources: Iterable[str]) -> Iterator[Place]:
    """Yield where an answer has a figure that no source has; 3,5 is 3.50 but isn't 35."""
    known = {part for text in sources for said in _FIGURE.findall(text) for part in _worths(said)}
    for start, end in find_places(answer):
        if not known.issuperset(_worths(answer[start:end])):
            yield start, end


def _worths(figure: str) -> tuple[str, ...]:
    """Return what a figure is worth, in ASCII: 9:30 is 9.3 like 9.30, and 12.5.1811 is three."""
    digits = "".join(str(int(char)) if char.isdigit() else char for char in figure)
    whole, *rest = re.split(r"[.,:]", _THOUSANDS.sub("", digits))
    if len(rest) > 1:
        return (whole, *rest)
    decimals = "".join(rest).rstrip("0")
    return (f"{whole}.{decimals}" if decimals else whole,)
