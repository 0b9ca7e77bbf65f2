"""The questions that a snippet answers, well put.

Precision over recall: what can't be put in plain grammar isn't asked.
"""

from collections.abc import Iterator
from functools import lru_cache

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.conditions import conditions, fronted, steps
from colloquia.offline.questions.contrasts import contrasts
from colloquia.offline.questions.figures import figures
from colloquia.offline.questions.things import otherwise, terms, things
from colloquia.offline.reading.study import Statement, study


@lru_cache(maxsize=256)
def candidates(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the questions of a snippet, in the order of its statements."""
    studied = study(text, title)
    plain = [statement for statement in studied.statements if not statement.loose]
    found = [candidate for statement in plain for candidate in _of(statement)]
    found += [*steps(studied), *contrasts(studied)]
    asked = {candidate.statement for candidate in found}
    for statement in plain:
        if statement.index not in asked:
            found += [*fronted(statement)] or [*_otherwise(statement)]
        found += terms(statement)
    once = {candidate.question: candidate for candidate in found}
    return tuple(sorted(once.values(), key=lambda candidate: candidate.statement))


def _of(statement: Statement) -> Iterator[Candidate]:
    for clause in statement.clauses:
        if clause.sound:
            for family in (things, conditions, figures):
                yield from family(statement, clause)


def _otherwise(statement: Statement) -> Iterator[Candidate]:
    main = statement.main
    if main is not None and main.sound:
        yield from otherwise(statement, main)
