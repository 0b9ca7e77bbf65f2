"""Terms: what a text measures, and what sums, differences, products and ratios make of it.

A term knows how it came, so what is told always says how its value was worked out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from colloquia.language.figures.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A quantity of a text, or one that was worked out from others."""

    text: str
    """How it is written, or how it was worked out: 18:00 - 9:15."""
    unit: Unit
    value: Fraction
    """In the base unit of its dimension."""
    steps: int = 0
    """How many it took to work it out; none if a text states it."""
    even: bool = True
    """Whether it comes out even: a third of 100 is rounded as a matter of course."""
    loose: bool = False
    """Whether it is a time between moments that the text doesn't put together, as from … to …"""
    sources: tuple["Term", ...] = ()
    """What it was made of."""

    @property
    def dimension(self) -> str:
        """What it measures."""
        return self.unit.dimension

    @property
    def adds_up(self) -> bool:
        """Whether two of it make twice as much: not so of temperatures and speeds."""
        return self.dimension not in ("times", "temperature", "degree", "speed")

    def like(self, other: "Term") -> bool:
        """Whether two terms measure the same, so that they can be compared."""
        return self is not other and self.dimension == other.dimension != "times"

    def __sub__(self, other: "Term") -> "Term":
        """Take a term from one that measures the same."""
        # of a difference of temperatures only the size of the degree counts
        value = self.value - other.value + self.unit.zero
        return _made("-", (self, other), value=value, unit=self.unit)

    def times(self, other: "Term", factor: Fraction, *, even: bool = True) -> "Term":
        """Multiply by the factor that another term stands for."""
        return _made("×", (self, other), value=self.value * factor, unit=self.unit, even=even)

    def over(self, other: "Term", unit: Unit | None = None) -> "Term":
        """Divide by what measures the same (`unit` is that of the share), or by its bare number."""
        divisor = other.value if unit else (other.value - other.unit.zero) / other.unit.size
        value = self.value / (divisor or Fraction(1))
        return _made("÷", (self, other), value=value, unit=unit or self.unit, even=False)

    def turned(self, other: "Term", *, value: Fraction, unit: Unit) -> "Term":
        """Divide into another measure: km by hours a speed."""
        return _made("÷", (self, other), value=value, unit=unit, even=False)


def total(terms: Sequence[Term]) -> Term:
    """Add terms that measure the same."""
    return _made("+", terms, value=sum((t.value for t in terms), Fraction(0)), unit=terms[0].unit)


def _made(
    sign: str, terms: Sequence[Term], *, value: Fraction, unit: Unit, even: bool = True
) -> Term:
    shown = (f"({term.text})" if term.steps else term.text for term in terms)
    return Term(
        value=value, unit=unit, text=f" {sign} ".join(shown), sources=tuple(terms), even=even,
        steps=1 + max(term.steps for term in terms), loose=any(term.loose for term in terms),
    )  # fmt: skip
