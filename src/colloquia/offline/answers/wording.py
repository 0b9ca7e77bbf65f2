"""How answers, corrections and refusals are put: what holds is told as a person would tell it.

Nothing here names a text or a source: who reads the dialogue has none before them. Which of several
ways is taken, the seed says.
"""

import re
from collections.abc import Sequence

from colloquia.language.asking.declining import CORRECTIONS, REFUSALS
from colloquia.language.reading.parsing import parse
from colloquia.offline.choice import pick
from colloquia.offline.reading.clauses import SUBJECTS
from colloquia.offline.reading.study import capital, finish, mid_sentence

_LONG_WORDS = 8  # a longer question is no subject for a sentence
_KNOWN = (
    "What I do know is that {inside}",
    "I do know that {inside}",
    "What I can tell you is that {inside}",
    "I can only tell you that {inside}",
)


def answer_text(lead: str, said: str) -> str:
    """Put a statement as the answer to a question, behind what the answer opens with: `No.`.

    A lead that the statement itself begins with isn't said twice.
    """
    told = finish(capital(said.strip()))
    opened = finish(capital(lead.strip()))
    if not lead.strip() or told.lower().startswith(opened.rstrip(".!").lower()):
        return told
    return f"{opened} {told}" if said.strip() else opened


def denial_text(said: str, *, seed: int) -> str:
    """Say that things aren't as the question has them, and what holds instead."""
    return f"{pick(CORRECTIONS, seed=seed, about='correction')} {finish(capital(said.strip()))}"


def refusal_text(aim: str, *, seed: int, related: str = "", heard: Sequence[str] = ()) -> str:
    """Decline honestly; where something near it is known, tell that.

    Args:
        aim: the question as it stands inside a sentence: `when the lease expires`.
        seed: which way of several.
        related: a statement close to what was asked, able to stand alone.
        heard: the answers so far; what one of them declined with isn't said again.
    """
    wanted = aim.strip().rstrip("?.! ")
    heavy = len(wanted.split()) > _LONG_WORDS
    fit = [form for form in REFUSALS if not (heavy and form.startswith("{Aim}"))]
    fresh = [form for form in fit if not any(_pattern(form).match(said) for said in heard)]
    form = pick(fresh or fit, seed=seed, about="refusal")
    declined = form.format(aim=wanted, Aim=capital(wanted))
    if not related.strip():
        return declined
    said = finish(related.strip())
    parsed = parse(said, entities=False)
    if not any(token.dep_ in SUBJECTS and token.head.dep_ == "ROOT" for token in parsed):
        return declined  # an order, which no `that` can introduce
    inside = mid_sentence(said, parsed[0], said)
    known = pick(_KNOWN, seed=seed, about="known").format(inside=inside)
    return f"{declined} {known}"


def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds an answer in this form."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{\w+\}", form))))
