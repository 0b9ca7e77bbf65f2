"""A figure of an answer beside a result: whether they agree, and what it should have said."""

from collections.abc import Iterable
from fractions import Fraction

from colloquia.language.figures.quantities import Quantity
from colloquia.language.figures.terms import Term
from colloquia.language.figures.units import COUNT, Unit, units_of

_SHARES = {"share", "times"}
# How far a rounded figure may be off: 33 for 33.3 is a hundredth, 9 for 8.75 is three.
_ROUNDED = Fraction(3, 100)


def as_figure(term: Term, figure: Quantity, asked: Iterable[Unit]) -> Fraction | None:
    """Return what the figure would be by this result, or None where they measure different things.

    A bare number is taken in the unit that the question asks for.
    """
    ours, theirs = figure.dimension, term.dimension
    stated = len(term.numbers) if isinstance(term, Quantity) and figure.unit is term.unit else 0
    if stated == len(figure.numbers):
        return None  # not worked out
    if ours == theirs or {ours, theirs} <= _SHARES:
        return term.value
    if figure.unit is not COUNT:
        return None
    if theirs == "times":
        return term.value
    unit = next((unit for unit in asked if unit.dimension == theirs), None)
    return None if unit is None else (term.value - unit.zero) / unit.size


def agrees(figure: Quantity, term: Term, value: Fraction) -> bool:
    """Whether a figure is the value of a result, as exactly as it is meant."""
    off = abs(figure.value - value)
    if off == 0:
        return True
    if figure.rough:
        return off <= figure.quantum / 2 and figure.quantum <= figure.unit.size
    exact = figure.unit is term.unit or (figure.unit.exact and term.unit.exact)
    digit = min(figure.quantum, figure.unit.size)  # 80 % is no rounded 78 %
    return not (term.even and exact) and off <= digit / 2 and off <= _ROUNDED * abs(value)


def said_like(figure: Quantity, value: Fraction) -> str:
    """Return a value as the figure would say it: 8 h 45 min, 1,260, 16 %, $40, 5 km."""
    unit = figure.unit
    number = (value - unit.zero) / unit.size
    match unit.dimension:
        case "time" | "calendar":
            return _in_steps(value, figure)
        case "share":
            return f"{_digits(value * 100)} %"
        case "count":
            return _digits(number)
    if unit.symbol in "$€£¥":
        return f"{unit.symbol}{float(number):,.{0 if number.denominator == 1 else 2}f}"
    return f"{_digits(number)} {unit.symbol}"


def _in_steps(value: Fraction, figure: Quantity) -> str:
    """Return a time in the figure's unit and smaller ones, if that comes out even: 8 h 45 min."""
    unit = figure.unit
    above = _ABOVE.get(unit.symbol, unit.size) if len(figure.numbers) > 1 else unit.size
    parts: list[str] = []
    left = value
    for step in reversed(units_of(unit.dimension)):
        if step.size <= above and step.symbol not in _NOT_SAID and (whole := left // step.size):
            left -= whole * step.size
            parts.append(f"{whole:,} {step.symbol}")
    return " ".join(parts) if parts and not left else f"{_digits(value / unit.size)} {unit.symbol}"


# What a time in two units ends in says what it began with: … 45 min with hours.
_ABOVE = {"min": 3600, "months": 12}
_NOT_SAID = {"fortnights", "weeks", "decades", "centuries"}


def _digits(number: Fraction) -> str:
    if number.denominator == 1:
        return f"{int(number):,}"
    return f"{float(number):,.4g}" if abs(number) < 1000 else f"{round(number):,}"
