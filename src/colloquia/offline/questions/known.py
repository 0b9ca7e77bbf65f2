"""What a question asks, if it is one that the snippet affords: found by its own words.

Questioner, answerer and reviewers read a snippet alike, so each finds the other's question in the
same list. A question from elsewhere isn't in it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from colloquia.core.roles import Line
from colloquia.core.types import UNANSWERABLE_KINDS, QuestionKind
from colloquia.language.reading.words import lowered
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable.choosing import unanswerables

_INDIRECT = re.compile(r"(?:what|who|whom|whose|which|when|where|why|how|whether|if)\b", re.I)


def known(
    question: str, text: str, title: str | None, transcript: Sequence[Line] = ()
) -> Candidate | None:
    """Return the candidate that a question puts, in whatever manner; None if it puts none."""
    said = _plain(question)
    forms = _forms(text, title)
    found = [(len(form), candidate) for form, candidate in forms if form in said]
    if found:
        return max(found, key=lambda pair: pair[0])[1]
    if not transcript:
        return None
    before = " ".join(line.text for line in transcript[-2:])
    for candidate in (*candidates(text, title), *unanswerables(text, title)):
        spoken_of = not candidate.subject or candidate.subject.lower() in before.lower()
        if candidate.followed and spoken_of and _plain(candidate.followed) in said:
            return candidate
    return None


def planned(text: str, title: str | None, *, kind: QuestionKind, aim: str) -> Candidate:
    """Return the candidate a plan meant; an aim of a person's own is asked as it stands."""
    pool = unanswerables if kind in UNANSWERABLE_KINDS else candidates
    for candidate in pool(text, title):
        if candidate.aim == aim:
            return candidate
    asked = aim.strip().rstrip("?")
    put = lowered(asked) if _INDIRECT.match(asked) else f"about {asked}"
    return Candidate(kind=kind, question=f"Can you tell me {put}?", aim=asked, statement=0)


@lru_cache(maxsize=256)
def _forms(text: str, title: str | None) -> tuple[tuple[str, Candidate], ...]:
    pool = (*candidates(text, title), *unanswerables(text, title))
    return tuple(
        (_plain(form), candidate)
        for candidate in pool
        for form in (candidate.question, candidate.aim)
    )


def _plain(text: str) -> str:
    return re.sub(r"[^\w ]+", "", text.casefold())
