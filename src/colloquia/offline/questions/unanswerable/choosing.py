"""The questions that a snippet all but answers, and those that it contradicts.

Few and unlike each other: of each kind a handful, one of a phrase family, two of a statement.
What the snippet tells of one thing and not of another comes first: its neighbours' attributes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from colloquia.core.hashing import seed_for
from colloquia.offline.choice import shuffled
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable.kinds import KINDS
from colloquia.offline.questions.unanswerable.near_misses import near_misses
from colloquia.offline.questions.unanswerable.premises import premises
from colloquia.offline.reading.study import study

MAX_NEAR, MAX_FALSE = 5, 3
ENOUGH = 2  # with fewer, what can be asked of most texts comes in too
_SPARE = frozenset({"reason of an act", "reason of a fact", "reason of a state", "means"})
_TOLD = {kind.family: kind.told for kind in KINDS}


@lru_cache(maxsize=256)
def unanswerables(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the unanswerable questions of a snippet, false premises after near misses."""
    studied = study(text, title)
    told = {_asked(c) for c in candidates(text, title) if not c.question.startswith("What")}
    near = _few((c for c in near_misses(studied) if _asked(c) not in told), MAX_NEAR, text)
    return (*near, *_few(premises(studied), MAX_FALSE, text))


def _asked(candidate: Candidate) -> tuple[int, str]:
    """Return what is asked for, of which statement: of one that tells why, no other why is open."""
    return candidate.statement, " ".join(candidate.question.split()[:2])


def _few(found: Iterable[Candidate], most: int, text: str) -> Iterator[Candidate]:
    """Yield some of the questions: what is told of other things first, none twice."""
    unlike = {candidate.question: candidate for candidate in found}.values()
    order = sorted(
        shuffled([*unlike], seed=seed_for(text), about="order"),
        key=lambda c: (
            c.family in _SPARE,
            not re.search(_TOLD.get(c.family, ""), text, re.I),
        ),
    )
    families: set[str] = set()
    made_from: Counter[int] = Counter()
    for candidate in order:
        if candidate.family in _SPARE and len(families) >= ENOUGH:
            return
        why = "reason" if candidate.family.startswith("reason") else candidate.family
        if why in families or made_from[candidate.statement] == (2 if most > MAX_FALSE else 1):
            continue
        families.add(why)
        made_from[candidate.statement] += 1
        yield candidate
        if len(families) == most:
            return
