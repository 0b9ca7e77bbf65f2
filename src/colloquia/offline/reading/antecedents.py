"""What a pronoun stands for: the subject before it, where nothing else may be meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.words import same_word
from colloquia.offline.reading.people import another_may_be_meant, handled, has_rivals

if TYPE_CHECKING:
    from spacy.tokens import Token

    from colloquia.offline.reading.statement import Statement

#: Words that point at something said before.
POINTING = word_set(
    "it they he she this these those such its their his her them him itself themselves one "
    "ones former latter same other others another both either neither each rest we our us i my "
    "you your here there so then thus"
)
_PERSONAL = frozenset({"it", "they", "he", "she", "its", "their", "his"})


def antecedent(pronoun: Token, before: Sequence[Statement]) -> str | None:
    """Return the subject that a pronoun stands for, where person and number leave no doubt."""
    last = before[-1] if before else None
    if last is not None and last.clauses and last.clauses[-1].orders:
        return handled(pronoun, last.clauses[-1])
    if last is None or last.main is None or not last.subject or pronoun.lower_ not in _PERSONAL:
        return None
    words, beside = last.subject.split(), pronoun.doc if pronoun.doc is not last.main.doc else ()
    if {*last.subject.lower().split()} & POINTING or len(words) > 9:
        return None
    if any(token.text == words[-1] for token in beside):
        return None  # she was ill; years later she told Lee
    named = last.main.subject_head
    if named is None or has_rivals(named):
        return None
    number, person = pronoun.lower_ in {"they", "their"}, pronoun.lower_ in {"he", "she", "his"}
    somebody = last.person or (
        person and named.tag_ == "NNP" and named.ent_type_ in {"PERSON", "", "ORG"}
    )
    fits = last.plural == number and (number or somebody == person)
    thing = last.main.first("object")
    other = thing and thing.head.tag_ in ({"NNS"} if number else {"NN"})
    if not fits or (other and pronoun.dep_ == "nsubjpass" and not last.person):
        return None  # an office approved a drug: it must not be given to children
    if not number and _is_doubtful(pronoun, named, last, before):
        return None
    apart = any(c.dep_ == "appos" for c in named.children)
    return last.subject.split(",")[0] if apart else last.subject


def _is_doubtful(
    pronoun: Token, named: Token, last: Statement, before: Sequence[Statement]
) -> bool:
    """Whether another person, or the thing that all of it is about, may be meant as well."""
    if pronoun.lower_ in {"he", "she", "his"}:
        quotes = [statement.quote for statement in before if statement.subject == last.subject]
        docs = [statement.main.doc for statement in before if statement.main]
        return another_may_be_meant(pronoun, named, last.subject, quotes, docs)
    first = before[0]
    about = first.subject and first.sentence < last.sentence and not (first.plural or first.person)
    return (
        bool(about)
        and first.subject != last.subject
        and not same_word(last.subject.split()[-1], first.subject.split()[-1])
    )
