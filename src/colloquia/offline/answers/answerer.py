"""The answerer: a hasty first draft, a careful second thought.

The draft takes the sentence that shares the most words (see `skim`); a revision or a further sample
reads carefully (see `reading`). Both put what they found in the same words.
"""

import re
from dataclasses import dataclass

from colloquia.core.hashing import seed_for
from colloquia.core.roles import AnswererInput, AnswererReply
from colloquia.language.words import content_words, overlap, words
from colloquia.offline.answers.direct import direct_answer
from colloquia.offline.answers.foundation import foundation
from colloquia.offline.answers.restating import (
    MAX_WORDS,
    Restated,
    capital,
    finish,
    restate,
    with_context,
)
from colloquia.offline.answers.wording import answer_text, denial_text, refusal_text
from colloquia.offline.reading.asked import Asked, understand
from colloquia.offline.reading.reading import Reading, read
from colloquia.offline.reading.skim import skim
from colloquia.offline.reading.study import Study, study

_LONG_WORDS = 17  # a shorter sentence needs no short answer before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """How the one who asks wants to be answered."""

    brief: bool = False
    full: bool = False
    evidence: bool = False
    """Whether the passage's own words are wanted."""


def answer(given: AnswererInput, *, seed: int) -> AnswererReply:
    """Answer one question, or state the snippet's core information where there is none."""
    text, title = given.snippet.text, given.snippet.title
    if given.question is None:
        said, quotes = foundation(text, title)
        return AnswererReply(answer=said or text.strip()[:400], quotes=quotes)
    studied = study(text, title)
    place = seed_for(seed, given.question, len(given.transcript), given.sample)
    if given.draft is None and given.sample == 0:
        return _draft(given, studied, place)
    reading = read(given.question, text=text, title=title, transcript=given.transcript)
    return _careful(reading, studied, place, tone_of(given.profile))


def _draft(given: AnswererInput, studied: Study, place: int) -> AnswererReply:
    """Answer from the sentence that shares the most words, right kind or not."""
    asked = understand(given.question or "", given.transcript, studied)
    if asked.expected == "overview":
        return _overview(studied)
    found = skim(asked, studied)
    if found.answers:
        return _answered(asked, studied, found.index, place, tone_of(given.profile))
    guess = Reading(
        asked=asked, answers=False, reason="not_covered", best=(found.index,), confidence=0.0
    )
    return _declined(guess, studied, found.index, place)


def tone_of(profile: str | None) -> Tone:
    """Read off the participant profile how to answer: briefly, in full, or evidence first."""
    asked_for = (profile or "").rsplit("Answer", 1)[-1]
    return Tone(
        brief=re.search(r"briefly|without preamble|short", asked_for) is not None,
        full="in full" in asked_for,
        evidence="evidence" in asked_for,
    )


def _careful(reading: Reading, studied: Study, place: int, tone: Tone) -> AnswererReply:
    if reading.asked.expected == "overview":
        return _overview(studied)
    index = reading.best[0] if reading.best else 0
    if not reading.answers:
        return _declined(reading, studied, index, place)
    if reading.agrees is False:
        restated = restate(studied, index, asked=reading.asked)
        said = denial_text(reading, restated, seed=place)
        return AnswererReply(answer=said, quotes=_quoted(restated))
    if reading.asked.expected in {"first", "comparison"} and len(reading.best) == 2:
        return _both(reading, studied)
    return _answered(reading.asked, studied, index, place, tone)


def _overview(studied: Study) -> AnswererReply:
    said, quotes = foundation(studied.text, studied.title)
    return AnswererReply(answer=said, quotes=quotes)


def _answered(asked: Asked, studied: Study, index: int, place: int, tone: Tone) -> AnswererReply:
    restated = restate(studied, index, asked=None if _whole(asked, studied, index, tone) else asked)
    if not restated.clear and (both := with_context(studied, index)) is not None:
        return AnswererReply(answer=finish(_opened(asked) + capital(both)), quotes=(both,))
    said = answer_text(asked, restated, seed=place, evidence=tone.evidence)
    if said == restated.text and not tone.brief and len(words(said)) >= _LONG_WORDS:
        first = direct_answer(studied, index, asked)
        loses_nothing = first is not None and overlap(content_words(said), first) == 1.0
        said = first if first is not None and loses_nothing else said
    return AnswererReply(answer=said, quotes=_quoted(restated))


def _whole(asked: Asked, studied: Study, index: int, tone: Tone) -> bool:
    """Whether the whole sentence is the better answer: it adds something, and isn't long."""
    sentence = studied.statements[index].sentence.text
    if len(words(sentence)) > MAX_WORDS - 8 or (tone.brief and asked.expected != "definition"):
        return False
    return tone.full or asked.expected in {"yes_no", "definition"}


def _quoted(restated: Restated) -> tuple[str, ...]:
    return (restated.quote,) if restated.quote.strip() else ()


def _opened(asked: Asked) -> str:
    return "Yes. " if asked.expected == "yes_no" else ""


def _declined(reading: Reading, studied: Study, index: int, place: int) -> AnswererReply:
    restated = restate(studied, index, asked=reading.asked)
    said = refusal_text(reading, restated, seed=place)
    return AnswererReply(answer=said, quotes=_quoted(restated), declined=True)


def _both(reading: Reading, studied: Study) -> AnswererReply:
    """Set two sentences side by side."""
    first, second = (restate(studied, index, asked=reading.asked) for index in reading.best)
    quotes = (first.quote, second.quote)
    if reading.asked.expected == "first":
        return AnswererReply(answer=f"{first.text} After that, {second.inside}.", quotes=quotes)
    return AnswererReply(answer=f"{first.text} {second.text}", quotes=quotes)
