"""Which subjects are people, by what they are called, and what a pronoun may stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.offline.reading.clauses import bare
from colloquia.offline.reading.finite import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spacy.tokens import Doc, Token

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
_HE = word_set(
    "he man husband brother son father grandfather king emperor duke prince pope lord knight "
    "monk uncle nephew widower baron count earl mr mr. sir"
)
_SHE = word_set(
    "she woman wife sister daughter mother grandmother queen empress duchess princess "
    "lady nun aunt niece widow actress abbess baroness countess mrs mrs. ms ms. miss dame"
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


def another_may_be_meant(
    pronoun: Token, named: Token, called: str, quotes: Iterable[str], docs: Sequence[Doc]
) -> bool:
    """Whether he or she may be somebody else than a sentence's subject, as far as the text tells.

    Args:
        pronoun: he, she, his.
        named: the word that heads the subject before.
        called: that subject.
        quotes: what was said of it.
        docs: the sentences so far.
    """
    wanted, other = (_SHE, _HE) if pronoun.lower_ == "she" else (_HE, _SHE)
    name = {*re.findall(r"\w+", called.lower())}
    told = name | {c.lower_ for c in named.children if c.dep_ == "appos"}
    told |= {"he", "she"} & {word for quote in quotes for word in quote.lower().split()}
    before = [token for doc in docs for token in doc] + [*pronoun.doc[: pronoun.i]]
    rivals = [
        {t.lower_ for t in (token, *token.children, token.head)}
        for token in before
        if _is_somebody(token) and token.lower_ not in name
    ]
    if told & wanted:
        return any(words & wanted for words in rivals)
    return bool(told & other) or any(not words & other for words in rivals)


def _is_somebody(token: Token) -> bool:
    if token.pos_ == "PROPN" and token.dep_ != "compound":
        bare_name = token.dep_ in SUBJECTS and all(c.dep_ != "det" for c in token.children)
        return token.ent_type_ == "PERSON" or (bare_name and token.ent_type_ in {"", "ORG"})
    told = {c.lower_ for c in token.children if c.dep_ in {"det", "poss"}} - {"a", "an"}
    meant = token.dep_ not in {"attr", "appos", "oprd"} and bool(told)  # his brother, the king
    return meant and token.tag_ == "NN" and token.lemma_ in _NOUNS


def handled(pronoun: Token, order: Clause) -> str | None:
    """Return what an order of the same sentence speaks of: wipe the teeth; they need not …."""
    thing = order.first("object") if order.doc is pronoun.doc else None
    many = pronoun.lower_ == "they"
    alike = thing is not None and (thing.head.tag_ == "NNS") == many
    return bare(thing.text) if thing and alike and pronoun.lower_ in {"it", "they"} else None
