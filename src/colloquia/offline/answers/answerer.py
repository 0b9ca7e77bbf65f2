"""The answerer: a hasty first draft, a careful second thought.

The draft takes the statement that shares the most words (see `skim`); a revision or a further
sample knows which statement a question came from (see `known`), or weighs whether the snippet
answers it at all (see `answerable`).
"""

from collections.abc import Sequence

from colloquia.core.hashing import seed_for
from colloquia.core.roles import AnswererInput, AnswererReply
from colloquia.offline.answers.foundation import foundation
from colloquia.offline.answers.wording import answer_text, refusal_text
from colloquia.offline.questions.read import Reading, read
from colloquia.offline.reading.skim import skim
from colloquia.offline.reading.study import Study, study


def answer(given: AnswererInput, *, seed: int) -> AnswererReply:
    """Answer one question, or state the snippet's core information where there is none."""
    text, title = given.snippet.text, given.snippet.title
    if given.question is None:
        return _overview(text, title)
    studied = study(text, title)
    place = seed_for(seed, given.question, len(given.transcript), given.sample)
    reading = read(given.question, text=text, title=title, transcript=given.transcript)
    if reading.overview:
        return _overview(text, title)
    if given.draft is None and given.sample == 0:
        found = skim(given.question, studied)
        if found is not None and found not in reading.best:
            said = studied.statements[found]
            return AnswererReply(answer=said.said, quotes=(said.quote,))
    heard = [line.text for line in given.transcript if line.speaker == "answerer"]
    return _careful(reading, studied, place, heard)


def _overview(text: str, title: str | None) -> AnswererReply:
    said, quotes = foundation(text, title)
    return AnswererReply(answer=said, quotes=quotes)


def _careful(reading: Reading, studied: Study, place: int, heard: Sequence[str]) -> AnswererReply:
    found = [studied.statements[index] for index in reading.best]
    quotes = tuple(statement.quote for statement in found)
    said = " ".join(statement.said for statement in found)
    if reading.denies or reading.answers:
        told = answer_text(reading.lead, said)
        return AnswererReply(answer=told, quotes=quotes, declined=reading.denies)
    aim = reading.candidate.aim if reading.candidate else "that"
    return AnswererReply(answer=refusal_text(aim, seed=place, heard=heard), declined=True)
