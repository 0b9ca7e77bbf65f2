"""How answers and refusals are put: several ways for each, picked by the seed, none per snippet."""

import re

from colloquia.language.words import content_forms, overlap
from colloquia.offline.asked import Asked
from colloquia.offline.choice import pick
from colloquia.offline.indirect import indirectly
from colloquia.offline.reading import Reading
from colloquia.offline.restating import Restated, capital, finish

# Plain restatement comes most often: a lead-in on every answer is what makes a transcript wooden.
_STATEMENTS = (*["{Text}"] * 15, "As the passage has it, {inside}.")
_BARE_QUOTE = ("The passage says {inside}.", "All the passage says is {inside}.")
_QUOTED = (
    'The passage puts it this way: "{quote}"',
    'In the words of the passage: "{quote}"',
    'It says: "{quote}"',
)
_YES = ("Yes. {Text}", "Yes, {inside}.", "Yes: {inside}.")
# Where the sentence says no more than the question did.
_YES_AGAIN = (
    "Yes, that's right: {inside}.",
    "Yes, it says so: {inside}.",
    "Yes, {inside}.",
    "Yes, indeed: {inside}.",
)
_NO = (
    "No, it was {said}, not {asked}. {Text}",
    "No, not {asked} but {said}: {inside}.",
    "No, {said}. {Text}",
    "No. It says {said} where you have {asked}: {inside}.",
)
_PLAIN_NO = ("No. {Text}", "No, the passage puts it otherwise: {inside}.")
# Where the passage says the very thing and only lacks what was asked, one need not say it twice.
_BUT_NOT = (
    "The passage tells us that {inside}, but not {wh}.",
    "We aren't told {wh}, only that {inside}.",
    "It doesn't say {wh}. All it gives is that {inside}.",
    "Just {wh} is left open: we read that {inside}, and no more.",
    "All we learn is that {inside}; {wh} isn't said.",
)
_LACKING: dict[str, tuple[str, ...]] = {
    "when": (
        "No date is given for that. {Text}",
        "It gives no time for this, though we do learn that {inside}.",
        "There is no date in it; it only says that {inside}.",
    ),
    "where": (
        "No place is named. {Text}",
        "It doesn't give the place, only that {inside}.",
    ),
    "why": (
        "No reason is given. {Text}",
        "It offers no reason; it simply states that {inside}.",
        "The reason isn't mentioned, only that {inside}.",
    ),
    "how": (
        "It doesn't explain how. What we do learn is that {inside}.",
        "The way it was done isn't described; it only says that {inside}.",
    ),
    "how_many": (
        "No figure is given for that. It does say that {inside}.",
        "There is no number for that in the passage, which says only that {inside}.",
    ),
    "who": (
        "No name is given. {Text}",
        "It names nobody here: {inside}, and that is all.",
    ),
}
_SILENT = (
    "The passage doesn't say {asked}. It does say that {inside}.",
    "I can't tell from the passage {asked}; what it does tell us is that {inside}.",
    "Nothing in it tells us {asked}. It is about something else: {inside}.",
    "I don't know {asked}, since the passage leaves that out. It does mention that {inside}.",
    "That I can't answer: {asked} isn't mentioned. What we do read is that {inside}.",
    "It says nothing on that. The nearest it comes is this: {inside}.",
    "There's no word on {asked}. What the passage covers is that {inside}.",
    "Unfortunately the passage is silent on {asked}, but it does say that {inside}.",
)
_SILENT_AT_ALL = (
    "The passage doesn't answer that. What it does say is that {inside}.",
    "I can't answer that from this text, which only says that {inside}.",
    "That goes beyond the passage. It does tell us that {inside}.",
    "Nothing is said about that. We do learn that {inside}.",
    "That isn't in it, I'm afraid; it does mention that {inside}.",
)
_PREMISE_SWAP = (
    "The question has {asked}, but the passage gives {said}: {inside}.",
    "I can't confirm {asked}: it was {said}. {Text}",
    "Not {asked}: the passage has {said}. {Text}",
    "There's a slip in the question. It isn't {asked} but {said}: {inside}.",
)
_PREMISE = (
    "I can't confirm that: the passage doesn't connect this with {asked}. It says that {inside}.",
    "The question takes {asked} for granted, the passage doesn't. It does say that {inside}.",
    "The passage doesn't say that of {asked}. What it says is that {inside}.",
    "I wouldn't take {asked} for granted here. What we read is that {inside}.",
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
        return _fill(form, restated, asked=reading.asked_fact, said=reading.said_fact)
    if asked.expected in _BARE_WH and overlap(asked.words, restated.text) >= 0.8:
        forms = (*_BUT_NOT, *_LACKING[asked.expected] * 2)
        return _fill(pick(forms, seed=seed, about="but not"), restated, wh=_bare(asked))
    within = indirectly(asked)
    lacking = _LACKING.get(asked.expected, ())[-1:] if asked.expected == "how_many" else ()
    if within is None or asked.expected in {"describe", "comparison", "first"}:
        return _fill(pick((*_SILENT_AT_ALL, *lacking), seed=seed, about="silent"), restated)
    return _fill(pick((*_SILENT, *lacking), seed=seed, about="silent"), restated, asked=within)


def _bare(asked: Asked) -> str:
    """Return the asking words alone: when, how many, how much."""
    found = re.match(r"how \w+", asked.core, re.I) if asked.expected == "how_many" else None
    return found.group().lower() if found else asked.expected.replace("_", " ")


def _fill(form: str, restated: Restated, **values: str) -> str:
    given = {"quote": "", "wh": "", "asked": "", "said": ""} | values
    filled = form.format(Text=restated.text, inside=restated.inside, **given)
    filled = re.sub(r"\bthat (?=\")", "", filled)  # says that "…": a bare quote needs no that
    return finish(capital(re.sub(r"([.!?])\.$", r"\1", filled)))
