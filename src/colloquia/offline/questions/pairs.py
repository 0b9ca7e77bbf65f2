"""What two statements let one ask: the first step and the last, and how two things differ."""

import re
from collections.abc import Iterator
from itertools import pairwise

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import put
from colloquia.offline.reading.antecedents import POINTING
from colloquia.offline.reading.clauses import Clause
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import Study, phrase_of, subject_under

_SAYING = frozenset({"suggest", "indicate", "mean", "show"})


def pairs(studied: Study) -> Iterator[Candidate]:
    """Yield the questions on steps, and on things set side by side."""
    yield from _steps(studied)
    yield from _contrasts(studied)


def _steps(studied: Study) -> Iterator[Candidate]:
    """What is the first step in clearing a drain?"""
    for statement in studied.statements:
        main = statement.main
        opening = re.match(r"(first|finally|lastly)\b|.*?, (first) ", statement.quote, re.I)
        done = main is not None and (main.orders or (main.passive and statement.subject))
        if opening and done and studied.topic.doing and statement.index:
            nth = "first" if "first" in opening.group().lower() else "last"
            name = studied.topic.name
            asked, aim = f"what is the {nth} step in {name}", f"what the {nth} step in {name} is"
            yield from put(statement, "what", "step", asked, aim)


def _contrasts(studied: Study) -> Iterator[Candidate]:
    """Yield the questions on how two things differ."""
    for statement in studied.statements:
        main = statement.main
        if main is None or not main.sound or statement.loose or main.verb.lemma_ in _SAYING:
            continue
        for piece in main.of("contrast"):
            other = subject_under(piece.head)
            set_apart = piece.text.startswith("whereas ") or (
                piece.text.startswith("while ") and piece.head.lemma_ == main.verb.lemma_
            )
            if set_apart and other is not None:
                yield from _between(statement.subject, phrase_of(other, studied.text), statement)
    for one, two in pairwise(studied.statements):
        together = one.sentence == two.sentence and not (one.loose or two.loose)
        if together and _alike(one.main, two.main):
            yield from _between(one.subject, two.subject, one, also=two)


def _alike(one: Clause | None, two: Clause | None) -> bool:
    """Whether two clauses say the same kind of thing: both what something is, or one verb."""
    if one is None or two is None or one.orders or two.orders or not (one.sound and two.sound):
        return False
    return (one.verb.lemma_, one.negated, one.modal) == (two.verb.lemma_, two.negated, two.modal)


def _between(
    first: str, second: str, statement: Statement, *, also: Statement | None = None
) -> Iterator[Candidate]:
    for name in (first, second):
        words = name.lower().split()
        if not 0 < len(words) < 7 or set(words) & POINTING or re.search(r",|\band\b|\d{3}", name):
            return
    question, aim = f"How do {first} and {second} differ?", f"how {first} and {second} differ"
    if also and statement.main and statement.main.copular:
        question = f"What is the difference between {first} and {second}?"
        aim = f"what the difference between {first} and {second} is"
    if first.lower() != second.lower():
        yield Candidate(
            kind="comparison",
            question=question,
            aim=aim,
            statement=statement.index,
            also=also.index if also else None,
            subject=first,
            family="differ",
        )
