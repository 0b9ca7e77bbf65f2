"""The questioner: the planned question, in the persona's manner, never one already asked."""

from collections.abc import Iterator

from colloquia.core.roles import Profile, QuestionerInput, QuestionerReply
from colloquia.core.types import UNANSWERABLE_KINDS
from colloquia.language.asking.given_away import parroted
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import words
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.candidates import candidates
from colloquia.offline.questions.fitting import fits, told_in
from colloquia.offline.questions.known import known, planned
from colloquia.offline.questions.manner import opening, spoken
from colloquia.offline.questions.unanswerable.choosing import unanswerables
from colloquia.offline.reading.openings import is_broad, opening_topic
from colloquia.offline.reading.study import study


def question(given: QuestionerInput, *, seed: int) -> QuestionerReply:
    """Ask the next question."""
    text, title = given.snippet.text, given.snippet.title
    if given.kind == "overview":
        studied = study(text, title)
        topic, whole = opening_topic(studied), studied.topic
        within = None if topic.name.endswith(f" and {whole.name}") else whole
        told, all_there_is = (len(split_sentences(it)) for it in (given.foundation or "", text))
        return QuestionerReply(
            question=opening(
                topic,
                given.persona,
                seed=seed,
                brief=told < 2 or told * 2 <= all_there_is,
                within=within,
                broad=topic == whole and is_broad(studied),
            )
        )
    meant = planned(text, title, kind=given.kind, aim=given.aim)
    candidate = next(_open(given, meant), meant)
    plain = _plain(given, candidate)
    heard = [line.text for line in given.transcript]
    wordy = parroted(candidate.aim, text, [*heard, title or ""])  # as `tell me how …` would put it
    plainly = bool(given.draft is not None or not heard or wordy)  # nothing was said to react to
    manner = Profile(name=given.persona.name) if plainly else given.persona
    return QuestionerReply(
        question=spoken(candidate, plain, manner, seed=seed, transcript=given.transcript)
    )


def _open(given: QuestionerInput, meant: Candidate) -> Iterator[Candidate]:
    """Yield the planned question, then others as answerable, that can still be asked."""
    text, title = given.snippet.text, given.snippet.title
    answers = [line.text for line in given.transcript if line.speaker == "answerer"]
    said = [line.text for line in given.transcript] + [title or ""]
    asked = [line.text for line in given.transcript if line.speaker == "questioner"]
    asked += [given.draft] if given.draft else []
    before = {tuple(words(line.casefold())) for line in asked}
    taken = {c.question for line in asked if (c := known(line, text, title)) is not None}
    others = (unanswerables if meant.kind in UNANSWERABLE_KINDS else candidates)(text, title)
    studied = study(text, title)
    told = told_in(studied, " ".join(answers))
    for candidate in (meant, *others):
        if candidate.statement in told and candidate.kind not in UNANSWERABLE_KINDS:
            continue
        if candidate.question in taken or tuple(words(candidate.question.casefold())) in before:
            continue
        if fits(candidate, studied=studied, answers=answers, said=said):
            yield candidate


def _plain(given: QuestionerInput, candidate: Candidate) -> str:
    """Return the question with a pronoun where that is asked for and understood."""
    if given.kind != "follow_up" or not given.transcript or candidate.followed is None:
        return candidate.question
    text, title = given.snippet.text, given.snippet.title
    understood = known(candidate.followed, text, title, given.transcript)
    return candidate.followed if understood == candidate else candidate.question
