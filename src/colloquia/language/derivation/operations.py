"""What can be worked out of a few figures: every result of one or two steps, with how it came.

Each operation is a generator over a `Pool`. None multiplies or adds whatever it finds: what is
added or compared measures the same, sums of three and more stand side by side, a factor says that
it is meant for each. So the results are few, and a wrong figure rarely is one of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, pairwise, permutations, product

from colloquia.language.derivation.asked import Operation
from colloquia.language.derivation.terms import (
    Term,
    adds_up,
    alike,
    between,
    made_of,
    minus,
    over,
    plus,
    stated,
    times,
)
from colloquia.language.figures.moments import Moment, lapses
from colloquia.language.figures.quantities import Quantity
from colloquia.language.figures.units import (
    COUNT,
    DAYS,
    HOURS,
    KM,
    KM_PER_HOUR,
    MILES,
    MILES_PER_HOUR,
    PER_CENT,
    TIMES,
    YEARS,
    units_of,
)

MOST_SUMMANDS = 6
_LONGEST_LINK = len(" until ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The figures one may work with, sentence by sentence, each in order."""

    quantities: tuple[tuple[Quantity, ...], ...]
    moments: tuple[tuple[Moment, ...], ...]

    @property
    def size(self) -> int:
        """How many figures there are."""
        return sum(map(len, (*self.quantities, *self.moments)))

    @property
    def all_quantities(self) -> list[Quantity]:
        """The quantities of all sentences."""
        return list(chain(*self.quantities))

    @property
    def terms(self) -> list[Term]:
        """All quantities as terms."""
        return [stated(quantity) for quantity in self.all_quantities]


def results(wanted: frozenset[Operation], pool: Pool) -> Iterator[Term]:
    """Yield all that the wanted operations make of the figures of a pool."""
    for operation in sorted(wanted):
        yield from _OPERATIONS[operation](pool)


def _totals(pool: Pool) -> Iterator[Term]:
    yield from (plus(run) for run in _runs(pool))
    yield from (plus(pair) for pair in _pairs(pool) if adds_up(pair[0]))


def _pairs(pool: Pool) -> Iterator[tuple[Term, Term]]:
    """Yield what measures the same, two and two: figures, products with figures, stretches."""
    yield from (pair for pair in combinations(pool.terms, 2) if alike(*pair))
    yield from _beside_products(pool)
    yield from (pair for pair in combinations(_stretches(pool), 2) if alike(*pair))


def _products(pool: Pool) -> Iterator[Term]:
    yield from _simple_products(pool)
    for rate in pool.all_quantities:
        for run in _runs(pool):
            if rate.each and len(run) == 2 and run[0].unit is COUNT and stated(rate) not in run:
                many = plus(run)
                yield times(stated(rate), many, many.value)
    for group, moments in zip(pool.quantities, pool.moments, strict=True):
        for stretch in _lapses_of(moments):
            for often in group:
                if often.unit in (COUNT, DAYS):
                    yield times(stretch, stated(often), often.numbers[0])


def _simple_products(pool: Pool) -> Iterator[Term]:
    """Yield what a rate makes of how often it counts: 5 hours a day for two weeks."""
    for rate, amount in permutations(pool.all_quantities, 2):
        one, other = stated(rate), stated(amount)
        if rate.unit.dimension == "speed" and amount.unit.dimension == "time":
            unit = MILES if rate.unit is MILES_PER_HOUR else KM
            way = rate.value * KM.size * amount.value / HOURS.size
            yield made_of(one, other, sign="×", value=way, unit=unit)
        elif rate.per is not None and rate.per.dimension == amount.unit.dimension:
            yield times(one, other, amount.value / rate.per.size)
        elif rate.each and amount.unit is COUNT and rate.unit.dimension != "share":
            yield times(one, other, amount.value)


def _beside_products(pool: Pool) -> Iterator[tuple[Term, Term]]:
    """Yield each product with each figure that it wasn't made of: 3 vans of 8 seats, and 12."""
    for made, other in product(_simple_products(pool), pool.terms):
        if alike(made, other) and other not in made.sources:
            yield made, other


def _differences(pool: Pool) -> Iterator[Term]:
    yield from (between(*pair) for pair in _pairs(pool))
    for run, whole in product(_runs(pool), pool.terms):
        if len(run) == 2 and whole not in run and alike(whole, run[0]):
            yield minus(whole, plus(run))
    yield from _rests(pool)


def _shares(pool: Pool) -> Iterator[Term]:
    for smaller, larger in _unlike(pool):
        yield over(smaller, larger, PER_CENT)
    for run in _runs(pool):
        whole = plus(run)
        if whole.value and whole.unit.dimension != "share":
            yield from (over(one, whole, PER_CENT) for one in run)
    yield from _rests(pool)


def _unlike(pool: Pool) -> Iterator[tuple[Term, Term]]:
    """Yield the smaller and the larger of any two that measure the same."""
    for one, other in permutations(pool.terms, 2):
        if alike(one, other) and one.unit.dimension != "share" and 0 < one.value < other.value:
            yield one, other


