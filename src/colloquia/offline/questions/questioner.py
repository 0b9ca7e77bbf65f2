"""The questioner: the planned question, in the persona's manner, never one already asked."""

from colloquia.core.roles import QuestionerInput, QuestionerReply
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.manner import opening, spoken
from colloquia.offline.questions.questions import planned_question
from colloquia.offline.reading.asked import take_apart
from colloquia.offline.reading.reading import read
from colloquia.offline.reading.study import Study, study


def question(given: QuestionerInput, *, seed: int) -> QuestionerReply:
    """Ask the next question."""
    studied = study(given.snippet.text, given.snippet.title)
    if given.kind == "overview":
        return QuestionerReply(question=opening(studied, given.persona, seed=seed))
    candidate = planned_question(studied, kind=given.kind, aim=given.aim)
    plain = _plain(given, candidate)
    asked = {_key(line.text) for line in given.transcript if line.speaker == "questioner"}
    if _key(plain) in asked:
        candidate = _another(studied, asked) or candidate
        plain = candidate.question
    said = spoken(candidate, plain, given.persona, seed=seed, transcript=given.transcript)
    return QuestionerReply(question=said)


def _plain(given: QuestionerInput, candidate: Candidate) -> str:
    """Return the question with a pronoun where that is asked for and understood."""
    if given.kind != "follow_up" or not given.transcript or candidate.followed is None:
        return candidate.question
    text, title = given.snippet.text, given.snippet.title
    understood = read(candidate.followed, text=text, title=title, transcript=given.transcript)
    plain = understood.answers and candidate.statement in understood.best
    return candidate.followed if plain else candidate.question


def _another(studied: Study, asked: set[tuple[str, ...]]) -> Candidate | None:
    """Return the first question that wasn't asked yet."""
    for candidate in candidates(studied.text, studied.title):
        if _key(candidate.question) not in asked:
            return candidate
    return None


def _key(text: str) -> tuple[str, ...]:
    """Two questions are the same if they ask for the same kind of thing in the same words."""
    asked = take_apart(text)
    return (asked.expected, *sorted(word.lower() for word in asked.words))
