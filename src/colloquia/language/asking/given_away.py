"""What a question gives away of a text that its speaker hasn't read and nobody has told."""

import re
from collections.abc import Iterable
from functools import lru_cache

from colloquia.language.asking.questions import (
    asked_for,
    asking_sentences,
    bare_question,
    weighty_words,
)
from colloquia.language.facts.finding import numbers_in
from colloquia.language.lexicon import word_set
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import (
    FUNCTION_WORDS,
    content_words,
    forms,
    held,
    overlap,
    words,
)

LONG_RUN = 8  # words in a row that nobody hits upon by chance
SHARED = 2  # content words that tie a figure or name to what the text says with it
CLOZE = 5  # content words of a statement that nobody doubts by chance
TOLD = 0.7  # of a sentence's content words: then the question has said the sentence

_FIGURE = re.compile(r"(?<![\w.,-])\d\d+(?:[.,]\d+)*(?![\w-])")
_FULL_NAME = re.compile(
    r"\b[A-Z][\w'’-]+(?:\s(?:(?:of|de|la|du|von|van|der|the|y)\s){0,2}[A-Z][\w'’-]+)+"
)

_KNOWN_TO_ALL = word_set("World North South East West United New Great European Middle")


def parroted(question: str, text: str, said: Iterable[str]) -> str | None:
    """Return the first run of a text's words that a question has and nobody has said, or None."""
    known, spoken, said = _runs(text), words(question), tuple(said)
    lower = tuple(word.lower() for word in spoken)
    for at in range(len(lower) - LONG_RUN + 1):
        run = lower[at : at + LONG_RUN]
        if run in known and not any(run in _runs(line) for line in said):
            quoted = " ".join(spoken[at : at + LONG_RUN])
            if sum(word.islower() for word in content_words(quoted)) > SHARED:  # no mere long name
                return quoted
    return None


@lru_cache(maxsize=512)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    lower = [word.lower() for word in words(text)]
    return frozenset(tuple(lower[at : at + LONG_RUN]) for at in range(len(lower) - LONG_RUN + 1))


def untold_figure(question: str, text: str, said: Iterable[str]) -> str | None:
    """Return a year or figure that a question has from a text together with what belongs to it.

    Single digits are left alone ("the 2 main reasons"), and so are digits that are part of a word.
    """
    figures = {found.group().replace(",", "") for found in _FIGURE.finditer(question)}
    asked = figures - {number for line in said for number in numbers_in(line)} if figures else ()
    if not asked:
        return None
    for sentence in split_sentences(text):
        shared = asked & numbers_in(sentence.text)
        belonging = filter(str.isalpha, content_words(question))
        if shared and len(held(belonging, sentence.text)) >= SHARED:
            return min(shared)
    return None


def untold_name(question: str, text: str, said: Iterable[str]) -> str | None:
    """Return a full name that a question has from a text together with what belongs to it.

    A single capital word tells too little: `British` and `Paris` are known to everyone.
    """
    told = {form for line in said for word in words(line) for form in forms(word)}
    for name in map(_without_opener, _FULL_NAME.finditer(question)):
        if _KNOWN_TO_ALL & set(words(name)) or any(
            forms(word) & told for word in content_words(name)
        ):
            continue
        news = [
            word
            for word in content_words(question)
            if word.isalpha() and word not in words(name) and not forms(word) & told
        ]
        for sentence in split_sentences(text):
            if name in sentence.text and len(held(news, sentence.text)) > SHARED:
                return name
    return None


def _without_opener(found: re.Match[str]) -> str:
    """Return a name without the capital that began a sentence: `Did Tom Reed` is `Tom Reed`."""
    first, _, rest = found.group().partition(" ")
    return rest.removeprefix("the ") if first.lower() in FUNCTION_WORDS else found.group()


def told_sentence(question: str, answer: str, subject: str) -> str | None:
    """Return a sentence of the answer-to-come that a question has said nearly whole, or None."""
    for sentence in split_sentences(answer):
        said = content_words(sentence.text)
        news = [word for word in said if word not in held(said, subject)]
        if len(news) > SHARED and len(held(news, question)) >= TOLD * len(news):
            return sentence.text
    return None


def told_as_question(question: str, text: str) -> str | None:
    """Return the sentence of a text that a yes-no question tells word by word, figures aside."""
    for bare in map(bare_question, asking_sentences(question)):
        asked = weighty_words(bare)
        news = [word for word in asked if not word[0].isdigit()]
        if asked_for(bare) != "yes_no" or len(asked) < CLOZE:
            continue
        for sentence in split_sentences(text):
            if overlap(news, sentence.text) == 1.0:
                return sentence.text
    return None
