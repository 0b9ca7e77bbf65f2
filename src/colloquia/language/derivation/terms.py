"""Terms: quantities of a text, and what sums, differences, products and ratios make of them.

A term knows how it came, so what is shown always says how its value was worked out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from colloquia.language.figures.quantities import Quantity
from colloquia.language.figures.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A quantity of a text (no steps), or one that was worked out from others."""

    value: Fraction
    """In the base unit."""
    unit: Unit
    shown: str
    """How it is written, or how it was worked out: 18:00 - 9:15."""
    steps: int = 0
    even: bool = True
    """Whether it comes out even: a third of 100 is rounded as a matter of course."""
    loose: bool = False
    """Whether it is a time between moments that the text doesn't put together, as from … to …"""
    parts: int = 1
    """2 where a text has it in two units, as 5 ft 11 inches."""
    sources: tuple["Term", ...] = ()
    """What it was made of."""

    @property
    def bracketed(self) -> str:
        """How it is written within another step."""
        return f"({self.shown})" if self.steps else self.shown

    @property
    def count(self) -> Fraction:
        """Its number in its own unit."""
        return (self.value - self.unit.zero) / self.unit.size


def stated(quantity: Quantity) -> Term:
    """Return a quantity of a text as a term."""
    return Term(
        value=quantity.value, unit=quantity.unit, shown=quantity.text, parts=len(quantity.numbers)
    )


def alike(one: Term, other: Term) -> bool:
    """Whether two terms measure the same, so that they can be compared."""
    return one is not other and one.unit.dimension == other.unit.dimension != "times"


def adds_up(term: Term) -> bool:
    """Whether two of it make twice as much: not so of temperatures and speeds."""
    return term.unit.dimension not in ("times", "temperature", "degree", "speed")


def plus(terms: Sequence[Term]) -> Term:
    """Add terms that measure the same."""
    return _made("+", terms, value=sum((t.value for t in terms), Fraction(0)), unit=terms[0].unit)


def minus(one: Term, other: Term) -> Term:
    """Take one term from another that measures the same."""
    # of a difference of temperatures only the size of the degree counts
    value = one.value - other.value + one.unit.zero
    return _made("-", (one, other), value=value, unit=one.unit)


def between(one: Term, other: Term) -> Term:
    """Take the smaller of two terms from the larger."""
    return minus(one, other) if one.value > other.value else minus(other, one)


def times(one: Term, other: Term, factor: Fraction, *, even: bool = True) -> Term:
    """Multiply a term by the factor that another one stands for."""
    return _made("×", (one, other), value=one.value * factor, unit=one.unit, even=even)


def over(one: Term, other: Term, unit: Unit | None = None) -> Term:
    """Divide by what measures the same (`unit` is that of the share), else by its bare number."""
    divisor = (other.value if unit else other.count) or Fraction(1)
    return _made("÷", (one, other), value=one.value / divisor, unit=unit or one.unit, even=False)


def made_of(one: Term, other: Term, *, sign: str, value: Fraction, unit: Unit) -> Term:
    """Return what two terms make of another measure: km by hours a speed, speed times hours km."""
    return _made(sign, (one, other), value=value, unit=unit, even=False)


def _made(
    sign: str, terms: Sequence[Term], *, value: Fraction, unit: Unit, even: bool = True
) -> Term:
    return Term(
        value=value, unit=unit, shown=f" {sign} ".join(term.bracketed for term in terms),
        steps=1 + max(term.steps for term in terms), even=even,
        loose=any(term.loose for term in terms), sources=tuple(terms),
    )  # fmt: skip
