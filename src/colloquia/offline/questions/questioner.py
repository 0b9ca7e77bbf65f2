"""The questioner: the planned question, in the persona's manner, never one already asked."""

import re
from collections.abc import Iterator

from colloquia.core.roles import Profile, QuestionerInput, QuestionerReply
from colloquia.core.types import UNANSWERABLE_KINDS
from colloquia.language.given_away import untold_figure
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.fitting import fits
from colloquia.offline.questions.manner import opening, spoken
from colloquia.offline.questions.questions import planned_question
from colloquia.offline.questions.unanswerable import unanswerables
from colloquia.offline.reading.asked import take_apart
from colloquia.offline.reading.reading import read
from colloquia.offline.reading.study import Study, study


def question(given: QuestionerInput, *, seed: int) -> QuestionerReply:
    """Ask the next question."""
    studied = study(given.snippet.text, given.snippet.title)
    if given.kind == "overview":
        topic = _nameable(studied.topic) if given.draft or _tells(studied) else studied.topic
        return QuestionerReply(question=opening(topic, given.persona, seed=seed))
    planned = planned_question(studied, kind=given.kind, aim=given.aim)
    said = [line.text for line in given.transcript] + [studied.title or ""]
    answers = [line.text for line in given.transcript if line.speaker == "answerer"]
    asked = {_key(line.text) for line in given.transcript if line.speaker == "questioner"}
    asked |= {_key(given.draft)} if given.draft else set()
    candidate = planned
    for other in _alternatives(studied, planned):
        plain = _plain(given, other)
        open_still = fits(plain, kind=other.kind, text=studied.text, answers=answers, said=said)
        if open_still and _key(plain) not in asked:
            candidate = other
            break
    plain = _plain(given, candidate)
    plainly = given.draft is not None or not given.transcript  # nothing was said to react to
    manner = Profile(name=given.persona.name) if plainly else given.persona
    return QuestionerReply(
        question=spoken(candidate, plain, manner, seed=seed, transcript=given.transcript)
    )


def _tells(studied: Study) -> bool:
    """Whether the topic's own words give a figure away."""
    return untold_figure(studied.topic, studied.text, [studied.title or ""]) is not None


def _nameable(topic: str) -> str:
    """Return a topic without its figures: the lighthouse of 1759 is the lighthouse."""
    return re.sub(r"(?:\s+(?:of|in|from|since))?\s+\S*\d\S*", "", topic).strip() or topic


def _alternatives(studied: Study, planned: Candidate) -> Iterator[Candidate]:
    """Yield the planned question, then others that are as answerable."""
    yield planned
    unanswerable = planned.kind in UNANSWERABLE_KINDS
    yield from (unanswerables if unanswerable else candidates)(studied.text, studied.title)


def _plain(given: QuestionerInput, candidate: Candidate) -> str:
    """Return the question with a pronoun where that is asked for and understood."""
    if given.kind != "follow_up" or not given.transcript or candidate.followed is None:
        return candidate.question
    text, title = given.snippet.text, given.snippet.title
    understood = read(candidate.followed, text=text, title=title, transcript=given.transcript)
    plain = understood.answers and candidate.statement in understood.best
    return candidate.followed if plain else candidate.question


def _key(text: str) -> tuple[str, ...]:
    """Two questions are the same if they ask for the same kind of thing in the same words."""
    asked = take_apart(text)
    return (asked.expected, *sorted(word.lower() for word in asked.words))
