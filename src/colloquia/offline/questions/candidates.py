"""The questions that a snippet answers, well put.

Precision over recall: what can't be put in plain grammar isn't asked.
"""

from functools import lru_cache

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.conditions import conditions, fronted, purposes, sequence
from colloquia.offline.questions.contrasts import contrasts
from colloquia.offline.questions.figures import figures
from colloquia.offline.questions.things import things
from colloquia.offline.reading.study import study


@lru_cache(maxsize=256)
def candidates(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the questions of a snippet, in the order of its statements."""
    studied = study(text, title)
    found = [
        candidate
        for statement in studied.statements
        if not statement.loose
        for family in (things, conditions, figures)
        for candidate in family(studied, statement)
    ]
    for statement in studied.statements:
        if not statement.loose:
            found.extend(purposes(statement))
    have = {candidate.statement for candidate in found}
    for statement in studied.statements:
        if statement.index not in have and not statement.loose:
            found.extend(fronted(statement))
    found.extend((*sequence(studied), *contrasts(studied)))
    once = {candidate.question: candidate for candidate in found}
    return tuple(once.values())
