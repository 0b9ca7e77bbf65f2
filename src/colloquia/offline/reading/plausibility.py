"""Whether a verb with its subject and helpers is a clause that English can have.

The small pipeline takes participles for past forms and plurals for verbs. A question made of such
a misreading is nonsense.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect, lemmas

if TYPE_CHECKING:
    from spacy.tokens import Token

_HELPERS = word_set(
    "be have do can could may might must shall should will would need ought ca wo sha dare"
)
_COLLECTIVE = word_set(
    "police majority minority number group family crew team staff rest half most lot pair variety "
    "range people data media"
)


def plausible(verb: Token, subject: Token | None, helpers: tuple[Token, ...]) -> bool:
    """Whether the parse is one that a clause can have."""
    if any(helper.lemma_.lower() not in _HELPERS for helper in helpers):
        return False
    order = verb.tag_ == "VB" and not helpers and subject is None and verb.i > 0
    if order and verb.nbor(-1).pos_ not in {"PUNCT", "CCONJ", "ADV", "PART", "SCONJ"}:
        return False
    own = subject is not None and subject.head == verb
    if verb.dep_ == "conj" and not _joins(verb, own=own or bool(helpers)):
        return False
    past = verb.tag_ == "VBN" and inflect(verb.lemma_, "VBD") == verb.lower_
    if verb.tag_ in {"VBN", "VBG"} and not helpers and not (past and own and verb.dep_ == "ROOT"):
        return False
    perfect = helpers and helpers[-1].lemma_ in {"be", "have"} and verb.tag_ in {"VBD", "VBN"}
    regular = verb.lower_.endswith("ed") or inflect(verb.lemma_, "VBN") == verb.lower_
    if perfect and not regular:
        return False
    if not helpers and verb.lower_.endswith("ed") and _apart(verb, subject if own else None):
        return False
    known = verb.pos_ != "VERB" or "VERB" in lemmas(verb.lower_)
    if verb.tag_ in {"VBD", "VBZ", "VBP"} and not known:
        return False
    return _tensed(verb, helpers) and _agrees(verb, subject, helpers)


def _joins(verb: Token, *, own: bool) -> bool:
    """Whether a verb is joined to the one before it; one without a subject keeps its tense."""
    ties = {t.lower_ for t in verb.doc[verb.head.i : verb.i]}
    shifts = not own and verb.tag_ == "VBD" and verb.head.tag_ in {"VBZ", "VBP"}
    return bool(ties & {"and", "or", "but", "then", ";"}) and not shifts


def _apart(verb: Token, subject: Token | None) -> bool:
    """Whether a single comma parts it from its subject, as it does a participle: X, written …."""
    if not verb.i or (verb.dep_ == "conj" and subject is None):
        return False
    before = verb.doc[subject.i if subject else 0 : verb.i].text
    commas = re.sub(r"\([^()]*\)?", "", before).count(",")
    return commas < 2 and verb.nbor(-1).lower_ in {"also", ","}


def _tensed(verb: Token, helpers: tuple[Token, ...]) -> bool:
    """Whether a past form isn't a participle misread: a culture *kept* at 30 °C favours acid."""
    if helpers or verb.tag_ not in {"VBD", "VBN"} or inflect(verb.lemma_, "VBN") != verb.lower_:
        return True
    return not any(
        token.tag_ in {"NNS", "VBZ"}
        and "VERB" in lemmas(token.lower_)
        and token.nbor(-1).pos_ in {"NOUN", "NUM", "PROPN"}
        and token.nbor().pos_ in {"ADJ", "NOUN", "DET", "PRON"}
        for token in verb.doc[verb.i + 2 : -1]
    )


def _agrees(verb: Token, subject: Token | None, helpers: tuple[Token, ...]) -> bool:
    """Whether subject and finite verb agree in number, as far as the tags tell."""
    finite = helpers[0] if helpers else verb
    if subject is None or subject.dep_ not in {"nsubj", "nsubjpass"}:
        return True
    joined = any(child.dep_ == "conj" for child in subject.children)
    one = finite.tag_ == "VBZ" or finite.lower_ in {"was", "is", "has", "does"}
    many = finite.tag_ == "VBP" or finite.lower_ in {"were", "are", "have", "do"}
    if subject.tag_ in {"NNS", "NNPS"} and not joined:
        return not one
    if subject.tag_ == "NN" and not joined:
        return not many or subject.lemma_.lower() in _COLLECTIVE
    return not (subject.tag_ in {"VBG", "VB", "VBN"} and subject.dep_ == "nsubjpass")
