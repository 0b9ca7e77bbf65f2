"""Facts that can be checked by eye: numbers, dates and names, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from colloquia.language.facts.names import find_names
from colloquia.language.figures.dates import MONTH, YEAR
from colloquia.language.figures.elsewhere import find_places
from colloquia.language.figures.numbers import NUMBER, read_number
from colloquia.language.figures.units import UNIT
from colloquia.language.reading.pipeline import ENGLISH

FactKind = Literal["date", "year", "century", "number", "quantity", "name"]

_ERA = r"(?:\s?(?:BC|BCE|AD|CE|B\.C\.|A\.D\.))"
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|[a-z]{4,8}th|twenty-first)"
#: One figure to its readers, as a whole: 9:30, 3:20:10, 1/2, 10^6, 10⁶.
WHOLE = r"(?<![\w.])(?:\d+(?:[:/]\d+)+|\d+(?:[.,]\d+)*(?:\^[-−]?\d+|⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
_DATED = re.compile(
    rf"(?P<date>\b\d{{1,2}}\s{MONTH}(?:,?\s{YEAR})?\b|\b{MONTH}\s\d{{1,2}}(?:,\s?{YEAR})?\b"
    rf"|\b{MONTH},?\s{YEAR}\b)"
    rf"|(?P<century>\b(?:{_ORDINAL})(?:\sand\s(?:{_ORDINAL}))?[\s-]centur(?:y|ies){_ERA}?)"
    rf"|(?P<year>\b{YEAR}s?\b(?![,.:/^]\d){_ERA}?|\b\d{{1,4}}{_ERA})"
    rf"|(?P<quantity>[$€£]\s?\d[\d,.]*\d?(?:\s(?:million|billion|trillion))?"
    rf"|\b\d[\d,.]*\s?(?:million\s|billion\s)?{UNIT})"
    rf"|(?P<number>(?<![\w.])(?:{WHOLE}|\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}})+(?!\d)"
    r"|\d+(?:[.,]\d+)*(?!\w)(?:\s(?:million|billion|trillion))?))"
)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER = re.compile(NUMBER, re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A typed mention: `text == source[start:end]`."""

    kind: FactKind
    text: str
    start: int
    end: int

    @property
    def digits(self) -> tuple[str, ...]:
        """The numbers in it, thousands separators dropped."""
        return tuple(found.replace(",", "").rstrip(".") for found in _DIGITS.findall(self.text))


@lru_cache(maxsize=2048)
def find_facts(text: str, language: str = ENGLISH) -> tuple[Fact, ...]:
    """Return the numbers, dates and names of a text in order; none overlaps another."""
    found = list(find_figures(text, language))
    taken = {at for fact in found for at in range(fact.start, fact.end)}
    found += [
        Fact(kind="name", text=text[start:end], start=start, end=end)
        for start, end in find_names(text, language)
        if taken.isdisjoint(range(start, end))
    ]
    return tuple(sorted(found, key=lambda fact: fact.start))


def find_figures(text: str, language: str = ENGLISH) -> Iterator[Fact]:
    """Yield the facts of a text that are no names; nothing is parsed for them."""
    if language != ENGLISH:
        for start, end in find_places(text):
            yield Fact(kind="number", text=text[start:end], start=start, end=end)
        return
    for match in _DATED.finditer(text):
        kind = cast(FactKind, match.lastgroup)
        yield Fact(kind=kind, text=match.group(), start=match.start(), end=match.end())


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits, those written as words included (`one` aside)."""
    # "one of the …" counts nothing
    worths = {read_number(said).value for said in _NUMBER.findall(text) if said.lower() != "one"}
    whole = {str(worth) for worth in worths if worth.denominator == 1}
    return frozenset(whole | {found.replace(",", "") for found in _DIGITS.findall(text)})
