"""Facts that can be checked by eye: numbers, dates and names, each with its place in the text."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from colloquia.language.inflection import lemmas
from colloquia.language.lexicon import word_set
from colloquia.language.numbers import NUMBER, read_number
from colloquia.language.numerals import value_of
from colloquia.language.sentences import split_sentences
from colloquia.language.tagging import Token, tag
from colloquia.language.words import FUNCTION_WORDS, forms, words

FactKind = Literal["date", "year", "century", "number", "quantity", "name"]

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
MONTH = "(?:" + "|".join(MONTHS) + ")"
YEAR = r"(?:1[0-9]\d\d|20\d\d)"
_ERA = r"(?:\s?(?:BC|BCE|AD|CE|B\.C\.|A\.D\.))"
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|[a-z]{4,8}th|twenty-first)"
_UNIT = (
    r"(?:%|percent|per cent|km|kilomet(?:er|re)s?|miles?|met(?:er|re)s?|feet|ft|kg|tons?|tonnes?|"
    r"acres?|hectares?|dollars?|euros?|pounds?|years?|months?|weeks?|days?|hours?|"
    r"minutes?|degrees?)"
)
_DATED = re.compile(
    rf"(?P<date>\b\d{{1,2}}\s{MONTH}(?:,?\s{YEAR})?\b|\b{MONTH}\s\d{{1,2}}(?:,\s?{YEAR})?\b"
    rf"|\b{MONTH},?\s{YEAR}\b)"
    rf"|(?P<century>\b(?:{_ORDINAL})(?:\sand\s(?:{_ORDINAL}))?[\s-]centur(?:y|ies){_ERA}?)"
    rf"|(?P<year>\b{YEAR}s?\b(?![,.]\d){_ERA}?|\b\d{{1,4}}{_ERA})"
    rf"|(?P<quantity>[$€£]\s?\d[\d,.]*\d?(?:\s(?:million|billion|trillion))?"
    rf"|\b\d[\d,.]*\s?(?:million\s|billion\s)?{_UNIT}(?!\w))"
    r"|(?P<number>(?<![\w.])\d+(?:[.,]\d+)*(?!\w)(?:\s(?:million|billion|trillion))?)"
)
_KINDS: dict[str, FactKind] = {
    "date": "date", "century": "century", "year": "year", "quantity": "quantity",
    "number": "number",
}  # fmt: skip
_NAME_LINKS = word_set("of the de la le du von van der den di da del bin ibn al y and")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_SPELLED = re.compile(NUMBER, re.IGNORECASE)


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
def find_facts(text: str) -> tuple[Fact, ...]:
    """Return the numbers, dates and names of a text in order; none overlaps another."""
    found = [
        Fact(kind=_kind(match), text=match.group(), start=match.start(), end=match.end())
        for match in _DATED.finditer(text)
    ]
    taken = [(fact.start, fact.end) for fact in found]
    for sentence in split_sentences(text):
        for fact in _names(sentence.text, sentence.start):
            if not any(start < fact.end and fact.start < end for start, end in _near(taken, fact)):
                found.append(fact)
    return tuple(sorted(found, key=lambda fact: fact.start))


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits, those written as words included (`one` aside)."""
    # "one of the …" counts nothing
    values = (value_of(word) for word in words(text) if word.lower() != "one")
    written = {str(value) for value in values if value is not None}
    return frozenset(written | {found.replace(",", "") for found in _DIGITS.findall(text)})


def unsupported_facts(answer: str, *, sources: Iterable[str]) -> tuple[Fact, ...]:
    """Return the numbers, dates and names of an answer that none of the sources holds.

    Numbers are compared by value (`1,000`, `one thousand` and `1000` are one), names word by word
    and by lemma, so a reordered or shortened name is still held.
    """
    known_numbers: set[str] = set()
    known_words: set[str] = set()
    for source in sources:
        known_numbers.update(found.replace(",", "") for found in _DIGITS.findall(source))
        known_numbers.update(str(read_number(said).value) for said in _SPELLED.findall(source))
        for word in words(source):
            known_words |= forms(word)
            for part in word.split("-"):
                known_words |= forms(part)
            value = value_of(word)
            known_numbers.update(() if value is None else {str(value)})
    return tuple(fact for fact in find_facts(answer) if not _held(fact, known_numbers, known_words))


def _held(fact: Fact, numbers: set[str], known: set[str]) -> bool:
    if fact.kind == "name":
        return all(
            forms(word) & known or word.lower() in FUNCTION_WORDS for word in words(fact.text)
        )
    return all(value in numbers for value in fact.digits) and all(
        word.lower() in known for word in words(fact.text) if word in MONTHS
    )


def _kind(match: re.Match[str]) -> FactKind:
    return _KINDS[match.lastgroup or "number"]


def _near(taken: list[tuple[int, int]], fact: Fact) -> Iterator[tuple[int, int]]:
    """Yield the few taken spans that could touch a fact (the list is sorted by place)."""
    at = bisect_left(taken, (fact.start, fact.end))
    yield from taken[max(0, at - 1) : at + 3]


def _names(sentence: str, offset: int) -> Iterator[Fact]:
    tokens = tag(sentence)
    index = 0
    while index < len(tokens):
        end = name_end(tokens, index)
        if end > index:
            start_at, end_at = offset + tokens[index].start, offset + tokens[end - 1].end
            text = sentence[tokens[index].start : tokens[end - 1].end]
            yield Fact(kind="name", text=text, start=start_at, end=end_at)
        index = max(end, index + 1)


def name_end(tokens: tuple[Token, ...], start: int) -> int:
    """Return the index after the name that begins at `start`; `start` itself if none does."""
    if not _is_name_word(tokens[start], first=start == 0):
        return start
    end = start + 1
    while end < len(tokens):
        if _is_name_word(tokens[end], first=False):
            end += 1
            continue
        link = end
        while link < len(tokens) and link < end + 2 and tokens[link].lower in _NAME_LINKS - {"and"}:
            link += 1
        if link == end or link >= len(tokens) or not _is_name_word(tokens[link], first=False):
            break
        end = link + 1
    return end


def _is_name_word(token: Token, *, first: bool) -> bool:
    if not token.text[0].isupper() or token.tag.startswith(("PRP", "DT", "W")):
        return False
    if token.lower in FUNCTION_WORDS and not (token.text.isupper() and len(token.text) > 1):
        return False
    return token.tag in {"NNP", "NNPS"} and not (first and bool(lemmas(token.lower)))
