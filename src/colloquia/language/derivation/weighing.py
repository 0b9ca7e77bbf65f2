"""Whether a figure of an answer follows from figures in passage or question, and how.

Only what the question asks for counts: a sum is no answer to "how much older". What the answer
itself names ("from 9:15 to 6 pm") is tried first, then the sentences it quotes, then the passage.
Where so many results are near that about any figure would be one of them, none counts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from colloquia.language.derivation.asked import operations_asked, units_asked
from colloquia.language.derivation.compared import agrees, as_figure, said_like
from colloquia.language.derivation.operations import Pool, results
from colloquia.language.facts.finding import Fact
from colloquia.language.facts.quotes import locate
from colloquia.language.facts.support import touch, unsupported_facts
from colloquia.language.figures.moments import Moment, find_moments
from colloquia.language.figures.quantities import Quantity, find_quantities
from colloquia.language.figures.terms import Term
from colloquia.language.figures.units import COUNT, Unit
from colloquia.language.reading.pipeline import ENGLISH
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import content_forms

_NEXT = re.compile(r"[\d;,.:]|\band\b")

MOST_FIGURES = 24
"""From a pool of more nothing is worked out: pairs grow with the square."""
CROWDED = Fraction(1, 40)
"""The share of the figures of about one's size that may follow; where more do, none counts."""
UNCLEAR = "say which figures it is worked out from"
"""What an answer is told whose figure follows, but where many others would too."""
MOST_TO_TELL = 3
"""Of more results than this, none is told as the one that was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A figure of an answer that follows, and from what: 8 h 45 min, from 18:00 - 9:15."""

    text: str
    steps: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """What an answer says and neither passage nor question has."""

    text: str
    hint: str = ""
    """What the figure should be, or what to say with it; empty where that isn't known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What an answer has beyond the facts of passage and question."""

    derived: tuple[Derived, ...] = ()
    strays: tuple[Stray, ...] = ()


def weigh_facts(
    answer: str,
    *,
    passage: str,
    question: str,
    title: str = "",
    quotes: Iterable[str] = (),
    language: str = ENGLISH,
) -> Weighed:
    """Return what of an answer follows from the figures at hand, and what comes from nowhere.

    What a question asks to have worked out is read in English alone.
    """
    sources = (passage, title, question)
    strangers = unsupported_facts(answer, sources=sources, language=language)
    wanted = operations_asked(question)
    if language != ENGLISH or not wanted:
        return Weighed(strays=tuple(Stray(text=fact.text) for fact in strangers))
    figures = _worked_out(answer, strangers, (passage, question))
    pools = _pools(answer, passage=passage, question=question, quotes=tuple(quotes))
    offers = [(list(results(wanted, pool)), near) for pool, near in pools] if figures else []
    units = units_asked(question)
    derived, strays = list[Derived](), list[Stray]()
    for figure in figures:
        ranks = list(_ranked(figure, offers, units))
        fitting = [
            (rank, term)
            for rank in ranks
            for value, term in rank.results
            if agrees(figure, term, value)
        ]
        term = next((term for rank, term in fitting if not _crowded(figure, rank)), None)
        if term is not None:
            derived.append(Derived(text=figure.text, steps=term.text))
        elif _must_hold(figure, strangers, (passage, question)):
            hint = UNCLEAR if fitting else _should_be(figure, ranks)
            strays.append(Stray(text=figure.text, hint=hint))
    rest = (f for f in strangers if not any(touch(f, figure) for figure in figures))
    return Weighed(
        derived=tuple(derived), strays=(*strays, *(Stray(text=fact.text) for fact in rest))
    )


def _worked_out(
    answer: str, strangers: tuple[Fact, ...], sources: tuple[str, ...]
) -> list[Quantity]:
    """Return the figures of an answer that no source states: in digits, or in words with a unit.

    The 9 of 9:15 states no 9 hours, so a time must be stated as a quantity.
    """
    stated = {n for text in sources for q in find_quantities(text) for n in q.numbers}
    found: list[Quantity] = []
    for quantity in find_quantities(answer):
        said = set(quantity.numbers) <= stated or quantity.numbers == (Fraction(1),)
        strange = any(touch(fact, quantity) for fact in strangers)
        if strange or ((quantity.has_unit or quantity.spelled) and not said):
            found.append(quantity)
    # "1500 in all" reads as a year
    years = (moment for moment in find_moments(answer) if moment.text == str(moment.year))
    found += [_bare(year) for year in years if any(touch(fact, year) for fact in strangers)]
    return found


def _bare(year: Moment) -> Quantity:
    number = Fraction(year.text)
    return Quantity(
        text=year.text, start=year.start, end=year.end, unit=COUNT, numbers=(number,),
        value=number, quantum=Fraction(1),
    )  # fmt: skip


