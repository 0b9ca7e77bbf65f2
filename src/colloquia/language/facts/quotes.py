"""Finding a quote in a text: exactly, or else with white space and quote marks made equal."""

import re
from array import array
from collections.abc import Iterable
from functools import lru_cache

from colloquia.core.types import Span

# People and models retype these; the true characters are found again through their offsets.
_EQUAL = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'",
     "–": "-", "—": "-", "−": "-", "\u00a0": " ", "\u202f": " "}
)  # fmt: skip


_OUTER = r"\s*(?:[\"'“”„‟«»‹›‘’‚`]|\[(?:\.{3}|…)\]|\((?:\.{3}|…)\)|\.{3,}|…)\s*"
_MOST_LAYERS = 6  # of marks around a quote
_LONGEST_MARK = 20  # characters; of longer rows of dots each round takes some
_OPENING, _CLOSING = re.compile(rf"\A{_OUTER}"), re.compile(rf"{_OUTER}\Z")


def bare_quotes(quotes: Iterable[str], text: str) -> tuple[str, ...]:
    """Return quotes of `text` without what a model puts around them; empty ones are left out."""
    return tuple(unwrapped(quote, text) for quote in quotes if quote)


def unwrapped(quote: str, text: str) -> str:
    """Return a quote without quotation marks and ellipses around it, if only so it is in `text`."""
    peeled = quote
    for _ in range(_MOST_LAYERS):
        if locate(peeled, text):
            return peeled
        opened = _OPENING.sub("", peeled.strip())
        peeled = opened[:-_LONGEST_MARK] + _CLOSING.sub("", opened[-_LONGEST_MARK:])
    return quote


def locate(quote: str, text: str) -> Span | None:
    """Return where `quote` stands in `text`, or None.

    An exact match comes first. Else runs of white space, dashes and quote marks of every form count
    as equal; the span then holds what the text really says, so `span.text == text[start:end]`.
    """
    wanted = quote.strip()
    if not wanted:
        return None
    if (start := text.find(wanted)) >= 0:
        return Span(start=start, end=start + len(wanted), text=wanted)
    plain, places = _plain(text)
    wanted = " ".join(wanted.translate(_EQUAL).split())
    if (at := plain.find(wanted)) < 0:
        return None
    start, end = places[at], places[at + len(wanted) - 1] + 1
    return Span(start=start, end=end, text=text[start:end])


@lru_cache(maxsize=4)
def _plain(text: str) -> "tuple[str, array[int]]":
    """Return a text with its equals made equal, and where each character of that stands in it."""
    words = list(re.finditer(r"\S+", text.translate(_EQUAL)))
    places = array("L")
    for word in words:
        places.extend(range(word.start(), word.end() + 1))
    return " ".join(word[0] for word in words), places
