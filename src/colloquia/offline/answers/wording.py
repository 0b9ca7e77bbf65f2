"""How answers and refusals are put: several ways for each, picked by the seed, none per snippet."""

import re

from colloquia.language.words import content_forms, overlap
from colloquia.offline.answers.indirect import indirectly
from colloquia.offline.answers.restating import Restated, capital, finish
from colloquia.offline.choice import pick
from colloquia.offline.reading.asked import Asked
from colloquia.offline.reading.reading import Reading

# Plain restatement comes most often: a lead-in on every answer is what makes a transcript wooden.
_STATEMENTS = (*["{Text}"] * 15, "From what I have, {inside}.")
_BARE_QUOTE = ("My source says {inside}.", "All I have on it is {inside}.")
_QUOTED = (
    'My source puts it this way: "{quote}"',
    'In the words of my source: "{quote}"',
    'My source says: "{quote}"',
)
_YES = ("Yes. {Text}", "Yes, {inside}.", "Yes: {inside}.")
# Where the sentence says no more than the question did.
_YES_AGAIN = (
    "Yes, that's right: {inside}.",
    "Yes, my source says so: {inside}.",
    "Yes, {inside}.",
    "Yes, indeed: {inside}.",
)
_NO = (
    "No, it was {said}, not {asked}. {Text}",
    "No, not {asked} but {said}: {inside}.",
    "No, {said}. {Text}",
    "No, {said}, where you have {asked}: {inside}.",
)
_PLAIN_NO = ("No. {Text}", "No, I have it otherwise: {inside}.")
# Where the passage says the very thing and only lacks what was asked, one need not say it twice.
_BUT_NOT = (
    "I know that {inside}, but not {wh}.",
    "We aren't told {wh}, only that {inside}.",
    "I don't know {wh}. All I have is that {inside}.",
    "Just {wh} is left open: we read that {inside}, and no more.",
    "All we learn is that {inside}; {wh} isn't said.",
)
_LACKING: dict[str, tuple[str, ...]] = {
    "when": (
        "No date is given for that. {Text}",
        "I can't say when that was, though I do know that {inside}.",
        "I have no date for it; I only know that {inside}.",
    ),
    "where": (
        "No place is named. {Text}",
        "I don't have the place, only that {inside}.",
    ),
    "why": (
        "No reason is given. {Text}",
        "I have no reason for it; I simply know that {inside}.",
        "The reason isn't mentioned, only that {inside}.",
    ),
    "how": (
        "I can't explain how. What I do know is that {inside}.",
        "How it was done I don't know; I only have that {inside}.",
    ),
    "how_many": (
        "I have no figure for that. I do know that {inside}.",
        "I have no number for that, only that {inside}.",
    ),
    "who": (
        "No name is given. {Text}",
        "I have no name for that: {inside}, and that is all.",
    ),
}
_SILENT = (
    "I don't know {asked}. I do know that {inside}.",
    "I can't tell {asked}; what I can say is that {inside}.",
    "Nothing I have tells me {asked}. What I have is about something else: {inside}.",
    "I don't know {asked}, since my source leaves that out. It does mention that {inside}.",
    "That I can't answer: {asked} isn't in what I have. What is there is that {inside}.",
    "I have nothing on that. The nearest I can offer is this: {inside}.",
    "I have no word on {asked}. What I can tell you is that {inside}.",
    "Unfortunately my source is silent on {asked}, but it does say that {inside}.",
)
_SILENT_AT_ALL = (
    "I can't answer that. What I do know is that {inside}.",
    "I can't answer that from what I have, which is only that {inside}.",
    "That goes beyond what I know. I do know that {inside}.",
    "I have nothing about that. I do know that {inside}.",
    "That I don't know, I'm afraid; I can say that {inside}.",
)
_PREMISE_SWAP = (
    "You say {asked}, but what I have is {said}: {inside}.",
    "I can't confirm {asked}: it was {said}. {Text}",
    "The {kind} I have isn't {asked} but {said}. {Text}",
    "There's a slip in the question. It isn't {asked} but {said}: {inside}.",
)
_PREMISE = (
    "I can't confirm that of {asked}. What I have is that {inside}.",
    "The question takes {asked} for granted; I can't. I do know that {inside}.",
    "I can't find {asked} in that. What I have is that {inside}.",
    "I wouldn't take {asked} for granted here. What I know is that {inside}.",
)
_BARE_WH = frozenset({"when", "where", "why", "how", "how_many", "who"})


