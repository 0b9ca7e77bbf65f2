"""The questions that a snippet all but answers, and those that it contradicts.

Few and unlike each other: of each kind a handful, one of a phrase family, two of a statement.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from colloquia.core.hashing import seed_for
from colloquia.offline.choice import chance, shuffled
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.gaps import gaps
from colloquia.offline.questions.premises import premises
from colloquia.offline.reading.study import study

MAX_NEAR, MAX_FALSE = 5, 3
ENOUGH = 2  # with fewer, a family that is used sparingly comes in too
#: How often a family that fits most texts is used, so that none is a phrase to learn by heart.
_SHARES = {
    "date": 0.25, "reason of an act": 0.1, "reason of a figure": 0.7, "consequence": 0.8,
    "way": 0.4, "doer": 0.8, "figure": 0.6, "figure checked": 0.4,
}  # fmt: skip


@lru_cache(maxsize=256)
def unanswerables(text: str, title: str | None) -> tuple[Candidate, ...]:
    """Return the unanswerable questions of a snippet, false premises after near misses."""
    studied = study(text, title)
    told = {_asked(c) for c in candidates(text, title) if not c.question.startswith("What")}
    near = _few((c for c in gaps(studied) if _asked(c) not in told), MAX_NEAR, text)
    return (*near, *_few(premises(studied), MAX_FALSE, text))


def _asked(candidate: Candidate) -> tuple[int, str]:
    """Return what is asked for, of which statement: of one that tells why, no other why is open."""
    return candidate.statement, " ".join(candidate.question.split()[:2])


def _few(found: Iterable[Candidate], most: int, text: str) -> Iterator[Candidate]:
    """Yield some of the questions: rare families before common ones, none twice."""
    seed = seed_for(text)
    unlike = {candidate.question: candidate for candidate in found}.values()
    spare = {
        c.question for c in unlike
        if not chance(_SHARES.get(c.family, 1), seed=seed, about=c.question)
    }  # fmt: skip
    order = sorted(
        shuffled([*unlike], seed=seed, about="order"),
        key=lambda c: (c.question in spare, c.family in _SHARES),
    )
    families: set[str] = set()
    made_from: Counter[int] = Counter()
    for candidate in order:
        if candidate.question in spare and len(families) >= ENOUGH:
            return
        why = "reason" if candidate.family.startswith("reason") else candidate.family
        if why in families or made_from[candidate.statement] == (2 if most > MAX_FALSE else 1):
            continue
        families.add(why)
        made_from[candidate.statement] += 1
        yield candidate
        if len(families) == most:
            return
