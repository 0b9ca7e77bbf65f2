"""Which subjects are people, by what they are called, and what a pronoun may stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.offline.reading.clauses import bare
from colloquia.offline.reading.finite import SUBJECTS

if TYPE_CHECKING:
    from spacy.tokens import Token

    from colloquia.offline.reading.clauses import Clause

_NOUNS = word_set(
    "man woman person people child son daughter wife husband brother sister parent mother father "
    "friend colleague widow cousin uncle nephew niece heir king queen emperor duke prince princess "
    "pope bishop monk noble lord knight scientist physicist chemist mathematician philosopher "
    "author poet artist architect historian scholar student pupil teacher professor president "
    "minister mayor governor senator chancellor politician general soldier sailor captain officer "
    "merchant clerk apprentice athlete citizen inhabitant resident settler colonist refugee exile "
    "member leader worker employee employer manager doctor physician surgeon nurse patient "
    "pharmacist lawyer judge musician composer singer actor actress painter diplomat designer "
    "pioneer founder pastor priest missionary pirate trader descendant peasant slave taxpayer "
    "individual spouse buyer seller tenant landlord applicant diplomat technician engineer driver "
    "signaller pilotman baker farmer fisher gardener beekeeper climber hiker skipper crew owner "
    "operator user inspector supervisor therapist theologian reformer adventurer astronomer "
    "biologist economist critic inventor explorer conqueror warrior raider mercenary victim guest "
    "visitor banker"
)
_MANY = frozenset({"NNS", "NNPS"})
_BESIDE = frozenset({"conj", "advcl", "ccomp"})  # clauses with as good a subject
_ENDINGS = ("ologist", "smith", "woman", "women", "sman", "smen", "monger", "ician", "wright")


def is_person(head: Token | None, clause: Clause | None, named: str | None) -> bool:
    """Whether a subject is a person or people; names count where their entity is a person's."""
    if head is None:
        return False
    if head.lower_ in {"he", "she", "who", "someone", "anyone", "everyone"}:
        return True
    if named is not None and named.split():
        return is_person_noun(named.split()[-1])
    if head.pos_ == "PROPN":
        told = any(c.dep_ == "appos" and is_person_noun(c.lemma_) for c in head.children)
        return told or (head.ent_type_ == "PERSON" and head.text[1:].islower())
    return is_person_noun(head.lemma_)


def pronoun_of(person: bool, plural: bool, text: str) -> str:
    """Return what stands for a subject; nothing where the text doesn't tell he from she."""
    if plural or not person:
        return "they" if plural else "it"
    he = re.search(r"\b(?:he|his|him)\b", text, re.I) is not None
    she = re.search(r"\b(?:she|her|hers)\b", text, re.I) is not None
    return "" if he == she else "he" if he else "she"


def is_person_noun(word: str) -> bool:
    """Whether a common noun names a person or people."""
    lower = word.lower()
    return lower in _NOUNS or lower.rstrip("s") in _NOUNS or lower.endswith(_ENDINGS)


def may_be(pronoun: Token, noun: Token) -> bool:
    """Whether a noun of the same sentence may be what a pronoun stands for."""
    if pronoun.lower_ in {"he", "she"}:
        return noun.ent_type_ == "PERSON" or is_person_noun(noun.lemma_)
    return noun.pos_ in {"NOUN", "PROPN"}


def has_rivals(named: Token) -> bool:
    """Whether a subject is another's (its tongue), or has a like one beside it."""
    owned = any(child.tag_ == "PRP$" for child in named.children)
    beside = (t for t in named.doc if t.dep_ in SUBJECTS and t.head.dep_ in _BESIDE)
    rivals = (t for t in beside if t.i != named.i and t.pos_ != "PRON")
    return owned or any((t.tag_ in _MANY) == (named.tag_ in _MANY) for t in rivals)


def handled(pronoun: Token, order: Clause) -> str | None:
    """Return what an order of the same sentence speaks of: wipe the teeth; they need not …."""
    thing = order.first("object") if order.doc is pronoun.doc else None
    many = pronoun.lower_ == "they"
    alike = thing is not None and (thing.head.tag_ == "NNS") == many
    return bare(thing.text) if thing and alike and pronoun.lower_ in {"it", "they"} else None