def _must_hold(figure: Quantity, strangers: tuple[Fact, ...], sources: tuple[str, ...]) -> bool:
    """Whether a figure that doesn't follow is a fault.

    "A dozen reasons" or "half" needn't follow, nor what a source says in another unit.
    """
    if any(touch(fact, figure) for fact in strangers):
        return True
    said = {q.measure for text in sources for q in find_quantities(text)}
    return figure.has_unit and figure.measure not in said


def _pools(
    answer: str, *, passage: str, question: str, quotes: tuple[str, ...]
) -> Iterator[tuple[Pool, int]]:
    """Yield what one may work with, the likeliest first, with its rank's `most_near`."""
    spans = [span for quote in quotes if (span := locate(quote, passage)) is not None]
    sentences = split_sentences(passage)
    quoted = [s.text for s in sentences if any(q.start < s.end and s.start < q.end for q in spans)]
    texts = [sentence.text for sentence in sentences]
    whole = _pool(texts, question)
    choices = [
        _named_in(answer, whole),
        _asked_of(question, texts),
        *(_pool([text], question) for text in quoted),
        _pool(quoted, question),
        whole,
    ]
    for at, pool in enumerate(choices):
        if pool.size <= MOST_FIGURES and pool not in choices[:at]:
            yield pool, 1 if pool is whole else 2


def _pool(texts: list[str], question: str) -> Pool:
    return Pool(
        quantities=(*(find_quantities(text) for text in texts), _given_in(question, texts)),
        moments=tuple(find_moments(text) for text in (*texts, question)),
    )


def _given_in(question: str, texts: list[str]) -> tuple[Quantity, ...]:
    """Return the quantities that a question adds; "two of them" adds none."""
    known = {q.measure for text in texts for q in find_quantities(text)}
    return tuple(
        q
        for q in find_quantities(question)
        if (q.each or q.measure not in known) and not (q.spelled and q.unit is COUNT)
    )


def _named_in(answer: str, pool: Pool) -> Pool:
    """Return the figures of a pool that the answer names too."""
    said = {q.measure for q in find_quantities(answer)}
    times = {moment.shown for moment in find_moments(answer)}
    return Pool(
        quantities=tuple(tuple(q for q in group if q.measure in said) for group in pool.quantities),
        moments=tuple(
            tuple(moment for moment in group if moment.shown in times) for group in pool.moments
        ),
    )


def _asked_of(question: str, texts: list[str]) -> Pool:
    """Return the quantities of what the question names: passengers, in "250 passengers"."""
    asked = content_forms(question)
    of_these = [
        tuple(q for q in find_quantities(text) if content_forms(_of_what(text, q)) & asked)
        for text in texts
    ]
    return Pool(
        quantities=(*of_these, _given_in(question, texts)),
        moments=((),) * (len(texts) + 1),
    )


def _of_what(text: str, quantity: Quantity) -> str:
    """Return the words after a quantity, up to the next one; those before it where it ends."""
    after = _NEXT.split(text[quantity.end :], maxsplit=1)[0]
    return after if after.strip() else _NEXT.split(text[: quantity.start])[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rank:
    """The results of a pool that a figure could be, in the figure's own measure."""

    pool: int
    most_near: int
    """So many of about one size are told apart: two in what is quoted, one in all the passage."""
    results: tuple[tuple[Fraction, Term], ...]


def _ranked(
    figure: Quantity, offers: list[tuple[list[Term], int]], asked: tuple[Unit, ...]
) -> Iterator[_Rank]:
    """Yield the results, pool by pool, those of one step before those of two."""
    for pool, (offered, most_near) in enumerate(offers):
        for most_steps, loose in ((1, False), (2, False), (1, True), (2, True)):
            yield _Rank(
                pool=pool,
                most_near=most_near,
                results=tuple(
                    (value, term)
                    for term in offered
                    if term.steps <= most_steps
                    and term.loose <= loose
                    and (value := as_figure(term, figure, asked)) is not None
                ),
            )


def _crowded(figure: Quantity, rank: _Rank) -> bool:
    """Whether chance alone would often hit a result: there are many of about the figure's size."""
    near = {v for v, _ in rank.results if figure.value / 2 <= v <= 2 * figure.value}
    step = figure.quantum if figure.rough else min(figure.quantum, figure.unit.size)
    return len(near) > rank.most_near and len(near) * step > CROWDED * figure.value * 3 / 2


def _should_be(figure: Quantity, ranks: list[_Rank]) -> str:
    """Return the nearest result of the likeliest pool, where few enough could be meant."""
    few = [rank for rank in ranks if 0 < len({value for value, _ in rank.results}) <= MOST_TO_TELL]
    if not few:
        return ""
    results = [result for rank in few if rank.pool == few[0].pool for result in rank.results]
    value, term = min(results, key=lambda result: abs(result[0] - figure.value))
    return f"{term.text} is {said_like(figure, value)}"
