"""The questions that a snippet all but answers, and those that it contradicts.

What the snippet tells of one thing and not of another comes first: its neighbours' attributes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from colloquia.core.hashing import seed_for
from colloquia.language.reading.words import content_words, held
from colloquia.offline.choice import shuffled
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates, with_more
from colloquia.offline.questions.unanswerable.kinds import KINDS
from colloquia.offline.questions.unanswerable.near_misses import near_misses
from colloquia.offline.questions.unanswerable.premises import premises
from colloquia.offline.reading.study import study

_EACH = 2  # of one statement
#: Asked of nearly any text.
SPARE = frozenset({"reason of an act", "reason of a fact", "reason of a state"})
_TOLD = {kind.family: kind.told for kind in KINDS}
_OF_THINGS = frozenset(kind.family for kind in KINDS if "thing" in kind.needed)
_ONE_IN = 2  # snippets of a subject asks one thing of it: else each would ask who founded it


@lru_cache(maxsize=256)
def unanswerables(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the unanswerable questions of a snippet, false premises after near misses."""
    studied = study(text, title)
    told = {_asked(c) for c in candidates(text, title) if not c.question.startswith("What")}
    near = [c for c in near_misses(studied) if _asked(c) not in told and _own(c, text, title)]
    return (*_few(near, text), *_few(with_more(premises(studied), studied), text))


def _asked(candidate: Candidate) -> tuple[int, str]:
    """Return what is asked for, of which statement: of one that tells why, no other why is open."""
    return candidate.statement, " ".join(candidate.question.split()[:2])


def _own(candidate: Candidate, text: str, title: str | None) -> bool:
    """Whether a question is this snippet's, and not asked of the subject of all its neighbours."""
    of_subject = candidate.family in _OF_THINGS and held(
        content_words(title or ""), candidate.question
    )
    return not of_subject or seed_for(text, candidate.family) % _ONE_IN == 0


def weight(candidate: Candidate, text: str) -> float:
    """Return how far a question is this snippet's own: its neighbours have what is asked for."""
    if candidate.family in SPARE:
        return 0.4
    return 1.0 if re.search(_TOLD.get(candidate.family, ""), text, re.I) else 0.6


def _few(found: Iterable[Candidate], text: str) -> Iterator[Candidate]:
    """Yield the questions, what is told of other things first, few of a statement."""
    unlike = {candidate.question: candidate for candidate in found}.values()
    order = shuffled([*unlike], seed=seed_for(text), about="order")
    made_from: Counter[int] = Counter()
    for candidate in sorted(order, key=lambda c: -weight(c, text)):
        made_from[candidate.statement] += 1
        if made_from[candidate.statement] <= _EACH:
            yield candidate
