"""The subject of a clause: where it ends, its number, and whether a verb can be its verb."""

from collections.abc import Iterable

from colloquia.language.inflection import can_be_verb, inflections, is_plural_noun
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import (
    FINITE,
    NOUNS,
    Tokens,
    head_noun,
    noun_phrase_end,
    tag_at,
)
from colloquia.language.pieces import BE_FORMS, HAVE_FORMS
from colloquia.language.tagging import Token

_SUBJECT_LINKS = word_set("of in for from between to on with at by under against about over")
# Singular in form, yet said with a plural verb; or one and the same in both numbers.
_PEOPLES = ("s", "ese", "ish", "nch", "tch", "wiss")
_EITHER_NUMBER = word_set(
    "people police number majority minority group family crew team staff rest half most lot all "
    "pair couple part army government data series species media percent public variety range "
    "percentage proportion"
)


def subject_end(tokens: Tokens, begin: int) -> int:
    """Return the index after the subject that starts at `begin`; `begin` if none does."""
    end = noun_phrase_end(tokens, begin)
    while end > begin and end < len(tokens):
        if tokens[end].lower not in _SUBJECT_LINKS | {"and", "or"}:
            break
        further = noun_phrase_end(tokens, end + 1)
        if further <= end + 1:
            break
        end = further
    return _restricted_end(tokens, end) if end > begin else end


def skip_aside(tokens: Tokens, index: int) -> int:
    """Skip ', an aside,' between subject and verb."""
    if tag_at(tokens, index) != ",":
        return index
    for closing in range(index + 2, min(len(tokens) - 1, index + 30)):
        if tokens[closing].text != ",":
            continue
        after = closing + 1
        while tag_at(tokens, after) == "RB":
            after += 1
        if tag_at(tokens, after) in FINITE:
            return closing + 1
    return index


def is_plural(subject: Tokens, finite: Token) -> bool:
    """Whether a subject is in the plural, by its finite verb where that tells."""
    if finite.lower in {"are", "were", "have"} or finite.tag == "VBP":
        return True
    if finite.tag == "VBZ" or finite.lower in {"was", "has"}:
        return False
    return _looks_plural(subject)


def can_agree(subject: Tokens, finite: Token, verb: Token) -> bool:
    """Whether subject and verb agree in number; where not, one of the two was misread."""
    if _ambiguous(subject, verb):
        return False
    head = head_noun(subject)
    if head.tag == "NNP" and verb.tag == "VBP" and finite is verb and verb.lower not in BE_FORMS:
        return "and" in {token.lower for token in subject} or head.lower.endswith(_PEOPLES)
    if head.tag not in {"NN", "NNS"} or head.lower in _EITHER_NUMBER or finite.tag == "MD":
        return True
    plural = _looks_plural(subject) or any(t.lower in _EITHER_NUMBER for t in subject)
    if finite.tag == "VBP" or finite.lower == "were":
        return plural
    if finite.tag == "VBZ":
        return not plural or head.tag == "NN" or head.lower.endswith("ics")
    return True


def is_participle(word: str, lemma: str) -> bool:
    """Whether a word is the past participle of a verb (or of none that the dictionary knows)."""
    known = inflections(lemma).get("VBN", ())
    return not known or word.lower() in known


def _ambiguous(subject: Tokens, verb: Token) -> bool:
    """Whether the subject's last word may be the real verb: the network guarantees | sequenced."""
    last = subject[-1]
    if len(subject) < 2 or last.tag != "NNS" or verb.tag not in {"VBD", "VBP"}:
        return False
    return subject[-2].tag == "NN" and can_be_verb(last.lower) and last.lower in _VERBS_IN_S


# Plurals that are about as often verbs; others (engines, houses) hardly ever are.
_VERBS_IN_S = word_set(
    "guarantees results causes controls changes claims costs covers dates deals demands differs "
    "ends forces forms functions gains grants guides heads holds houses includes influences joins "
    "keeps leads leaves limits links lists looks makes marks matters means moves needs offers "
    "opens plans provides ranges reaches relates requires returns rises runs serves shows spans "
    "stands starts supplies supports takes turns uses varies weaves works yields"
)


def _looks_plural(subject: Tokens) -> bool:
    words = [token.lower for token in subject]
    if "and" in words and "of" not in words:
        return True
    head = head_noun(subject)
    if head.tag == "NNPS":
        return True
    return head.tag in {"NN", "NNS"} and is_plural_noun(head.lower)


def _restricted_end(tokens: Tokens, end: int) -> int:
    """Take `used to analyse this` into `The cycle used to analyse this is …`."""
    if tag_at(tokens, end) not in {"VBN", "VBG"}:
        return end
    for at in range(end + 1, min(len(tokens), end + 16)):
        if tokens[at].tag in {",", ":", ";", "WDT", "WP"}:
            break
        if _helps(tokens[at]) or (tokens[at].tag in {"VBD", "VBZ"} and tokens[at - 1].tag in NOUNS):
            return at
    return end


def _helps(token: Token) -> bool:
    return token.tag in FINITE and token.lower in _HELPERS


def _all(*sets: Iterable[str]) -> frozenset[str]:
    return frozenset(word for one in sets for word in one)


_HELPERS = _all(BE_FORMS, HAVE_FORMS, {"can", "may", "will"})
