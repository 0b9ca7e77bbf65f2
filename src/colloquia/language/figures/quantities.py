"""Quantities read off a text: a number, what it counts or measures, and how exactly it is meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from colloquia.language.figures.moments import find_moments, without
from colloquia.language.figures.numbers import FRACTION, NUMBER, read_number
from colloquia.language.figures.terms import Term
from colloquia.language.figures.units import COUNT, PART, TIMES, UNIT, Unit, unit_named

_SIGN = r"[$€£¥]"
_GAP = r"[\s\u00a0\u202f-]?"
_QUANTITY = re.compile(
    rf"(?<![\w.])(?P<sign>{_SIGN})\s?(?P<sum>{NUMBER})(?!\w)"
    rf"|(?<![\w.,:/])(?P<part>{FRACTION})\s(?:of\s)?(?:an?\s)(?P<part_unit>{UNIT})"
    rf"|(?<![\w.,:/])an?\s(?P<an_unit>{UNIT})\sand\s(?P<and_part>{FRACTION})"
    rf"|(?<![\w.,:/])(?P<number>{NUMBER}){_GAP}(?P<unit>{UNIT})"
    rf"|(?<![\w.,:/])(?P<times>{NUMBER})(?:\stimes|-fold)(?!\w)"
    rf"|(?<!\w)(?P<word>twice|thrice|double|triple)(?!\w)"
    rf"|(?<![\w.,:/])(?P<fraction>{FRACTION})(?=\sof\b|\sthe\b|\sas\b|[.,;:)]|$)"
    rf"|(?<![\w.,:/])(?P<over>\d{{1,3}})/(?P<under>\d{{1,3}})(?![\w/])"
    rf"|(?<![\w.,:/])(?P<out>{NUMBER})\s(?:in|out\sof)\s(?:every\s)?(?P<of>{NUMBER})(?!\w)"
    rf"|(?<![\w.,:/])(?P<count>{NUMBER})(?![\w%]|[.,:]\d|(?:st|nd|rd|th)\b)",
    re.IGNORECASE,
)  # fmt: skip
_WORDS_FOR = {"twice": 2, "double": 2, "thrice": 3, "triple": 3}
_ROUGHLY = re.compile(
    r"(?:about|around|roughly|approximately|approx\.|nearly|almost|some|circa|c\.|ca\.|close to|"
    r"(?:just|a little|well) (?:over|under)|over|under|more than|less than|[~≈])\s?(?:the )?$",
    re.IGNORECASE,
)
# "per hour", "a day", "each week": the quantity is counted anew for each of them
_RATE = re.compile(
    r"[^.;]{0,25}?\b(?:per(?! cent)|each|every|apiece)\b|(?:\s[a-z]+)?\san?\s[a-z]+", re.I
)
_PER_UNIT = re.compile(
    rf"(?:\s[a-z]+)?(?:/|\s(?:per|each|every|an?)\s)(?P<unit>{UNIT})", re.IGNORECASE
)
# "rows of 8 seats", "each row has 8"
_EACH_BEFORE = re.compile(
    r"\b(?:each|every)\b[^.;,]{0,30}$|\b(?!hundreds|thousands|millions)[a-z]+s of $", re.IGNORECASE
)
# A number behind a capitalised word or a label names a thing: Apollo 11, page 12.
_LABEL = re.compile(
    r"\b(?:(?!(?:The|In|And|About|Of|With|Some|Over|At|By|From|Only|Nearly|Almost|Roughly|Around|For|"
    r"These|Those|All|Its|His|Her|Their|Another|Between|Another|There|Yes|No|On|To|It|As|But|Or|"
    r"Exactly|After|Another)\b)[A-Z][\w.]*|no\.|page|chapter|room|line|number|version|article)\s$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Term):
    """A quantity of a text: `text == source[start:end]`."""

    start: int = field(compare=False)
    end: int = field(compare=False)
    numbers: tuple[Fraction, ...]
    """As written: 8 and 45 in "8 hours and 45 minutes"."""
    quantum: Fraction
    """What its last digit that isn't 0 is worth, in the base unit."""
    rough: bool = False
    """Whether the text says about, nearly, more than …"""
    each: bool = False
    """Whether it is meant for each of several: 8 seats per row, 5 hours a day."""
    per: Unit | None = None
    """The unit it is meant for each of, if any: the day in 5 hours a day."""

    @property
    def measure(self) -> tuple[str, Fraction]:
        """What it says, in whatever unit."""
        return self.dimension, self.value

    @property
    def has_unit(self) -> bool:
        """Whether it is more than a number or a share."""
        return self.dimension not in ("count", "share", "times")

    @property
    def spelled(self) -> bool:
        """Whether it is written in words alone."""
        return not any(char.isdigit() for char in self.text)


