"""Noun and adverbial phrases on tagged tokens: where one ends, what it is about, its kind."""

import re
from typing import Literal

from colloquia.language.figures.dates import MONTHS
from colloquia.language.lexicon import word_set
from colloquia.language.tagging import Token

Tokens = tuple[Token, ...]
PieceKind = Literal[
    "object", "particle", "phrase", "time", "place", "cause", "means", "purpose", "agent",
    "infinitive", "that", "participle", "tail", "adverb",
]  # fmt: skip

NOUNS = frozenset({"NN", "NNS", "NNP", "NNPS"})
FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
_PRE_NOMINAL = NOUNS | {"JJ", "JJR", "JJS", "CD", "VBN", "VBG", "POS"}

_TIME_NOUNS = word_set(
    "century centuries year years decade decades month months summer winter spring autumn era "
    "period age ages morning evening night"
)
_PLACE_PREPOSITIONS = frozenset(
    {"in", "at", "near", "within", "throughout", "across", "along", "on"}
)
_PLACE_NOUNS = word_set(
    "city town village country region area state province district county island coast river "
    "valley mountains mountain sea ocean lake north south east west northeast northwest "
    "southeast southwest center centre capital world continent territory bank park street "
    "campus building church university college museum desert forest hills plains peninsula "
    "nucleus cytoplasm body blood liver brain lungs cell chloroplasts chloroplast membrane "
    "stroma neighborhood suburbs"
)
# "in French", "in Parliament", "in Congress" and the like name no place one would point to.
_NOT_PLACES = word_set(
    "french english latin german greek norman dutch spanish italian polish arabic chinese "
    "russian parliament congress christianity islam god christ judaism"
)
_TIME_PREPOSITIONS = word_set(
    "in on at during from between by since until after before around throughout"
)


_SPANS = word_set("years months weeks days hours minutes decades centuries")
_DIMENSIONS = word_set("high tall long wide deep thick old broad")
_SPAN_ENDS = word_set("later earlier ago before after")
_YEAR = re.compile(r"(?:1\d|20)\d\d(?:s|[–-]\d+)?")


def noun_phrase_end(tokens: Tokens, start: int) -> int:
    """Return the index after the simple noun phrase at `start`; `start` if none begins there."""
    index = start
    if tag_at(tokens, index) in {"PDT", "DT", "PRP$"}:
        index += 1
    if tag_at(tokens, index) == "PRP" and index == start:
        return index + 1
    last_noun = start
    while index < len(tokens):
        name = tokens[index].tag
        if last_noun == index > start and _begins_span(tokens, index):
            break  # settled in the Far East | three years later
        if name == "CD" and _YEAR.fullmatch(tokens[index].text) and not _names_event(tokens, index):
            dated = last_noun == start or tokens[index - 1].text in MONTHS
            return index + 1 if dated else last_noun  # a year ends its phrase
        if name in NOUNS or (
            name == "CD" and tag_at(tokens, index + 1) not in NOUNS | {"JJ", "VBN"}
        ):
            last_noun = index + 1
        elif (
            name in {"VBN", "VBG"}
            and last_noun == index > start
            and (name == "VBN" or tag_at(tokens, index + 1) not in {"NN", "NNS"})
        ):
            break  # after its noun a participle begins a clause: England, killing King Harold
        elif not _inside_phrase(tokens, index):
            break
        index += 1
    # an owner without what is owned was cut in the middle: in the islanders' | own homes
    return start if tag_at(tokens, last_noun) == "POS" else last_noun


def _names_event(tokens: Tokens, index: int) -> bool:
    """Whether a year stands before the noun it tells apart: at the 1967 meeting."""
    return tag_at(tokens, index - 1) == "DT" and tag_at(tokens, index + 1) in NOUNS | {"JJ"}


def _begins_span(tokens: Tokens, index: int) -> bool:
    """Whether `three years later` or `months earlier` begins after a noun."""
    counted = tag_at(tokens, index) == "CD"
    at = index + counted
    if at >= len(tokens) or tokens[at].lower not in _SPANS:
        return False
    return counted or (at + 1 < len(tokens) and tokens[at + 1].lower in _SPAN_ENDS)


def _inside_phrase(tokens: Tokens, index: int) -> bool:
    """Whether a word that is no noun may stand inside a noun phrase at this place."""
    name = tokens[index].tag
    if name == "RB":
        return tag_at(tokens, index + 1) in {"JJ", "VBN", "CD"}
    if name in {"CC", ","}:
        return _joins_adjectives(tokens, index)
    return name in _PRE_NOMINAL or tokens[index].text in '"“”'


