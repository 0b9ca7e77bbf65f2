"""Slips in words alone: a quote that is not quite the passage's, a question in bad English."""

import random
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from colloquia.core.roles import ReviewInput
from colloquia.language.facts.quotes import locate
from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.parsing import parse
from colloquia.language.reading.sentences import split_sentences

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_VERB_FORMS = ("VBD", "VBG", "VBN", "VBP", "VBZ")
_BENDABLE = word_set("NN NNS JJ") | {*_VERB_FORMS}


def bent_quote(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Change one word of one quote: a verb's form, or a word for another of its kind."""
    places = [
        (at, token)
        for at, quote in enumerate(case.quotes)
        for token in parse(quote)
        if token.tag_ in _BENDABLE and len(token.text) > 2
    ]
    for at, token in chance.sample(places, len(places)):
        quote = case.quotes[at]
        for word in _other_words(token, case.snippet.text, chance):
            bent = quote[: token.idx] + word + quote[_end(token) :]
            if locate(bent, case.snippet.text) is None:
                quotes = (*case.quotes[:at], bent, *case.quotes[at + 1 :])
                return case.model_copy(update={"quotes": quotes})
    return None


def _other_words(token: "Token", passage: str, chance: random.Random) -> list[str]:
    """Return words that may stand in a word's place, the nearest first."""
    alike = sorted({t.text for t in parse(passage) if t.tag_ == token.tag_} - {token.text})
    others = chance.sample(alike, len(alike))
    if not token.tag_.startswith("VB"):
        return others
    forms = sorted({inflect(token.lemma_, tag) for tag in ("VB", *_VERB_FORMS)} - {token.lower_})
    return chance.sample(forms, len(forms)) + others


def _end(token: "Token") -> int:
    return token.idx + len(token)


def broken_question(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Break the grammar of a question, in one of four ways that are seen."""
    put = [sentence for sentence in split_sentences(case.question) if "?" in sentence.text]
    if not put:
        return None
    sentence = put[-1]
    ways = (_without_auxiliary, _disagreeing, _with_a_word_twice, _cut_off)
    for way in chance.sample(ways, len(ways)):
        broken = way(sentence.text, parse(sentence.text), chance)
        if broken is not None:
            rest = "" if way is _cut_off else case.question[sentence.end :]
            question = case.question[: sentence.start] + broken + rest
            return case.model_copy(update={"question": question})
    return None


_AUXILIARIES = word_set(
    "do does did is are was were has have had can could will would should may might must"
)
_WRONG_NUMBER = {
    "do": "does", "does": "do", "is": "are", "are": "is", "was": "were", "were": "was",
    "has": "have", "have": "has",
}  # fmt: skip
_TWICE = word_set("the of in a is was to for by are did does and on")
_LEAST_LEFT = 3  # words before a cut


def _without_auxiliary(text: str, tokens: "Doc", chance: random.Random) -> str | None:
    """What does gluten give? -> What gluten give?"""
    for before, token in pairwise(tokens):
        if token.lower_ in _AUXILIARIES and before.tag_.startswith("W"):
            return text[: token.idx] + text[_end(token) :].lstrip()
    return None


def _disagreeing(text: str, tokens: "Doc", chance: random.Random) -> str | None:
    """What does gluten give? -> What do gluten give?"""
    for token in tokens:
        wrong = _WRONG_NUMBER.get(token.lower_)
        if wrong is not None:
            wrong = wrong.capitalize() if token.text[0].isupper() else wrong
            return text[: token.idx] + wrong + text[_end(token) :]
    return None


def _with_a_word_twice(text: str, tokens: "Doc", chance: random.Random) -> str | None:
    """What is the network? -> What is the the network?"""
    places = [token for token in tokens[1:] if token.text in _TWICE]
    if not places:
        return None
    token = chance.choice(places)
    return f"{text[: _end(token)]} {token.text}{text[_end(token) :]}"


def _cut_off(text: str, tokens: "Doc", chance: random.Random) -> str | None:
    """What gives the dough its strength? -> What gives the?"""
    places = [
        token
        for token, after in pairwise(tokens[_LEAST_LEFT - 1 :])
        if token.tag_ in {"DT", "IN", "PRP$", "CC"} and re.match(r"\w", after.text)
    ]
    if not places:
        return None
    return text[: _end(chance.choice(places))] + chance.choice(("?", ""))