@lru_cache(maxsize=1024)
def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order; none overlaps another, or a clock time or date."""
    readings = map(_read, _QUANTITY.finditer(without(text, find_moments(text))))
    return _joined(text, (reading for reading in readings if reading is not None))


def _read(match: re.Match[str]) -> Quantity | None:
    found = _worth(match)
    if found is None:
        return None
    number, quantum, unit = found
    text, (start, end) = match.string, match.span()
    before, after = text[max(0, start - 40) : start], text[end : end + 60]
    rate = _PER_UNIT.match(after)
    below_zero = bool(re.search(r"(?:^|\s)[-\u2212]$", before))
    start -= below_zero
    sign = -1 if below_zero else 1
    return Quantity(
        text=text[start:end], start=start, end=end, unit=unit, numbers=(number,),
        value=unit.zero + sign * number * unit.size, quantum=quantum * unit.size,
        rough=bool(_ROUGHLY.search(before)),
        each=bool(_RATE.match(after) or _EACH_BEFORE.search(before)),
        per=unit_named(rate["unit"]) if rate else None,
    )  # fmt: skip


def _worth(match: re.Match[str]) -> tuple[Fraction, Fraction, Unit] | None:
    """Return number, quantum and unit of a match; None where it counts nothing."""
    groups = {name: text for name, text in match.groupdict().items() if text}
    match groups:
        case {"sum": written, "sign": unit} | {"number": written, "unit": unit}:
            return _measured(written, unit)
        case {"part": written, "part_unit": unit}:
            return _measured(written, unit)
        case {"an_unit": unit, "and_part": part}:
            named = unit_named(unit)
            return None if named is None else (1 + read_number(part).value, Fraction(1), named)
        case {"times": written}:
            return read_number(written).value, read_number(written).quantum, TIMES
        case {"word": word}:
            return Fraction(_WORDS_FOR[word.lower()]), Fraction(1), TIMES
        case {"fraction": written}:
            return read_number(written).value, Fraction(1, 100), PART
        case {"over": over, "under": under} | {"out": over, "of": under}:
            whole = read_number(under).value
            share = read_number(over).value / whole if whole else Fraction(2)
            return (share, Fraction(1, 100), PART) if share < 1 else None
        case {"count": written}:
            number = read_number(written)
            labelled = _LABEL.search(match.string[max(0, match.start() - 40) : match.start()])
            return None if labelled or number.value == 1 else (number.value, number.quantum, COUNT)
    return None


def _measured(written: str, unit: str) -> tuple[Fraction, Fraction, Unit] | None:
    number, named = read_number(written), unit_named(unit)
    return None if named is None else (number.value, number.quantum, named)


_BETWEEN = re.compile(r"(?:,?\s(?:and\s)?|\s?)", re.IGNORECASE)


def _joined(text: str, found: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Join what makes one quantity: 8 hours and 45 minutes, 5 ft 11 inches."""
    joined: list[Quantity] = []
    for part in found:
        if joined and _one_quantity(text, joined[-1], part):
            whole = joined.pop()
            part = replace(
                part, text=text[whole.start : part.end], start=whole.start, rough=whole.rough,
                numbers=(*whole.numbers, *part.numbers), value=whole.value + part.value,
            )  # fmt: skip
        joined.append(part)
    return tuple(joined)


def _one_quantity(text: str, whole: Quantity, part: Quantity) -> bool:
    larger, smaller = whole.unit, part.unit
    return (
        whole.dimension == part.dimension in {"time", "calendar", "length", "mass"}
        and larger.size > smaller.size
        and part.value < larger.size
        and bool(_BETWEEN.fullmatch(text, whole.end, part.start))
    )
