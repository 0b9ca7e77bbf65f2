"""The questions that a snippet answers, well put.

Precision over recall: what can't be put in plain grammar isn't asked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.otherwise import about, otherwise
from colloquia.offline.questions.pairs import pairs
from colloquia.offline.questions.parts import parts
from colloquia.offline.questions.wholes import wholes
from colloquia.offline.reading.overview import central
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import Study, study

_LONGEST = 50  # words of an answer that runs on over two sentences
_OPEN = frozenset({"definition", "what", "who", "how", "why"})
_RUNS_ON = re.compile(r"(?:this|these|it|they|he|she|both|such|in this|some)\b", re.I)
#: A sentence that opens so takes something back of the one before it.
_TAKES_BACK = re.compile(
    r"(?:however|but|yet|nevertheless|nonetheless|(?:(?:the (?:only )?|an )?exceptions?)|except|"
    r"unless|only|(?:in|during|for) (?:an? )?emergenc(?:y|ies)"
    r"|(?:this|that|these|those|they|it|the)(?: \w+)? (?:do|does)(?: not|n['’]t) (?:apply|hold))\b",
    re.I,
)  # fmt: skip

_UNASKED = re.compile(
    r"What (?:should|must|may|can) an? .* be used for|"  # a probe that nobody spoke of
    r".*\b(?:it|him|her|them)sel(?:f|ves)\b|"
    r".*\bfor one (?!second|minute|hour|day|week|month|year)|"
    r"How long .* (?:given|faster|slower|better|more|less)\?|"
    r"How (?:do|does|did|is|are|was|were|can) .*\bby \w+ing\b|"  # by what other means?
    r".*\b(?:to|from|of|with) another (?:by|in|at|on|via|with|for)\b|"
    r"What (?:is|are|was|were) no "
)
_CIRCUMSTANCES = frozenset({"when", "how", "why"})
_COMPARED = re.compile(r"\bas (?:much|many)\b|\btimes as\b")


@lru_cache(maxsize=256)
def candidates(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the questions of a snippet, in the order of its statements."""
    studied = study(text, title)
    plain = [statement for statement in studied.statements if not statement.loose]
    found = [candidate for statement in plain for candidate in _of(statement)]
    found += pairs(studied)
    asked = {candidate.statement for candidate in found}
    opening = central(studied)
    told = " ".join([studied.topic.name, *(s.subject for s in opening)])
    for statement in plain:
        if statement.index not in asked:
            found += otherwise(statement)
        if statement not in opening:
            found += about(statement, told, asked=statement.index in asked)
    put = [_aptly(candidate, studied.statements[candidate.statement]) for candidate in found]
    once = {candidate.question: candidate for candidate in reversed(put) if candidate is not None}
    ordered = sorted(once.values(), key=lambda candidate: candidate.statement)
    return tuple(with_more(ordered, studied))


def _aptly(candidate: Candidate, statement: Statement) -> Candidate | None:
    """Return the question as a person would put it to a statement, or None if nobody would."""
    said = statement.said
    main = statement.main
    bare_be = main is not None and main.copular and main.first("attribute") is None
    if _UNASKED.match(candidate.question) or (bare_be and candidate.kind in _CIRCUMSTANCES):
        return None  # When is all motion?
    match candidate.family:
        case "what object" if _COMPARED.search(said):
            return None
        case "how to" if re.search(r"\bfirst\b", said):  # the statement tells no other step
            return replace(
                candidate,
                question=candidate.question.replace("How do you", "What do you do first to", 1),
                aim=candidate.aim.replace("how to", "what to do first to", 1),
            )
    return candidate


def with_more(ordered: Iterable[Candidate], studied: Study) -> Iterator[Candidate]:
    """Let an answer run on where the next sentence takes some of it back or needs it before."""
    for candidate in ordered:
        after = candidate.statement + 1
        more = studied.statements[after] if after < len(studied.statements) else None
        one = studied.statements[candidate.statement]
        if more and candidate.also is None:
            takes_back = more.sentence > one.sentence and _TAKES_BACK.match(more.quote)
            goes_on = (
                not candidate.lead
                and candidate.kind in _OPEN
                and more.loose
                and _RUNS_ON.match(more.said)
            )
            size = len(f"{one.said} {more.said}".split())
            runs = takes_back or (goes_on and size <= _LONGEST)
            candidate = replace(candidate, also=after) if runs else candidate
        yield candidate


def _of(statement: Statement) -> Iterator[Candidate]:
    for clause in statement.clauses:
        if clause.sound and (clause.orders or clause.subject_sound):
            for family in (wholes, parts):
                yield from family(statement, clause)
