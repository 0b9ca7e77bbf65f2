"""How answers, corrections and refusals are put: what holds is told as a person would tell it.

Nothing here names a text or a source: who reads the dialogue has none before them. Which of several
ways is taken, the seed says.
"""

import re
from collections.abc import Sequence

from colloquia.language.asking.declining import REFUSALS
from colloquia.language.reading.words import capital
from colloquia.offline.choice import pick
from colloquia.offline.reading.study import finish

_LONG_WORDS = 8  # a longer question is no subject for a sentence


def answer_text(lead: str, said: str) -> str:
    """Put a statement as the answer to a question, behind what the answer opens with: `No.`."""
    told = finish(capital(said))
    return f"{finish(capital(lead))} {told}" if lead else told


def refusal_text(aim: str, *, seed: int, heard: Sequence[str] = ()) -> str:
    """Decline honestly.

    Args:
        aim: the question as it stands inside a sentence: `when the lease expires`.
        seed: which way of several.
        heard: the answers so far; what one of them declined with isn't said again.
    """
    wanted = aim.strip().rstrip("?.! ")
    heavy = len(wanted.split()) > _LONG_WORDS
    fit = [form for form in REFUSALS if not (heavy and form.startswith("{Aim}"))]
    fresh = [form for form in fit if not any(_pattern(form).match(said) for said in heard)]
    form = pick(fresh or fit, seed=seed, about="refusal")
    return form.format(aim=wanted, Aim=capital(wanted))


def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds an answer in this form."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{\w+\}", form))))
