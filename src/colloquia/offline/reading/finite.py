"""A verb with its subject and its auxiliaries, and whether the three can belong together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from colloquia.language.asking.grammar_faults import COLLECTIVE
from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect, lemmas

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_HELPERS = word_set(
    "be have do can could may might must shall should will would need ought ca wo sha dare"
)
_NOUNS_ONLY = frozenset({"dobj", "pobj", "nsubj", "nsubjpass", "compound", "appos", "xcomp"})
_OF_VERBS = frozenset({"dobj", "prep", "attr", "acomp"})
_JOINING = frozenset("-–'’′″/")
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass", "expl"})


def plausible(verb: Token, helpers: tuple[Token, ...], beside: set[int]) -> bool:
    """Whether the parse is one that a clause can have; the small model takes participles amiss.

    Args:
        verb: the clause's.
        helpers: its auxiliaries.
        beside: the tokens under it that belong to other clauses.
    """
    before = verb.nbor(-1) if verb.i else None
    own, past = subject_of(verb), inflect(verb.lemma_, "VBD") == verb.lower_
    participle = inflect(verb.lemma_, "VBN") == verb.lower_ or verb.lower_.endswith("ed")
    alone = before is None or before.pos_ in {"PUNCT", "CCONJ", "ADV", "PART", "SCONJ"}
    ties = {t.lower_ for t in verb.doc[verb.head.i : verb.i]}
    joined = verb.dep_ == "conj"
    shares = joined and not helpers and not has_subject(verb)
    lone_past = past and verb.dep_ == "ROOT" and own is not None and own.head is verb
    after = own.i if own is not None and own.head is verb else 0
    commas = sum(t.text == "," for t in verb.doc[after : verb.i])
    wrong = (
        any(helper.lemma_.lower() not in _HELPERS for helper in helpers),
        verb.tag_ == "VB" and not helpers and own is None and not alone,
        joined and not ties & {"and", "or", "but", "then", ";"},
        verb.tag_ in {"VBN", "VBG"} and not helpers and not (verb.tag_ == "VBN" and lone_past),
        helpers and helpers[-1].lemma_ in {"be", "have"} and verb.tag_ in {"VBD", "VBN"}
        and not participle,
        not helpers and not shares and verb.lower_.endswith("ed") and commas < 2
        and re.search(r",(?: also)? $", verb.doc[: verb.i].text_with_ws),  # X, written …
        verb.tag_ in {"VB", "VBD", "VBZ", "VBP"} and verb.pos_ == "VERB"
        and "VERB" not in lemmas(verb.lower_),
        shares and verb.tag_ == "VBD" and verb.head.tag_ in {"VBZ", "VBP"},  # a rarely used unit
        joined and not has_subject(verb) and _led_by_a_noun(verb),
        any(_a_verb_in_a_nouns_place(t) for t in verb.subtree if t.i not in beside),
    )  # fmt: skip
    return not any(wrong) and _agrees(verb, helpers)


def _agrees(verb: Token, helpers: tuple[Token, ...]) -> bool:
    """Whether subject and finite verb agree in number, as far as the tags tell."""
    subject = subject_of(verb)
    finite = helpers[0] if helpers else verb
    if finite.lower_ == "am":
        return subject is not None and subject.lower_ == "i"  # the Theater am Gänsemarkt
    if subject is None or subject.dep_ not in {"nsubj", "nsubjpass"}:
        return True
    joined = any(child.dep_ == "conj" for child in subject.children)
    one = finite.tag_ == "VBZ" or finite.lower_ in {"was", "is", "has", "does"}
    many = finite.tag_ == "VBP" or finite.lower_ in {"were", "are", "have", "do"}
    if subject.tag_ in {"NNS", "NNPS"} and not joined:
        return not one or any(c.dep_ == "nummod" for c in subject.children)  # 5 inches is typical
    if subject.tag_ == "NN" and not joined:
        return not many or subject.lemma_.lower() in COLLECTIVE
    return not (subject.tag_ in {"VBG", "VB", "VBN"} and subject.dep_ == "nsubjpass")


def _led_by_a_noun(verb: Token) -> bool:
    """Whether a joined verb is another subject's: it has parts, and *forces on them* affect it."""
    first = next((c for c in verb.children if c.dep_ in {"aux", "auxpass"}), verb)
    before = first.nbor(-1)
    return before.pos_ in {"NOUN", "PROPN"} and not verb.is_ancestor(before)


def _a_verb_in_a_nouns_place(token: Token) -> bool:
    """Whether the parse is off: a culture kept at 30 °C *favours* acid, as what is kept."""
    governs = any(child.dep_ in _OF_VERBS for child in token.children)
    return token.tag_ == "VBZ" and token.dep_ in _NOUNS_ONLY and governs


def has_subject(verb: Token) -> bool:
    """Whether a verb has a subject of its own."""
    return any(child.dep_ in SUBJECTS for child in verb.children)


def subject_of(verb: Token) -> Token | None:
    """Return the word that heads a verb's subject, shared with another verb or its own."""
    own = next((child for child in verb.children if child.dep_ in SUBJECTS), None)
    if own is not None or verb.dep_ != "conj" or (verb.tag_ == "VB" and _orders(verb.head)):
        return own
    return subject_of(verb.head)


def _orders(verb: Token) -> bool:
    return verb.tag_ == "VB" and not any(c.dep_ in {"aux", *SUBJECTS} for c in verb.children)


def helpers_of(verb: Token) -> tuple[Token, ...]:
    """Return a verb's auxiliaries in order, shared ones included."""
    own = [
        child for child in verb.children if child.dep_ in {"aux", "auxpass"} and child.i < verb.i
    ]
    if not own and verb.dep_ == "conj" and not has_subject(verb):
        shared = helpers_of(verb.head)
        if verb.tag_ == "VB":
            return tuple(helper for helper in shared if helper.tag_ == "MD")
        if verb.tag_ in {"VBN", "VBG"} or (verb.tag_ == "VBD" and verb.head.tag_ == "VBN"):
            return shared
    if own and own[0].lower_ == "to":
        return ()
    joined = verb.dep_ == "conj" and own and own[0].tag_ == "MD"
    if verb.tag_ == "VBN" and joined and own[-1].lemma_ != "be":
        return (*own, *[h for h in helpers_of(verb.head) if h.lemma_ == "be"])
    return tuple(own)


def cuts_a_word(doc: Doc, *ends: int) -> bool:
    """Whether a part begins or ends within what is written as one: ORRN-CH-22, 10', 8 m × 3 m."""
    return any(
        "×" in {doc[at - 1].text, doc[at].text}
        or (
            not doc[at - 1].whitespace_
            and {doc[at - 1].text[-1], doc[at].text[0]} & _JOINING
            and re.search(r"\d", doc[at - 1 : at + 2].text)
        )
        for at in {*ends} - {0, len(doc)}
    )
