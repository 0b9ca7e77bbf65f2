"""The foundation: what a snippet is about, and what matters most in it."""

import re
from functools import lru_cache

from colloquia.language.words import content_forms, content_words, overlap, words
from colloquia.offline.reading.study import Statement, Study, finish, study

MAX_WORDS = 55
_FEW = 5  # statements; of fewer, one is overview enough and the others are left to be asked about
_WEIGHTY = re.compile(r"\b(?:must|should|because|so that|only|used|called|means|important|main)\b")
# It goes on from something that an overview hasn't said.
_GOING_ON = re.compile(r"\b(?:then|this|these|those|such|instead|the (?:two|same|other))\b", re.I)


@lru_cache(maxsize=256)
def foundation(text: str, title: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the core information and the verbatim quotes behind it."""
    chosen = central(study(text, title))
    said = " ".join(statement.said for statement in chosen)
    if not said.strip():
        whole = text.strip()[:400]
        return finish(whole) if whole else "", (whole,) if whole else ()
    return said, tuple(statement.quote for statement in chosen)


def central(studied: Study) -> list[Statement]:
    """Choose what says what the thing is, then what shares most with the rest, in their order."""
    plain = [s for s in studied.statements if not s.loose and _whole(s)] or list(studied.statements)
    if not plain:
        return []
    opening = max(plain[:4], key=lambda s: (_identity(s, studied), -s.index))
    chosen = [opening]
    beside = [s for s in studied.statements if s.sentence == opening.sentence and s is not opening]
    if len(studied.statements) > _FEW:
        others = [
            s for s in plain if s is not opening and s not in beside and s.index > opening.index
        ]
        for other in sorted(others, key=lambda s: -_weight(s, studied)):
            if _length(opening, other) <= MAX_WORDS:
                chosen.append(other)
                break
    elif (
        beside
        and not beside[0].loose
        and _length(opening, beside[0]) <= MAX_WORDS
        and len(studied.statements) > 3
    ):
        chosen.append(beside[0])
    return sorted(chosen, key=lambda s: s.index)


def _length(*statements: Statement) -> int:
    return sum(len(words(s.said)) for s in statements)


def _whole(statement: Statement) -> bool:
    return len(words(statement.said)) >= 5 and not statement.quote.rstrip().endswith(":")


def _identity(statement: Statement, studied: Study) -> float:
    """How well a statement says what the topic is."""
    named = overlap(content_words(studied.topic.name), statement.said)
    main = statement.main
    defines = main is not None and main.copular and main.first("attribute") is not None
    orders = main is not None and main.orders
    first = 1.0 if statement.index == 0 else 0.0
    return first + named + (0.6 if defines and named > 0.3 else 0.0) - (0.8 if orders else 0.0)


def _weight(statement: Statement, studied: Study) -> float:
    own = content_forms(statement.said)
    shared = sum(
        len(own & content_forms(other.said))
        for other in studied.statements
        if other.index != statement.index
    )
    topical = len(own & content_forms(studied.topic.name))
    weighty = 1.5 if _WEIGHTY.search(statement.said) else 0.0
    near = 2.0 if statement.index <= 2 else 0.0
    goes_on = 3.0 if _GOING_ON.search(statement.said) else 0.0
    return (shared + 2 * topical) / (len(own) ** 0.5 or 1) + weighty + near - goes_on
