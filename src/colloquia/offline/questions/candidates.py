"""The questions that a snippet answers, well put.

Precision over recall: what can't be put in plain grammar isn't asked.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.otherwise import otherwise
from colloquia.offline.questions.pairs import pairs
from colloquia.offline.questions.parts import parts
from colloquia.offline.questions.wholes import wholes
from colloquia.offline.reading.study import Statement, Study, study

_LONGEST = 50  # words of an answer that runs on over two sentences
_OPEN = frozenset({"definition", "what", "who", "how", "why"})
_RUNS_ON = re.compile(r"(?:this|these|it|they|he|she|both|such|in this|some)\b", re.I)


@lru_cache(maxsize=256)
def candidates(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the questions of a snippet, in the order of its statements."""
    studied = study(text, title)
    plain = [statement for statement in studied.statements if not statement.loose]
    found = [candidate for statement in plain for candidate in _of(statement)]
    found += pairs(studied)
    asked = {candidate.statement for candidate in found}
    for statement in plain:
        if statement.index not in asked:
            found += otherwise(studied, statement)
    once = {candidate.question: candidate for candidate in found}
    ordered = sorted(once.values(), key=lambda candidate: candidate.statement)
    return tuple(_with_more(ordered, studied))


def _with_more(ordered: list[Candidate], studied: Study) -> Iterator[Candidate]:
    """Let an open question's answer run on where the next sentence only makes sense after it."""
    for candidate in ordered:
        after = candidate.statement + 1
        more = studied.statements[after] if after < len(studied.statements) else None
        one = studied.statements[candidate.statement]
        runs = candidate.kind in _OPEN and not candidate.lead and candidate.also is None
        if runs and more and more.loose and _RUNS_ON.match(more.said):
            size = len(f"{one.said} {more.said}".split())
            candidate = replace(candidate, also=after) if size <= _LONGEST else candidate
        yield candidate


def _of(statement: Statement) -> Iterator[Candidate]:
    for clause in statement.clauses:
        if clause.sound and (clause.orders or clause.subject_sound):
            for family in (wholes, parts):
                yield from family(statement, clause)
