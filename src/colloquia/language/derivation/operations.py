"""What can be worked out of a few figures: every result of one or two steps, with how it came.

Each operation is a generator over a `Pool`. None multiplies or adds whatever it finds: what is
added or compared measures the same, sums of three and more stand side by side, a factor says that
it is meant for each. So the results are few, and a wrong figure rarely is one of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, pairwise, permutations, product

from colloquia.language.derivation.asked import Operation
from colloquia.language.figures.moments import Moment, lapses
from colloquia.language.figures.quantities import Quantity
from colloquia.language.figures.terms import Term, total
from colloquia.language.figures.units import (
    COUNT,
    DAYS,
    HOURS,
    KM,
    KM_PER_HOUR,
    PER_CENT,
    TIMES,
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
    def terms(self) -> list[Quantity]:
        """The quantities of all sentences."""
        return list(chain(*self.quantities))


def results(wanted: frozenset[Operation], pool: Pool) -> Iterator[Term]:
    """Yield all that the wanted operations make of the figures of a pool."""
    for operation in sorted(wanted):
        yield from _OPERATIONS[operation](pool)


def _totals(pool: Pool) -> Iterator[Term]:
    yield from map(total, _runs(pool))
    yield from (total(pair) for pair in _pairs(pool) if pair[0].adds_up)


def _pairs(pool: Pool) -> Iterator[tuple[Term, Term]]:
    """Yield what measures the same, two and two: figures, products with figures, stretches."""
    yield from _alike(combinations(pool.terms, 2))
    yield from (
        (made, other)
        for made, other in _alike(product(_simple_products(pool), pool.terms))
        if other not in made.sources  # 3 vans of 8 seats, and 12
    )
    yield from _alike(combinations(_stretches(pool), 2))


def _alike(pairs: Iterable[tuple[Term, Term]]) -> Iterator[tuple[Term, Term]]:
    return ((one, other) for one, other in pairs if one.like(other))


def _products(pool: Pool) -> Iterator[Term]:
    yield from _simple_products(pool)
    for rate, run in product(pool.terms, list(_runs(pool))):
        if rate.each and len(run) == 2 and run[0].unit is COUNT and rate not in run:
            yield rate.times(total(run), total(run).value)
    for group, moments in zip(pool.quantities, pool.moments, strict=True):
        for stretch, often in product(_lapses_of(moments), group):
            if often.unit in (COUNT, DAYS):
                yield stretch.times(often, often.numbers[0])


def _simple_products(pool: Pool) -> Iterator[Term]:
    """Yield what a rate makes of how often it counts: 5 hours a day for two weeks."""
    for rate, amount in permutations(pool.terms, 2):
        if rate.per is not None and rate.per.dimension == amount.dimension:
            yield rate.times(amount, amount.value / rate.per.size)
        elif rate.each and amount.unit is COUNT and rate.dimension != "share":
            yield rate.times(amount, amount.value)


def _differences(pool: Pool) -> Iterator[Term]:
    for one, other in _pairs(pool):
        yield one - other if one.value > other.value else other - one
    for run, whole in product(_runs(pool), pool.terms):
        if len(run) == 2 and whole not in run and whole.like(run[0]):
            yield whole - total(run)
    yield from _rests(pool)


def _shares(pool: Pool) -> Iterator[Term]:
    yield from (smaller.over(larger, PER_CENT) for smaller, larger in _unlike(pool))
    for run in _runs(pool):
        whole = total(run)
        if whole.value and whole.dimension != "share":
            yield from (one.over(whole, PER_CENT) for one in run)
    yield from _rests(pool)


def _unlike(pool: Pool) -> Iterator[tuple[Term, Term]]:
    """Yield the smaller and the larger of any two that measure the same."""
    for one, other in _alike(permutations(pool.terms, 2)):
        if one.dimension != "share" and 0 < one.value < other.value:
            yield one, other


def _rests(pool: Pool) -> Iterator[Term]:
    shares = [term for term in pool.terms if term.dimension == "share"]
    sums = [total(run) for run in _runs(pool) if run[0].dimension == "share"]
    whole = Term(value=Fraction(1), unit=PER_CENT, text="100 %")
    yield from (whole - taken for taken in (*shares, *sums) if 0 < taken.value < 1)


def _parts(pool: Pool) -> Iterator[Term]:
    for share, whole in permutations(pool.terms, 2):
        if share.dimension == "share" != whole.dimension and 0 < share.value < 1:
            yield whole.times(share, share.value, even=False)


def _other_parts(pool: Pool) -> Iterator[Term]:
    for rest, whole in product(_rests(pool), pool.terms):
        if whole.dimension != "share":
            yield whole.times(rest, rest.value, even=False)


def _means(pool: Pool) -> Iterator[Term]:
    stretches = list(_stretches(pool))
    lasting = [*(term for term in pool.terms if term.dimension == "calendar"), *stretches]
    for run in _runs(pool):
        yield total(run).over(Term(value=Fraction(len(run)), unit=COUNT, text=str(len(run))))
        if len(run) == 2:
            less, more = sorted(run, key=lambda term: term.value)
            yield from ((more - less).over(time) for time in lasting)
    for one, other in permutations(pool.terms, 2):
        if other.dimension != one.dimension or one.unit is COUNT:
            yield one.over(other)
        if (one.dimension, other.dimension) == ("length", "time"):
            speed = one.value / KM.size / (other.value / HOURS.size)
            yield one.turned(other, value=speed, unit=KM_PER_HOUR)
    yield from (one.over(stretch) for stretch, one in product(stretches, pool.terms))


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
    return lapses(first, last, loose=not together)


def _when(moment: Moment) -> tuple[int, ...]:
    return (moment.year or 0, moment.month or 0, moment.day or 0, moment.minute or 0)


def _conversions(pool: Pool) -> Iterator[Term]:
    for quantity in pool.terms:
        often = quantity.each and quantity.dimension == "time"  # five days a week
        if not often and len(units_of(quantity.dimension)) > 1:
            yield quantity


def _runs(pool: Pool) -> Iterator[list[Quantity]]:
    """Yield what stands side by side in a sentence and measures the same, two and more each."""
    for group in pool.quantities:
        for dimension in dict.fromkeys(term.dimension for term in group if term.adds_up):
            row = [term for term in group if term.dimension == dimension]
            for length in range(2, min(MOST_SUMMANDS, len(row)) + 1):
                yield from (row[at : at + length] for at in range(len(row) - length + 1))


_OPERATIONS: dict[Operation, Callable[[Pool], Iterator[Term]]] = {
    "total": _totals,
    "product": _products,
    "difference": _differences,
    "rise": lambda pool: ((b - a).over(a, PER_CENT) for a, b in _unlike(pool)),
    "fall": lambda pool: ((b - a).over(b, PER_CENT) for a, b in _unlike(pool)),
    "ratio": lambda pool: (b.over(a, TIMES) for a, b in _unlike(pool)),
    "share": _shares,
    "mean": _means,
    "lapse": _lapses,
    "part": _parts,
    "rest": _other_parts,
    "convert": _conversions,
}
