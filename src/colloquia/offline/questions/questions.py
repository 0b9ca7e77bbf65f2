"""From a planned kind and aim back to the question: a snippet always affords the same ones."""

from colloquia.core.types import QuestionKind
from colloquia.language.lexicon import word_set
from colloquia.language.words import words
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.study import Study

_INDIRECT_STARTS = word_set("what who whom whose which when where why how whether if")


def overview_aim(studied: Study) -> str:
    """Return the aim of the opening question."""
    return f"an overview of {studied.topic}"


def planned_question(studied: Study, *, kind: QuestionKind, aim: str) -> Candidate:
    """Return the candidate a plan meant; an aim of a person's own is asked as it stands."""
    pool = (
        unanswerables(studied.text, studied.title)
        if kind in {"false_premise", "near_miss"}
        else candidates(studied.text, studied.title)
    )
    for candidate in pool:
        if candidate.aim == aim:
            return candidate
    return _of_own_words(kind, aim.strip().rstrip("?"))


def _of_own_words(kind: QuestionKind, aim: str) -> Candidate:
    first = (words(aim) or ["it"])[0].lower()
    if first in _INDIRECT_STARTS:
        question = f"Can you tell me {aim[:1].lower() + aim[1:]}?"
    else:
        question = f"What can you tell me about {aim}?"
    return Candidate(kind=kind, question=question, aim=aim, statement=0)
