"""The questions that a snippet answers, well put.

Precision over recall: what can't be put in plain grammar isn't asked.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from colloquia.offline.questions.broad import otherwise
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.conditions import conditions, steps
from colloquia.offline.questions.contrasts import contrasts
from colloquia.offline.questions.figures import figures
from colloquia.offline.questions.things import things
from colloquia.offline.reading.study import Statement, Study, study

_LONGEST = 50  # words of an answer that runs on over two sentences
_EARLY = 50  # characters before a subject
_OPEN = frozenset({"definition", "what", "who", "how", "why"})
_RUNS_ON = re.compile(r"(?:this|these|it|they|he|she|both|such|in this|some)\b", re.I)
#: A sentence that opens so takes something back of the one before it.
_TAKES_BACK = re.compile(
    r"(?:however|but|yet|nevertheless|nonetheless|exceptions?|the (?:only )?exceptions?|except|"
    r"unless|only)\b", re.I,
)  # fmt: skip
_UNASKED = re.compile(
    r"What (?:should|must|may|can) an? .* be used for|"  # a probe that nobody spoke of
    r".*\b(?:it|him|her|them)sel(?:f|ves)\b|How long .* given\?|What happen\w+ (?:\S+ ){15}"
)


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
            found += otherwise(studied, statement)
    fit = (c for c in found if not _UNASKED.match(c.question) and _leads(c, studied))
    once = {candidate.question: candidate for candidate in fit}
    ordered = sorted(once.values(), key=lambda candidate: candidate.statement)
    return tuple(_with_more(ordered, studied))


def _leads(candidate: Candidate, studied: Study) -> bool:
    """Whether what is asked after in general stands early in its statement, as its subject."""
    opening = studied.statements[candidate.statement].said[: len(candidate.subject) + _EARLY]
    return candidate.family != "what about" or candidate.subject.lower() in opening.lower()


def _with_more(ordered: list[Candidate], studied: Study) -> Iterator[Candidate]:
    """Let an answer run on where the next sentence takes some of it back or needs it before."""
    for candidate in ordered:
        after = candidate.statement + 1
        more = studied.statements[after] if after < len(studied.statements) else None
        one = studied.statements[candidate.statement]
        if more and candidate.also is None and not candidate.lead:
            takes_back = more.sentence > one.sentence and _TAKES_BACK.match(more.quote)
            goes_on = candidate.kind in _OPEN and more.loose and _RUNS_ON.match(more.said)
            size = len(f"{one.said} {more.said}".split())
            runs = takes_back or (goes_on and size <= _LONGEST)
            candidate = replace(candidate, also=after) if runs else candidate
        yield candidate


def _of(statement: Statement) -> Iterator[Candidate]:
    for clause in statement.clauses:
        if clause.sound and (clause.orders or clause.subject_sound):
            for family in (things, conditions, figures):
                yield from family(statement, clause)
