"""Which facts of an answer its sources hold: by value, by unit, and names by their words."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from colloquia.language.facts.finding import WHOLE, Fact, find_facts, find_figures
from colloquia.language.facts.names import capital_words
from colloquia.language.figures.dates import MONTHS
from colloquia.language.figures.elsewhere import stray_places
from colloquia.language.figures.moments import Moment, find_clock_times
from colloquia.language.figures.numbers import NUMBER, read_number
from colloquia.language.figures.quantities import Quantity, find_quantities
from colloquia.language.figures.units import COUNT
from colloquia.language.reading.pipeline import ENGLISH
from colloquia.language.reading.words import FUNCTION_WORDS, forms, words

_FEW = 12  # in words, people count so far for themselves: "it has two arms"
# One word for two measures, or two that texts use for each other.
_MIXED = ({"£", "lb"}, {"degrees", "°C"}, {"degrees", "°F"}, {"tons", "tonnes"})

_WHOLE = re.compile(WHOLE)
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
_SCALED_RANGE = re.compile(
    rf"({NUMBER})\s?(?:-|–|to|and|or)\s?(?:\d[\d.,]*)\s(million|billion|trillion)", re.IGNORECASE
)
_STEM, _FEWEST = 0.6, 3  # of a name's letters stay in all its forms: Москва, Москвы


def unsupported_facts(
    answer: str, *, sources: Iterable[str], language: str = ENGLISH
) -> tuple[Fact, ...]:
    """Return the numbers, dates and names of an answer that none of the sources holds.

    Numbers are compared by value (`1,000`, `one thousand` and `1 000` are one) and with their
    units, so 5 miles aren't held by 5 km; names word by word and by lemma, so a reordered or
    shortened name is still held. The answer is parsed only if a capital word in it is new.
    """
    held = [_read(source, language) for source in sources]
    strays = _stray_figures(answer, held, language)
    told = frozenset[str]().union(*(source.words for source in held))
    if any(not _is_told(word, told, language) for word, _ in capital_words(answer)):
        names = [fact for fact in find_facts(answer, language) if fact.kind == "name"]
        strays += [
            name
            for name in names
            if not all(_is_told(word, told, language) for word in words(name.text))
        ]
    return tuple(sorted(strays, key=lambda fact: fact.start))


def is_held(fact: Fact, *, sources: Iterable[str], language: str = ENGLISH) -> bool:
    """Whether the sources hold a fact."""
    held = [_read(source, language) for source in sources]
    if fact.kind != "name":
        return not _stray_figures(fact.text, held, language)
    told = frozenset[str]().union(*(source.words for source in held))
    return all(_is_told(word, told, language) for word in words(fact.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What a source holds: its figures, and its words in all their forms."""

    text: str
    figures: frozenset[Fraction | str]
    words: frozenset[str]


@lru_cache(maxsize=1024)
def _read(text: str, language: str) -> _Source:
    parts = (part for word in words(text) for part in (word, *re.split(r"['’-]", word)) if part)
    return _Source(
        text=text,
        figures=_figures(text) if language == ENGLISH else frozenset(),
        words=frozenset(form for part in parts for form in _forms(part, language)),
    )


def _forms(word: str, language: str) -> frozenset[str]:
    """Return the forms of a word; elsewhere how each of them begins, as far as it is known."""
    if language == ENGLISH:
        return forms(word)
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    least = max(_FEWEST, math.ceil(_STEM * len(plain)))
    return frozenset(
        plain[:end].casefold() for end in range(min(least, len(plain)), len(plain) + 1)
    )


def _is_told(word: str, told: frozenset[str], language: str) -> bool:
    if word.lower() in FUNCTION_WORDS or _forms(word, language) & told:
        return True
    parts = [part for part in re.split(r"['’-]", word) if part]
    return len(parts) > 1 and all(_forms(part, language) & told for part in parts)


@lru_cache(maxsize=1024)
def _figures(text: str) -> frozenset[Fraction | str]:
    """Return the figures and months of a text: by value, those of several numbers as written."""
    whole = {_plain(found) for found in _WHOLE.findall(text)}
    clock = {moment.shown for moment in find_clock_times(text)}
    rest = _WHOLE.sub(" ", text)
    worths = {read_number(found).value for found in _NUMBER.findall(rest)}
    for low, scale in _SCALED_RANGE.findall(rest):  # 4 to 5 million
        worths.add(read_number(f"{low} {scale}").value)
    return frozenset({*whole, *clock, *worths, *(word for word in words(text) if word in MONTHS)})


def _plain(figure: str) -> str:
    """Return 10⁶ as 10^6 and 09:05 as 9:05."""
    power = re.sub(r"(?<=[0-9])(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "^", figure)
    return unicodedata.normalize("NFKC", power).replace("\u2212", "-").lstrip("0")


def _stray_figures(answer: str, held: list[_Source], language: str) -> list[Fact]:
    if language != ENGLISH:
        places = stray_places(answer, sources=(source.text for source in held))
        return [Fact(kind="number", text=answer[s:e], start=s, end=e) for s, e in places]
    figures = frozenset[Fraction | str]().union(*(source.figures for source in held))
    strays, times = list[Fact](), tuple(find_clock_times(answer))
    for fact in (*find_figures(answer), *_spelled(answer)):
        time = next((time for time in times if touch(time, fact)), None)
        said = {time.shown, _plain(time.text)} & figures if time else _figures(fact.text) <= figures
        if not said:
            strays.append(fact)
    return _with_units(answer, strays, held)


def _spelled(text: str) -> Iterator[Fact]:
    """Yield the larger numbers that are written in words alone."""
    for found in _NUMBER.finditer(text):
        in_words = not any(char.isnumeric() for char in found.group())
        if in_words and read_number(found.group()).value > _FEW:
            yield Fact(kind="number", text=found.group(), start=found.start(), end=found.end())


def _with_units(answer: str, strays: list[Fact], held: list[_Source]) -> list[Fact]:
    """Return strays without those that are a source's quantity in another unit (90 min, 1.5 h).

    A number that a source has, but of something else alone, is one more: 5 miles for 5 km.
    """
    measured = [q for q in find_quantities(answer) if q.has_unit]
    theirs = [q for source in held for q in find_quantities(source.text)] if measured else []
    for quantity in measured:
        alike = any(q.measure == quantity.measure for q in theirs)
        others = [q for q in theirs if q.numbers == quantity.numbers]
        touched = [fact for fact in strays if touch(fact, quantity)]
        if alike:
            strays = [fact for fact in strays if fact not in touched]
        elif others and not touched and not any(_may_be(q, quantity) for q in others):
            start, end = quantity.start, quantity.end
            strays = [*strays, Fact(kind="quantity", text=quantity.text, start=start, end=end)]
    return strays


def _may_be(one: Quantity, other: Quantity) -> bool:
    """Whether a number is said of two measures, or of none, so that both may be meant."""
    return one.unit is COUNT or {one.unit.symbol, other.unit.symbol} in _MIXED


def touch(one: Fact | Moment | Quantity, other: Fact | Moment | Quantity) -> bool:
    """Whether two mentions overlap."""
    return one.start < other.end and other.start < one.end