def long_phrase_end(tokens: Tokens, index: int) -> int:
    """Return the end of a noun phrase with its of-phrases and all that is joined to it."""
    end = noun_phrase_end(tokens, index)
    while end > index and end < len(tokens):
        further = end
        if tokens[end].lower in {"of", "and", "or"}:
            further = noun_phrase_end(tokens, end + 1)
            if further > end + 1 and tokens[end].tag == "CC" and _begins_clause(tokens, further):
                further = end  # the noun after "and" begins a clause of its own
        elif tokens[end].text == ",":
            further = _list_end(tokens, end)
        elif tokens[end].lower == "per" and tag_at(tokens, end + 1) in NOUNS | {"JJ"}:
            further = end + 2
        elif tokens[end].lower in _DIMENSIONS and _is_measure(tokens, end):
            end += 1
            break
        if further <= end + 1:
            break
        end = further
    return end


def _is_measure(tokens: Tokens, end: int) -> bool:
    """Whether a number and its unit stand before `end`: 55 metres | high."""
    return tag_at(tokens, end - 1) in NOUNS and "CD" in {
        tag_at(tokens, end - 2), tag_at(tokens, end - 3)
    }  # fmt: skip


def _list_end(tokens: Tokens, comma: int) -> int:
    """Return the end of `, b, c and d` after a comma; the comma itself if it is no list."""
    index = comma
    while tag_at(tokens, index) == ",":
        joined = tag_at(tokens, index + 1) == "CC"
        start = index + 1 + joined
        end = noun_phrase_end(tokens, start)
        if end <= start:
            return comma
        if joined:
            return comma if _begins_clause(tokens, end) else end
        if tag_at(tokens, end) == "CC":
            final = noun_phrase_end(tokens, end + 1)
            return comma if final <= end + 1 or _begins_clause(tokens, final) else final
        index = end
    return comma


def _begins_clause(tokens: Tokens, index: int) -> bool:
    """Whether a finite verb follows, adverbs and phrases of the noun before it skipped."""
    if tag_at(tokens, index) in {"DT", "PRP$"}:
        return True  # the "noun" was a verb with its object: releases X and activates the Y
    while tag_at(tokens, index) == "IN" and noun_phrase_end(tokens, index + 1) > index + 1:
        index = noun_phrase_end(tokens, index + 1)  # a list of the port from 1700 | describes
    while tag_at(tokens, index) == "RB":
        index += 1
    return tag_at(tokens, index) in FINITE


def _joins_adjectives(tokens: Tokens, index: int) -> bool:
    if tag_at(tokens, index - 1) not in {"JJ", "VBN"}:
        return False
    at = index + 1
    if tag_at(tokens, at) not in {"JJ", "CC", "VBN"}:
        return False
    while tag_at(tokens, at) in {"JJ", "CC", ",", "VBN"}:
        at += 1
    return tag_at(tokens, at) in NOUNS


def head_noun(phrase: Tokens) -> Token:
    """Return the noun a phrase is about: the last one before its first preposition or comma."""
    head = phrase[0]
    for token in phrase:
        if token.tag in {"IN", "TO"} or token.text == ",":
            break
        if token.tag in NOUNS or token.tag == "PRP":
            head = token
    return head


def phrase_kind(tokens: Tokens) -> PieceKind:
    """Return what question a prepositional phrase answers."""
    first = tokens[0].lower
    if first == "by" and not is_time(tokens):
        return "means" if tag_at(tokens, 1) == "VBG" else "agent"
    if first in {"because", "due"}:
        return "cause"
    if first in _TIME_PREPOSITIONS and is_time(tokens):
        return "time"
    if first in _PLACE_PREPOSITIONS and is_place(tokens):
        return "place"
    if first in {"through", "via"} and head_noun(tokens[1:] or tokens).tag in {"NN", "NNS"}:
        return "means"
    return "phrase"


def is_time(tokens: Tokens) -> bool:
    """Whether a prepositional phrase says when."""
    for token in tokens[1:]:
        if token.text in MONTHS and token.tag == "NNP":
            return True
        if _YEAR.fullmatch(token.text) and (token is tokens[-1] or len(tokens) <= 4):
            return True
    return tokens[-1].lower in _TIME_NOUNS and any(
        token.tag in {"CD", "JJ", "NNP"} for token in tokens[1:]
    )


def is_place(tokens: Tokens) -> bool:
    """Whether a prepositional phrase says where."""
    head = tokens[1:]
    if any(token.lower in _NOT_PLACES for token in head):
        return False
    until_of = next((i for i, token in enumerate(head) if token.lower == "of"), len(head))
    core = head[:until_of]
    if not core:
        return False
    if core[-1].lower in _PLACE_NOUNS:
        return True
    inside = tokens[0].lower in {"in", "at", "near", "throughout", "across"}
    return inside and core[-1].tag in {"NNP", "NNPS"}


def starts_with(tokens: Tokens, index: int, phrase: str) -> bool:
    """Whether these words stand at `index`."""
    parts = phrase.split()
    return [token.lower for token in tokens[index : index + len(parts)]] == parts


def tag_at(tokens: Tokens, index: int) -> str:
    """Return a token's tag; empty beyond either end."""
    return tokens[index].tag if 0 <= index < len(tokens) else ""
