"""Whether a question can be put at this place: not said already, and not the text word for word."""

from collections.abc import Sequence

from colloquia.core.types import QuestionKind
from colloquia.language.asking.answered import answering_sentence, refuting_sentence
from colloquia.language.asking.given_away import parroted, untold_figure
from colloquia.language.reading.words import content_words, overlap
from colloquia.offline.reading.study import Study

_WHOLE = 0.8  # of a statement's weighty words


def told_in(studied: Study, said: str) -> set[int]:
    """Return the statements that a text has given whole."""
    return {s.index for s in studied.statements if overlap(content_words(s.said), said) > _WHOLE}


def fits(
    question: str, *, kind: QuestionKind, text: str, answers: Sequence[str], said: Sequence[str]
) -> bool:
    """Say whether somebody could ask this now.

    Args:
        question: put plainly.
        kind: what is planned.
        text: the passage's.
        answers: given so far.
        said: everything spoken so far, and the title.
    """
    if answering_sentence(question, answers) or parroted(question, text, said):
        return False
    if kind == "false_premise":
        return refuting_sentence(question, answers, source=text) is None
    return kind == "yes_no" or untold_figure(question, text, said) is None