def _rests(pool: Pool) -> Iterator[Term]:
    whole = Term(value=Fraction(1), unit=PER_CENT, shown="100 %")
    shares = [[term] for term in pool.terms if term.unit.dimension == "share"]
    shares += [run for run in _runs(pool) if run[0].unit.dimension == "share"]
    for share in shares:
        taken = share[0] if len(share) == 1 else plus(share)
        if 0 < taken.value < 1:
            yield minus(whole, taken)


def _parts(pool: Pool) -> Iterator[Term]:
    for share, whole in permutations(pool.terms, 2):
        if share.unit.dimension == "share" != whole.unit.dimension and 0 < share.value < 1:
            yield times(whole, share, share.value, even=False)


def _other_parts(pool: Pool) -> Iterator[Term]:
    for rest, whole in product(_rests(pool), pool.terms):
        if whole.unit.dimension != "share":
            yield times(whole, rest, rest.value, even=False)


def _means(pool: Pool) -> Iterator[Term]:
    lasting = [term for term in pool.terms if term.unit.dimension == "calendar"]
    lasting += _stretches(pool)
    for run in _runs(pool):
        yield over(plus(run), Term(value=Fraction(len(run)), unit=COUNT, shown=str(len(run))))
        if len(run) == 2:
            yield from (over(between(*run), time) for time in lasting)
    for one, other in permutations(pool.terms, 2):
        if other.unit.dimension != one.unit.dimension or one.unit is COUNT:
            yield over(one, other)
        if (one.unit.dimension, other.unit.dimension) == ("length", "time"):
            unit = MILES_PER_HOUR if one.unit is MILES else KM_PER_HOUR
            speed = one.value / KM.size / (other.value / HOURS.size)
            yield made_of(one, other, sign="÷", value=speed, unit=unit)
    yield from (over(one, stretch) for stretch in _stretches(pool) for one in pool.terms)


def _stretches(pool: Pool) -> Iterator[Term]:
    """Yield the times between moments that stand side by side in a sentence."""
    yield from chain(*map(_lapses_of, pool.moments))


def _lapses_of(moments: tuple[Moment, ...]) -> Iterator[Term]:
    for first, last in pairwise(moments):
        yield from _between_moments(first, last, together=_from_to(first, last))


def _from_to(one: Moment, other: Moment) -> bool:
    """Whether the text goes from one to the other; the next may have been left out of the pool."""
    return one.reaches_next and 0 <= other.start - one.end <= _LONGEST_LINK


def _lapses(pool: Pool) -> Iterator[Term]:
    yield from _stretches(pool)
    for one, other in combinations(chain(*pool.moments), 2):
        if not _from_to(one, other):  # from 10 pm to 6 am it isn't 16 hours
            yield from _between_moments(one, other, together=False)


def _between_moments(one: Moment, other: Moment, *, together: bool) -> Iterator[Term]:
    first, last = (one, other) if together else sorted((one, other), key=_when)
    for lapse in lapses(first, last):
        unit = YEARS if lapse.months is not None else HOURS if first.minute is not None else DAYS
        if amount := lapse.months or lapse.seconds:
            yield Term(
                value=Fraction(amount), unit=unit, steps=1, loose=not together,
                shown=f"{last.shown} - {first.shown}{lapse.note}",
            )  # fmt: skip


def _when(moment: Moment) -> tuple[int, ...]:
    return (moment.year or 0, moment.month or 0, moment.day or 0, moment.minute or 0)


def _conversions(pool: Pool) -> Iterator[Term]:
    for quantity in pool.all_quantities:
        often = quantity.each and quantity.unit.dimension == "time"  # five days a week
        if not often and len(units_of(quantity.unit.dimension)) > 1:
            yield stated(quantity)


def _runs(pool: Pool) -> Iterator[list[Term]]:
    """Yield what stands side by side in a sentence and measures the same, two and more each."""
    for group in pool.quantities:
        terms = [stated(quantity) for quantity in group]
        for dimension in dict.fromkeys(term.unit.dimension for term in terms):
            row = [term for term in terms if term.unit.dimension == dimension]
            if not adds_up(row[0]):
                continue
            for length in range(2, min(MOST_SUMMANDS, len(row)) + 1):
                yield from (row[at : at + length] for at in range(len(row) - length + 1))


_OPERATIONS: dict[Operation, Callable[[Pool], Iterator[Term]]] = {
    "total": _totals,
    "product": _products,
    "difference": _differences,
    "rise": lambda pool: (over(minus(b, a), a, PER_CENT) for a, b in _unlike(pool)),
    "fall": lambda pool: (over(minus(b, a), b, PER_CENT) for a, b in _unlike(pool)),
    "ratio": lambda pool: (over(b, a, TIMES) for a, b in _unlike(pool)),
    "share": _shares,
    "mean": _means,
    "lapse": _lapses,
    "part": _parts,
    "rest": _other_parts,
    "convert": _conversions,
}
