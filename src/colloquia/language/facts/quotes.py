"""Finding a quote in a text: exactly, or else with white space and quote marks made equal."""

import re
from collections.abc import Iterable

from colloquia.core.types import Span

# People and models retype these; the true characters are found again through their offsets.
_EQUAL = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'",
     "–": "-", "—": "-", "−": "-", "\u00a0": " ", "\u202f": " "}
)  # fmt: skip


_OUTER = r"\s*(?:[\"'“”„‟«»‹›‘’‚`]|\[(?:\.{3}|…)\]|\((?:\.{3}|…)\)|\.{3,}|…)\s*"
_OPENING, _CLOSING = re.compile(rf"\A{_OUTER}"), re.compile(rf"{_OUTER}\Z")


def bare_quotes(quotes: Iterable[str], text: str) -> tuple[str, ...]:
    """Return quotes of `text` without what a model puts around them; empty ones are left out."""
    return tuple(unwrapped(quote, text) for quote in quotes if quote)


def unwrapped(quote: str, text: str) -> str:
    """Return a quote without quotation marks and ellipses around it, if only so it is in `text`."""
    bare, peeled = "", quote
    while peeled != bare:
        if locate(peeled, text):
            return peeled
        bare, peeled = peeled, _CLOSING.sub("", _OPENING.sub("", peeled))
    return quote


def locate(quote: str, text: str) -> Span | None:
    """Return where `quote` stands in `text`, or None.

    An exact match comes first. Else runs of white space, dashes and quote marks of every form count
    as equal; the span then holds what the text really says, so `span.text == text[start:end]`.
    """
    wanted = quote.strip()
    if not wanted:
        return None
    start = text.find(wanted)
    if start >= 0:
        return Span(start=start, end=start + len(wanted), text=wanted)
    # One pattern of literals and `\s+` has no nested repeats, so it can't run away.
    pattern = r"\s+".join(re.escape(piece) for piece in wanted.translate(_EQUAL).split())
    match = re.search(pattern, text.translate(_EQUAL))
    if match is None:
        return None
    return Span(start=match.start(), end=match.end(), text=text[match.start() : match.end()])
