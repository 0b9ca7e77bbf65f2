"""How answers and refusals are put: several ways for each, picked by the seed, none per snippet."""

import re

from colloquia.language.words import overlap
from colloquia.offline.asked import Asked
from colloquia.offline.choice import pick
from colloquia.offline.indirect import indirectly
from colloquia.offline.reading import Reading
from colloquia.offline.restating import Restated, capital, finish

# Plain restatement comes often: a lead-in on every answer is what makes a transcript wooden.
_STATEMENTS = (
    "{Text}",
    "{Text}",
    "{Text}",
    "{Text}",
    "{Text}",
    "According to the passage, {inside}.",
    "The passage says that {inside}.",
)
_QUOTED = (
    'The passage puts it this way: "{quote}"',
    'The passage has this on it: "{quote}"',
    'To quote the passage: "{quote}"',
)
_YES = (
    "Yes. {Text}",
    "Yes, {inside}.",
    "Yes: {inside}.",
    "Yes, according to the passage, {inside}.",
)
_NO = (
    "No. The passage has {said}, not {asked}: {inside}.",
    "No, not {asked} but {said}. {Text}",
    "No, the passage gives {said}. {Text}",
)
_PLAIN_NO = ("No. {Text}", "No, the passage puts it otherwise: {inside}.")
# Where the passage says the very thing and only lacks what was asked, one need not say it twice.
_BUT_NOT = (
    "The passage tells us that {inside}, but not {wh}.",
    "The passage doesn't say {wh}; all it gives is that {inside}.",
    "I can't tell {wh} from the passage: it says only that {inside}.",
    "We aren't told {wh}. The passage says that {inside}, and leaves it there.",
    "That's not in the passage. It does say that {inside}, just not {wh}.",
)
_SILENT = (
    "The passage doesn't say {asked}. It does say that {inside}.",
    "I can't tell from the passage {asked}; what it does tell us is that {inside}.",
    "That isn't covered: the passage never says {asked}. What it does say is that {inside}.",
    "I don't find {asked} in the passage. The nearest it comes is this: {inside}.",
)
_SILENT_AT_ALL = (
    "The passage doesn't answer that. What it does say is that {inside}.",
    "I can't answer that from the passage, which only says that {inside}.",
    "That goes beyond the passage. It does tell us that {inside}.",
)
_PREMISE_SWAP = (
    "The question has {asked}, but the passage gives {said}: {inside}.",
    "I can't confirm {asked}: the passage has {said}. {Text}",
    "That doesn't match the passage, which has {said} rather than {asked}. {Text}",
)
_PREMISE = (
    "I can't confirm that: the passage doesn't connect this with {asked}. It says that {inside}.",
    "The question takes {asked} for granted, the passage doesn't. It does say that {inside}.",
    "The passage doesn't say that of {asked}. What it says is that {inside}.",
)
_BARE_WH = {
    "when": "when",
    "where": "where",
    "why": "why",
    "how": "how",
    "how_many": "how many",
    "who": "who",
}


def answer_text(asked: Asked, restated: Restated, *, seed: int) -> str:
    """Put a found sentence as the answer to a question."""
    if asked.expected == "yes_no":
        return _fill(pick(_YES, seed=seed, about="yes"), restated)
    quote = restated.quote
    if restated.inside.startswith('"'):
        return _fill(pick(_STATEMENTS[-2:], seed=seed, about=asked.core), restated)
    quotable = quote[:1].isupper() and not re.search(r'["“\[]', quote)
    if quotable and (not restated.clear or seed % 9 == 0):
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
    if reading.reason == "false_premise" and reading.said_fact:
        form = pick(_PREMISE_SWAP, seed=seed, about="premise")
        return _fill(form, restated, asked=reading.asked_fact, said=reading.said_fact)
    if reading.reason == "false_premise":
        form = pick(_PREMISE, seed=seed, about="premise")
        return _fill(form, restated, asked=reading.asked_fact)
    bare = _BARE_WH.get(reading.asked.expected)
    if bare and overlap(reading.asked.words, restated.text) >= 0.8:
        return _fill(pick(_BUT_NOT, seed=seed, about="but not"), restated, wh=bare)
    asked = indirectly(reading.asked)
    if asked is None or reading.asked.expected in {"describe", "comparison", "first"}:
        return _fill(pick(_SILENT_AT_ALL, seed=seed, about="silent"), restated)
    return _fill(pick(_SILENT, seed=seed, about="silent"), restated, asked=asked)


def _fill(form: str, restated: Restated, **values: str) -> str:
    filled = form.format(Text=restated.text, inside=restated.inside, **({"quote": ""} | values))
    filled = re.sub(r"\bthat (?=\")", "", filled)  # says that "…": a bare quote needs no that
    return finish(capital(re.sub(r"([.!?])\.$", r"\1", filled)))
