"""A figure or a name that stands in the passage, but with other words than in the answer.

Where a sentence repeats one of the passage, the two are laid side by side: what stands in a value's
place there is what should stand here. In free wording, each value of the answer is compared, by the
words around it, with every value of its kind in the passage. It is misplaced where another one fits
its place clearly better than it does itself.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from colloquia.core.types import Span as Quoted
from colloquia.language.facts.quotes import locate
from colloquia.language.figures.numbers import is_number_word
from colloquia.language.reading.parsing import parse_sentences
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import FUNCTION_WORDS, content_forms, words
from colloquia.offline.reading.study import MAX_SENTENCES

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

REPEATED = 0.7  # of the words of a sentence that repeats one of the passage, in order
LONGEST = 4  # words of a value
MOST_WORDS = 200  # of a sentence that are laid beside those of another
MARGIN = 0.18  # by which another value must fit better
FITS = 0.45  # of the words around a value, so much is found around the other
QUOTED = 0.1  # what lies in a quote of the answer's is more likely meant
_BESIDE_DIGITS = re.compile(r"(?<=\d),(?=\d)|\[.*")  # 1,260; 2011[update]
HALVED = 3.0  # words after which a neighbour's weight is halved
FAR = 60  # tokens; what stands further off weighs a millionth
MOST_VALUES = 50  # of an answer that are looked at
FUNCTION = 0.4  # what a word without content weighs


def misplaced_value(
    answer: str, *, passage: str, question: str, quotes: Sequence[str] = ()
) -> str | None:
    """Return what is wrong with the first misplaced value, told to the answerer, or None."""
    found = exchanged(answer, passage) or _ill_fitting(answer, passage, question, quotes)
    if found is None:
        return None
    return f"{found[0]!r} belongs elsewhere in the passage; where you put it, it has {found[1]!r}."


# --- a sentence that repeats one of the passage


def exchanged(answer: str, passage: str) -> tuple[str, str] | None:
    """Return a value in a sentence of the passage's, and what the passage has in its place."""
    theirs = [words(s.text)[:MOST_WORDS] for s in split_sentences(passage)[:MAX_SENTENCES]]
    counts = [Counter(sentence) for sentence in theirs]
    known = frozenset(words(passage))
    for sentence in split_sentences(answer):
        own = words(sentence.text)[:MOST_WORDS]
        held = Counter(own)
        shared = [(held & count).total() for count in counts]
        if not shared or max(shared) < REPEATED * len(own):
            continue
        other = theirs[shared.index(max(shared))]
        matcher = SequenceMatcher(None, own, other, autojunk=False)
        if sum(block.size for block in matcher.get_matching_blocks()) < REPEATED * len(own):
            continue
        for what, start, end, start_there, end_there in matcher.get_opcodes():
            one, two, near = own[start:end], other[start_there:end_there], end - start + 1
            two = two[:near] if start else two[-near:]  # at an end, what else was left out
            if what == "replace" and len(one) <= LONGEST and _differ(one, two, known):
                return " ".join(one), " ".join(two)
    return None


def _differ(one: Sequence[str], two: Sequence[str], known: frozenset[str]) -> bool:
    """Whether both are values, of one kind and with no word in common, the first a known one."""
    first, second = set(filter(_is_value, one)), set(filter(_is_value, two))
    alike = content_forms(" ".join(one)) & content_forms(" ".join(two))
    of_one_kind = any(map(_counts, first)) == any(map(_counts, second))
    return bool(first and second) and first <= known and not alike and of_one_kind


def _counts(word: str) -> bool:
    return word[0].isdigit() or is_number_word(word)


def _is_value(word: str) -> bool:
    named = word[0].isupper() and word.lower() not in FUNCTION_WORDS
    return named or _counts(word) or any(char.isdigit() for char in word)


# --- in free wording


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A value where it stands, with the weight of each word around it."""

    text: str
    start: int
    words: frozenset[str]
    is_figure: bool
    around: dict[str, float]


def _ill_fitting(
    answer: str, passage: str, question: str, quotes: Sequence[str]
) -> tuple[str, str] | None:
    own = _places(answer)[:MOST_VALUES]
    if not own:
        return None
    theirs = _places(passage)
    spans = [span for quote in quotes if (span := locate(quote, passage))]
    asked = frozenset(word for place in _places(question) for word in place.words)
    said = asked.union(*(place.words for place in own))
    for place in own:
        fits = [
            (_fit(place, other) + QUOTED * _within(other, spans), other)
            for other in theirs
            if other.is_figure == place.is_figure
        ]
        itself = max((fit for fit, other in fits if other.words & place.words), default=None)
        others = [(fit, other.text) for fit, other in fits if not other.words & said]
        if itself is None or not others or place.words & asked:
            continue
        fit, text = max(others)
        if fit >= FITS and fit > itself + MARGIN:
            return place.text, text
    return None


def _within(place: _Place, spans: Sequence[Quoted]) -> bool:
    return any(span.start <= place.start < span.end for span in spans)


@lru_cache(maxsize=256)
def _places(text: str) -> tuple[_Place, ...]:
    return tuple(
        _Place(
            text=value.text,
            start=sentence.start + value.start_char,
            words=frozenset(_BESIDE_DIGITS.sub("", token.lower_) for token in value),
            is_figure=_kind(value[0]) == "figure",
            around=_around(value, doc),
        )
        for sentence, doc in zip(split_sentences(text), parse_sentences(text), strict=True)
        for value in _values(doc)
    )


def _values(sentence: "Doc") -> Iterator["Span"]:
    """Yield single figures, and names as long as they go."""
    for kind, run in groupby(sentence, _kind):
        tokens = list(run)
        if kind == "name":
            yield sentence[tokens[0].i : tokens[-1].i + 1]
        elif kind == "figure":
            yield from (sentence[token.i : token.i + 1] for token in tokens)


def _kind(token: "Token") -> Literal["figure", "name"] | None:
    if token.tag_ == "CD" or any(char.isdigit() for char in token.text):
        return "figure"
    return "name" if token.pos_ == "PROPN" and token.text[0].isupper() else None


def _around(value: "Span", sentence: "Doc") -> dict[str, float]:
    """Return what the words of a sentence weigh for a value in it, by their distance from it."""
    weights: dict[str, float] = {}
    for token in sentence[max(0, value.start - FAR) : value.end + FAR]:
        if token.is_punct or token.is_space or value.start <= token.i < value.end:
            continue
        apart = value.start - token.i if token.i < value.start else token.i - value.end + 1
        weight = 0.5 ** ((apart - 1) / HALVED) * (FUNCTION if token.is_stop else 1.0)
        lemma = token.lemma_.lower()
        weights[lemma] = max(weights.get(lemma, 0.0), weight)
    return weights


def _fit(one: _Place, other: _Place) -> float:
    """Return the share (0..1) of the weight around one place that is found around the other."""
    shared = sum(min(weight, other.around.get(key, 0.0)) for key, weight in one.around.items())
    return shared / (sum(one.around.values()) or 1.0)
