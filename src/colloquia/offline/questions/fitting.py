"""Whether a question can be put at this place: not said already, and not the text word for word."""

from collections.abc import Sequence

from colloquia.core.types import QuestionKind
from colloquia.language.asking.answered import answering_sentence, refuting_sentence
from colloquia.language.asking.given_away import parroted, untold_figure


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
