"""Points in time, clock times and dates, and how long it is from one to another."""

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from colloquia.language.figures.dates import MONTH, MONTHS, YEAR
from colloquia.language.figures.terms import Term
from colloquia.language.figures.units import DAYS, HOURS, YEARS, Unit

_DASH = r"\s?(?:-|–|—|to|until|till|and)\s?"
_MERIDIEM = r"(?:a\.m\.|p\.m\.|[ap]\.?m\b)"
_HOUR = r"(?:1\d|2[0-4]|0?\d)(?:[:.][0-5]\d)?"
_CLOCK = re.compile(
    rf"(?<![\w:.,$€£])(?P<from>{_HOUR})(?:\s?(?P<from_half>{_MERIDIEM}))?{_DASH}"
    rf"(?P<to>{_HOUR})(?:\s?(?P<to_half>{_MERIDIEM}))?(?![\w:%]|[.,]\d)"
    rf"|(?<![\w:.,$€£])(?P<at>{_HOUR})\s?(?P<half>{_MERIDIEM})"
    r"|(?<![\w:.,])(?P<plain>(?:[01]?\d|2[0-4]):[0-5]\d)(?![\w:])"
    r"|\b(?P<named>noon|midday|midnight)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{_DASH}(?P<to_day>\d{{1,2}})(?:st|nd|rd|th)?)?\s"
    rf"(?P<month>{MONTH})(?:,?\s(?P<year>{YEAR}))?\b"
    rf"|\b(?P<month_us>{MONTH})\s(?P<day_us>\d{{1,2}})(?:{_DASH}(?P<to_us>\d{{1,2}}))?(?!\d)"
    rf"(?:,?\s(?P<year_us>{YEAR}))?\b"
    rf"|\b(?P<month_only>{MONTH}),?\s(?P<its_year>{YEAR})\b"
)
_COUNTED = r"(?!\s(?!is|was|has|as)[a-z]+s\b(?!\s(?:it|he|she|they)\b))(?!\speople\b)"
_YEARS = re.compile(
    rf"(?<![\w.,$€£-])(?P<first>{YEAR}|(?<=AD\s)\d{{1,4}}|\d{{1,4}}(?=\s?(?:BC|BCE|AD|CE)\b))"
    rf"(?:[-–/](?P<last>{YEAR}|\d\d)(?!\d))?(?![\w%]|[.,]\d)(?:\s?(?P<era>BCE?|AD|CE)\b)?{_COUNTED}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A clock time (`minute`), or a date as far as it is given."""

    text: str
    start: int
    end: int
    minute: int | None = None
    """Minutes since midnight."""
    year: int | None = None
    """Years before Christ are negative: 44 BC is -44."""
    month: int | None = None
    day: int | None = None
    reaches_next: bool = False
    """Whether the text goes from it to the moment after it: 9:15 in "from 9:15 to 6 pm"."""

    @property
    def shown(self) -> str:
        """It, as a derivation writes it: 18:00, 3 May 1851."""
        if self.minute is not None:
            return f"{self.minute // 60}:{self.minute % 60:02}"
        era = f"{-self.year} BC" if self.year is not None and self.year < 0 else self.year
        parts = (self.day, MONTHS[self.month - 1] if self.month else None, era)
        return " ".join(str(part) for part in parts if part is not None)


def find_moments(text: str) -> tuple[Moment, ...]:
    """Return the clock times and dates of a text, in order; none overlaps another."""
    found: list[Moment] = []
    left = text
    for reader in (find_clock_times, _dates, _years):
        read = tuple(reader(left))
        left = without(left, read)
        found += read
    found.sort(key=lambda moment: moment.start)
    reached = {one for one, other in pairwise(found) if _ranges(text, one, other)}
    return tuple(
        replace(moment, reaches_next=True) if moment in reached else moment for moment in found
    )


def without(text: str, moments: Iterable[Moment]) -> str:
    """Return a text of the same length that can't be read where the moments stand."""
    pieces, at = list[str](), 0
    for moment in moments:
        pieces += (text[at : moment.start], "\0" * (moment.end - moment.start))
        at = moment.end
    return "".join((*pieces, text[at:]))


def _ranges(text: str, one: Moment, other: Moment) -> bool:
    link = text[one.end : other.start].strip()
    paired = link == "and" and text[: one.start].rstrip().lower().endswith("between")
    return paired or link in {"-", "–", "—", "to", "until", "till", ""}


def find_clock_times(text: str) -> Iterator[Moment]:
    """Yield the clock times of a text, in order, without telling which reaches to the next."""
    for match in _CLOCK.finditer(text):
        if match["named"]:
            minute = 24 * 60 if match["named"].lower() == "midnight" else 12 * 60
            yield _clock(match, "named", minute)
        elif match["plain"]:
            yield _clock(match, "plain", _minute(match["plain"]))
        elif match["at"]:
            yield _clock(match, "at", _minute(match["at"], match["half"]))
        else:
            yield from _opening_hours(match)


def _opening_hours(match: re.Match[str]) -> Iterator[Moment]:
    """Read `2-6 pm` and `9 am to 5`: who says it once means it for both, as far as that can be."""
    begin, end = match["from_half"], match["to_half"]
    if not (begin or end or (":" in match["from"] and ":" in match["to"])):
        return
    first, last = _minute(match["from"], begin), _minute(match["to"], end)
    noon = 12 * 60
    if end and not begin and first < noon and first + noon < last:
        first += noon
    if begin and not end and last <= first and last < noon:
        last += noon
    yield _clock(match, "from", first)
    yield _clock(match, "to", last)


def _clock(match: re.Match[str], group: str, minute: int) -> Moment:
    halves = {"from": "from_half", "to": "to_half", "at": "half"}
    end = max(match.end(group), match.end(halves[group]) if group in halves else 0)
    start = match.start(group)
    return Moment(text=match.string[start:end], start=start, end=end, minute=minute)


def _minute(hour: str, half: str | None = None) -> int:
    hours, _, minutes = hour.replace(".", ":").partition(":")
    at = int(hours) * 60 + int(minutes or 0)
    if half is None or int(hours) > 12:
        return at
    return at % 720 + (720 if half.lower().startswith("p") else 0)


def _dates(text: str) -> Iterator[Moment]:
    for match in _DATE.finditer(text):
        start, end = match.span()
        month = MONTHS.index(match["month"] or match["month_us"] or match["month_only"]) + 1
        year = match["year"] or match["year_us"] or match["its_year"]
        first, last = match["day"] or match["day_us"], match["to_day"] or match["to_us"]
        days: list[int | None] = [int(day) for day in (first, last) if day] or [None]
        # a range's two ends share the text between them
        cut = match.start("to_day" if match["to_day"] else "to_us") if last else end
        places = [(start, cut), (cut, end)]
        for day, (begin, stop) in zip(days, places, strict=False):
            if day is None or 1 <= day <= calendar.monthrange(int(year or 2000), month)[1]:
                yield Moment(
                    text=text[begin:stop], start=begin, end=stop, month=month, day=day,
                    year=int(year) if year else None,
                )  # fmt: skip


def _years(text: str) -> Iterator[Moment]:
    for match in _YEARS.finditer(text):
        sign = -1 if (match["era"] or "").startswith("BC") else 1
        first, last = match["first"], match["last"]
        yield Moment(
            text=first, start=match.start(), end=match.end("first"), year=sign * int(first)
        )
        if last:
            full = int(first[: len(first) - len(last)] + last)
            place = match.start("last"), match.end()
            yield Moment(text=last, start=place[0], end=place[1], year=sign * full)


def lapses(first: Moment, last: Moment, *, loose: bool) -> Iterator[Term]:
    """Yield what can be said of the time between two moments; nothing where they don't fit.

    It is `loose` where the text doesn't go from one to the other.
    """
    for amount, unit, note in _amounts(first, last):
        if amount:
            shown = f"{last.shown} - {first.shown}{note}"
            yield Term(value=Fraction(amount), unit=unit, text=shown, steps=1, loose=loose)


def _amounts(first: Moment, last: Moment) -> Iterator[tuple[int, Unit, str]]:
    """Yield so many seconds or whole months, with what they are told in, and how they count."""
    if first.minute is not None and last.minute is not None:
        # from 10 pm to 6 am it is a night
        yield 60 * ((last.minute - first.minute) % 1440), HOURS, ""
    elif first.day and last.day and (first.year is None) == (last.year is None):
        begin, end = _day(first), _day(last)
        days = (end - begin).days
        months = 12 * (end.year - begin.year) + end.month - begin.month - (end.day < begin.day)
        if days >= 0:
            yield days * 86400, DAYS, ""
            yield (days + 1) * 86400, DAYS, ", both days counted"
            yield months, YEARS, ""
        if days >= 0 and months % 12:
            yield months - months % 12, YEARS, ", in full years"
    elif first.year is not None and last.year is not None:
        no_year_nought = 1 if first.year < 0 < last.year else 0
        years = last.year - first.year - no_year_nought
        if first.month and last.month:
            yield 12 * years + last.month - first.month, YEARS, ""
        yield 12 * years, YEARS, ""


def _day(moment: Moment) -> date:
    """Return the day; one of no year is taken from a year without a leap day."""
    year, month = moment.year or 2001, moment.month or 1
    return date(year, month, min(moment.day or 1, calendar.monthrange(year, month)[1]))