def answer_text(asked: Asked, restated: Restated, *, seed: int, evidence: bool = False) -> str:
    """Put a found sentence as the answer to a question; with `evidence`, more often as a quote."""
    if asked.expected == "yes_no":
        news = len(content_forms(restated.text) - content_forms(asked.core)) >= 2
        return _fill(pick(_YES if news else _YES_AGAIN, seed=seed, about="yes"), restated)
    quote = restated.quote
    if restated.inside.startswith('"'):
        return _fill(pick(_BARE_QUOTE, seed=seed, about=asked.core), restated)
    quotable = quote[:1].isupper() and not re.search(r'["“\[]', quote)
    often = 3 if evidence else 24
    if quotable and (not restated.clear or seed % often == 0):
        return _fill(pick(_QUOTED, seed=seed, about="quoted"), restated, quote=finish(quote))
    return _fill(pick(_STATEMENTS, seed=seed, about=asked.core), restated)


def denial_text(reading: Reading, restated: Restated, *, seed: int) -> str:
    """Answer a yes-no question with no, and say what holds instead."""
    if reading.said_fact:
        form = pick(_NO, seed=seed, about="no")
        return _fill(form, restated, asked=reading.asked_fact, said=reading.said_fact)
    return _fill(pick(_PLAIN_NO, seed=seed, about="no"), restated)


def refusal_text(reading: Reading, restated: Restated, *, seed: int) -> str:
    """Decline honestly, and say what the snippet does cover."""
    asked = reading.asked
    if reading.reason == "false_premise":
        premise = _PREMISE_SWAP if reading.said_fact else _PREMISE
        form = pick(premise, seed=seed, about="premise")
        asked_fact, said = reading.asked_fact, reading.said_fact
        return _fill(form, restated, asked=asked_fact, said=said, kind=_kind(said))
    if asked.expected in _BARE_WH and asked.words and overlap(asked.words, restated.text) >= 0.8:
        forms = (*_BUT_NOT, *_LACKING[asked.expected] * 2)
        return _fill(pick(forms, seed=seed, about="but not"), restated, wh=_bare(asked))
    within = indirectly(asked)
    lacking = _LACKING.get(asked.expected, ())[-1:] if asked.expected == "how_many" else ()
    if within is None or asked.expected in {"describe", "comparison", "first"}:
        return _fill(pick((*_SILENT_AT_ALL, *lacking), seed=seed, about="silent"), restated)
    return _fill(pick((*_SILENT, *lacking), seed=seed, about="silent"), restated, asked=within)


def _kind(fact: str) -> str:
    """Return what a fact is: a year, or any other figure."""
    return "year" if re.fullmatch(r"(?:1\d|20)\d\d", fact) else "figure"


def _bare(asked: Asked) -> str:
    """Return the asking words alone: when, how many, how much."""
    found = re.match(r"how \w+", asked.core, re.I) if asked.expected == "how_many" else None
    return found.group().lower() if found else asked.expected.replace("_", " ")


def _fill(form: str, restated: Restated, **values: str) -> str:
    given = {"quote": "", "wh": "", "asked": "", "said": "", "kind": ""} | values
    filled = form.format(Text=restated.text, inside=restated.inside, **given)
    filled = re.sub(r"\bthat (?=\")", "", filled)  # says that "…": a bare quote needs no that
    return finish(capital(re.sub(r"([.!?])\.$", r"\1", filled)))
