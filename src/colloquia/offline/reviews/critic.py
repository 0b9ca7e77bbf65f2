"""The critic: is the answer grounded in the snippet, does it help, is it clear."""

import re

from colloquia.core.roles import CriticReply, ReviewInput
from colloquia.language.asking.declining import CORRECTIONS, REFUSALS
from colloquia.language.derivation.weighing import weigh_facts
from colloquia.language.facts.quotes import locate
from colloquia.language.lexicon import word_set
from colloquia.language.reading.words import content_words, overlap, words
from colloquia.offline.questions.read import Reading, read
from colloquia.offline.reading.overview import says_something
from colloquia.offline.reading.study import Study, study
from colloquia.offline.reviews.lost_limits import lost_limit
from colloquia.offline.reviews.misplaced import misplaced_value

MAX_CLEAR_WORDS = 130
_A_LEAD = 3  # words: Not always.


def criticise(given: ReviewInput) -> CriticReply:
    """Score one answer by the rubric and say what to mend."""
    text, title = given.snippet.text, given.snippet.title
    reading = read(given.question, text=text, title=title, transcript=given.transcript)
    studied = study(text, title)
    grounded, why_grounded = _grounded(given)
    helpful, why_helpful = _helpful(given, reading, studied)
    clear, why_clear = _clear(given)
    reasons = [why for why in (why_grounded, why_helpful, why_clear) if why]
    rationale = " ".join(reasons) or "Grounded, to the point and clear."
    return CriticReply(
        grounded=round(grounded, 3), helpful=helpful, clear=clear, rationale=rationale
    )


def _grounded(given: ReviewInput) -> tuple[float, str]:
    """Every quote must stand in the snippet; what is said must come from it or the question."""
    strange = [quote for quote in given.quotes if locate(quote, given.snippet.text) is None]
    if strange:
        return 0.2, f"This quote isn't in the passage: {strange[0][:80]!r}. Quote it verbatim."
    if not given.quotes and not given.declined:
        return 0.4, "The answer quotes nothing; back it with a verbatim sentence of the passage."
    text, title = given.snippet.text, given.snippet.title or ""
    invented = weigh_facts(
        given.answer, passage=text, title=title, question=given.question, quotes=given.quotes
    ).strays
    if invented:
        told = f"{invented[0].text!r} is in neither the passage nor the question; leave it out."
        return 0.5, told
    if astray := _astray(given):
        return 0.5, astray
    said = [word for word in content_words(given.answer) if word.lower() not in _OF_THE_REPLY]
    held = overlap(said, f"{text} {given.question} {title}")
    if held < 0.7 and len(said) >= 4:
        return held, "Much of the answer isn't in the passage; keep to what it says."
    return min(1.0, 0.4 + 0.6 * held), ""


def _astray(given: ReviewInput) -> str | None:
    """A value set in another's place, or a statement without its limits."""
    passage, question = given.snippet.text, given.question
    apart = all(_set_apart(quote, given) for quote in given.quotes)
    if given.quotes and apart and _says_no_more(given):
        return None
    found = misplaced_value(given.answer, passage=passage, question=question, quotes=given.quotes)
    if found or given.declined or apart:
        return found
    return lost_limit(given.answer, passage=passage, question=question)


def _says_no_more(given: ReviewInput) -> bool:
    """Whether an answer says what it quotes and, but for a Yes or No, nothing else."""
    rest = given.answer.casefold()
    for quote in given.quotes:
        rest = rest.replace(quote.rstrip(".").casefold(), "")
    return len(words(rest)) <= _A_LEAD and not re.search(r"\d", rest)


def _set_apart(quote: str, given: ReviewInput) -> bool:
    """Whether an answer repeats, whole, a clause that the passage limits by nothing around it."""
    before, found, after = given.snippet.text.partition(quote)
    if not found or quote.rstrip(".").casefold() not in given.answer.casefold():
        return False
    opening = re.split(r"[.!?]\s+", before)[-1]
    bound = re.search(r"\b(?:if|when|where|unless|once|only|until|while)\b", opening, re.I)
    return (
        bound is None
        and re.search(r"(?:^|[.!?:;]\s*|,? (?:and|but|or) )$", before) is not None
        and re.match(r"\w?\s*(?:[.!?;]|,? (?:and|but|or)\b|$)", quote[-1:] + after) is not None
    )


# Words an honest answer uses about itself or the passage, the offline teacher's own among them.
_OF_THE_REPLY = word_set(
    "yes no say says said tell tells told give gives given know known mention mentions mentioned "
    "state states stated answer answers question passage text it's that's there's isn't aren't "
    "doesn't don't can't wasn't wouldn't unfortunately afraid"
) | {word.lower() for form in (*REFUSALS, *CORRECTIONS) for word in content_words(form)}


def _helpful(given: ReviewInput, reading: Reading, studied: Study) -> tuple[float, str]:
    """Does the answer rest on a statement that answers, or decline where none does?"""
    if given.declined and reading.answers:
        return 0.2, "Don't decline: the passage does answer this; find the sentence that says it."
    if given.declined:
        return 0.9, ""
    if reading.overview and not says_something(studied):
        return 0.2, "These are names that nothing is said of."
    if reading.overview:
        return 0.95, ""
    if reading.agrees is not None and not _POLAR.match(given.answer):
        return 0.4, "It is a yes-no question: begin with Yes or No."
    if not reading.answers:
        return 0.35, "The snippet doesn't answer this; say so."
    best = [studied.statements[index].quote for index in reading.best]
    if not all(any(said in quote or quote in said for quote in given.quotes) for said in best):
        return 0.45, "Another sentence answers this better."
    return 0.95, ""


_POLAR = re.compile(r"\s*(?i:yes|no)\b|Not")


def _clear(given: ReviewInput) -> tuple[float, str]:
    answer = given.answer.strip()
    length = len(words(answer))
    if length < 3:
        return 0.3, "Answer in a full sentence."
    if length > MAX_CLEAR_WORDS:
        return 0.45, f"Too long at {length} words; keep what answers the question."
    if not re.search(r"[.!?…。]['\"”’)]*$", answer) or answer[:1].islower():
        return 0.45, "Write a full sentence, from its capital to its full stop."
    opens = re.match(r"(?:it|they|he|she|this|these|that)\b", answer, re.I)
    if opens and not content_words(given.question):
        return 0.45, "The answer begins with a pronoun; name what it speaks of."
    return (1.0 if length <= 70 else 0.8), ""
