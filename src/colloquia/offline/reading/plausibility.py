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
_NOUNS_ONLY = frozenset({"dobj", "pobj", "nsubj", "nsubjpass", "compound", "appos", "xcomp"})
_COLLECTIVE = word_set(
    "police majority minority number group family crew team staff rest half most lot pair variety "
    "range people data media"
)


def plausible(
    verb: Token, subject: Token | None, helpers: tuple[Token, ...], *, beside: set[int]
) -> bool:
    """Whether the parse is one that a clause can have; `beside` are tokens of clauses beside it."""
    before = verb.nbor(-1) if verb.i else None
    own, past = subject is not None and subject.head == verb, inflect(verb.lemma_, "VBD")
    participle = inflect(verb.lemma_, "VBN") == verb.lower_ or verb.lower_.endswith("ed")
    alone = before is None or before.pos_ in {"PUNCT", "CCONJ", "ADV", "PART", "SCONJ"}
    ties = {t.lower_ for t in verb.doc[verb.head.i : verb.i]}
    joined = verb.dep_ == "conj"
    shares = joined and not helpers and not own
    lone_past = past == verb.lower_ and verb.dep_ == "ROOT" and own
    commas = sum(t.text == "," for t in verb.doc[subject.i if subject and own else 0 : verb.i])
    wrong = (
        any(helper.lemma_.lower() not in _HELPERS for helper in helpers),
        verb.tag_ == "VB" and not helpers and subject is None and not alone,
        joined and not ties & {"and", "or", "but", "then", ";"},
        verb.tag_ in {"VBN", "VBG"} and not helpers and not (verb.tag_ == "VBN" and lone_past),
        helpers and helpers[-1].lemma_ in {"be", "have"} and verb.tag_ in {"VBD", "VBN"}
        and not participle,
        not helpers and not shares and verb.lower_.endswith("ed") and commas < 2
        and re.search(r",(?: also)? $", verb.doc[: verb.i].text_with_ws),  # X, written …
        verb.tag_ in {"VBD", "VBZ", "VBP"} and verb.pos_ == "VERB"
        and "VERB" not in lemmas(verb.lower_),
        shares and verb.tag_ == "VBD" and verb.head.tag_ in {"VBZ", "VBP"},  # a rarely used unit
        any(
            t.tag_ == "VBZ" and t.dep_ in _NOUNS_ONLY
            and any(c.dep_ in {"dobj", "prep", "attr", "acomp"} for c in t.children)
            for t in verb.subtree if t.i not in beside
        ),  # a culture kept at 30 °C favours acid
    )  # fmt: skip
    return not any(wrong) and _agrees(verb, subject, helpers)


def _agrees(verb: Token, subject: Token | None, helpers: tuple[Token, ...]) -> bool:
    """Whether subject and finite verb agree in number, as far as the tags tell."""
    finite = helpers[0] if helpers else verb
    if subject is None or subject.dep_ not in {"nsubj", "nsubjpass"}:
        return True
    joined = any(child.dep_ == "conj" for child in subject.children)
    one = finite.tag_ == "VBZ" or finite.lower_ in {"was", "is", "has", "does"}
    many = finite.tag_ == "VBP" or finite.lower_ in {"were", "are", "have", "do"}
    if subject.tag_ in {"NNS", "NNPS"} and not joined:
        return not one or any(c.dep_ == "nummod" for c in subject.children)  # 5 inches is typical
    if subject.tag_ == "NN" and not joined:
        return not many or subject.lemma_.lower() in _COLLECTIVE
    return not (subject.tag_ in {"VBG", "VB", "VBN"} and subject.dep_ == "nsubjpass")
