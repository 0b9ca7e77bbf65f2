"""What one asks of a thing where nothing in particular is told of it: the first that fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from colloquia.core.types import QuestionKind
from colloquia.language.lexicon import word_set
from colloquia.language.reading.words import content_words, lowered, overlap
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    LIMITING,
    Phrased,
    ask,
    kept,
    made,
    put,
    subject_of,
    trimmed,
    worded,
)
from colloquia.offline.questions.verbs import QUANTIFIED, STATES, VAGUE
from colloquia.offline.questions.wholes import HANGING
from colloquia.offline.reading.antecedents import POINTING
from colloquia.offline.reading.clauses import Clause
from colloquia.offline.reading.openings import names_in, subject_name
from colloquia.offline.reading.senses import Sense, dated
from colloquia.offline.reading.statement import Statement

if TYPE_CHECKING:
    from spacy.tokens import Token

_Asks = Callable[[Statement, Clause, str], Phrased | None]

_LONGEST = 8  # words of what is asked after
_DULL = word_set("estimate consider regard rank rate say count record amount")
_LIMITS: tuple[Sense, ...] = ("condition", "exception", "reason", "contrast", "purpose")


def otherwise(statement: Statement) -> Iterator[Candidate]:
    """Yield the one question that asks after a statement's subject, if there is any."""
    clause = statement.main
    who = subject_of(statement, clause) if clause else None
    if clause is None or who is None or len(who.split()) > _LONGEST:
        return
    for family, kind, lead, asks in _FAMILIES:
        asked = asks(statement, clause, who) if clause.sound and not clause.negated else None
        if asked is not None:
            yield from made(kind, asked, statement, family=family, lead=lead)
            return


def about(statement: Statement, told: str, *, asked: bool) -> Iterator[Candidate]:
    """What about the oldest park?; not of what the opening told of.

    Where nothing else is asked of a statement, it may be about whom it names beside its subject.
    """
    name = _subject(statement, told)
    if name is None and not asked:
        people = names_in(statement, told, labels={"PERSON"})
        name = next((name for name in people if " " in name), None)
    if name is not None:
        yield from put(statement, "what", "about", f"what about {name}", f"more about {name}")


def _subject(statement: Statement, told: str) -> str | None:
    name, clause = subject_name(statement), statement.main
    head = clause.subject_head if clause else None
    if name is None or clause is None or not clause.sound or head is None:
        return None
    told_of = overlap(content_words(name), told) == 1
    vague = head.lemma_.lower() in VAGUE or POINTING & {*name.split()} or name.endswith(" two")
    plain = re.fullmatch(r"[a-z]+|the (?:first|second|third) [a-z]+", name)  # about systems?
    plain = plain or re.match(r"(?:this|these|those|such) ", clause.subject_text, re.I)
    return None if told_of or vague or plain or QUANTIFIED.match(name) else name


def _happened(statement: Statement, clause: Clause, who: str) -> Phrased | None:
    """What happened in 1916?"""
    times = [p for p in clause.of("time") if p.role == "adjunct" and dated(p.head)]
    when = trimmed(times[0]) if times else ""
    told = re.match(r"(?:in|on|between|from) .*(?:\d{4}|centur)", when, re.I)
    if not told or not clause.past or clause.orders or clause.verb.lemma_ in STATES | _DULL:
        return None
    return worded(f"what happened {lowered(when)}", "", who)


def _set_apart(statement: Statement, clause: Clause, who: str) -> Phrased | None:
    """What is channelling?, in which water breaks through: what commas set apart tells it."""
    told = re.match(r"[^,]+, (?:an? |(?:in|by|at) which )", clause.subject_text)
    asked = "who" if statement.person else "what"
    was = statement.person and clause.past
    be = ("were" if was else "are") if clause.plural else "was" if was else "is"
    return worded(f"{asked} {be} {who}", f"{asked} {who} {be}", who) if told else None


def _does(statement: Statement, clause: Clause, who: str) -> Phrased | None:
    """What must a client do?; What does a B cell do?; What did the Normans do in Italy?"""
    head, modal, lemma = clause.subject_head, clause.modal, clause.verb.lemma_
    still = {"be", "have", "come", "take"} if statement.person else STATES | {"take"}
    if head is None or clause.passive or clause.orders or lemma in still or QUANTIFIED.match(who):
        return None
    valued = any(c.tag_[:2] == "JJ" and c.text[-2:] not in {"ic", "al"} for c in head.lefts)
    acting = head.tag_ == "VBG" or re.search(r"^an? |ed$" if not modal else r"ed$", who)
    if valued or acting or any(p.text.lower() in LIMITING for p in clause.pieces):
        return None  # what does a healthy sensor do, what does sending a part again, a person?
    first = clause.subject[0] if clause.subject else 0
    early = [
        p for p in kept(clause)
        if p.end <= first and p.role == "adjunct" and (p.sense or not clause.past)
    ]  # fmt: skip
    opening = " ".join(lowered(trimmed(p)) for p in early)
    alone = head.tag_ != "NN" and " " not in who.removeprefix("the ") and not opening
    duty = modal in {"must", "should", "can"} or (modal == "may" and statement.person)
    if duty and not alone and clause.first("object"):
        asked = f"what {modal} {who} do {opening}", f"what {who} {modal} do {opening}"
        return worded(*asked, who)
    done = clause.of_role("object") or clause.of_role("attribute")
    known = alone or (not opening and re.match(r"the \S+$", who))
    acts = done and _a_thing(who, head) and _acts(head, statement, clause, opening)
    if clause.helpers or known or not acts:
        return None
    does = "did" if clause.past else "do" if clause.plural else "does"
    act = "mean" if lemma in {"warn", "point"} else "do"
    means = ("mean" if clause.plural else "means") if act == "mean" else does
    return worded(f"what {does} {who} {act} {opening}", f"what {who} {means} {opening}", who)


def _acts(head: Token, statement: Statement, clause: Clause, opening: str) -> bool:
    """Whether a subject is of a kind that does things."""
    place = head.ent_type_ in {"GPE", "LOC", "FAC"} or head.lemma_ in {"city", "country", "town"}
    if clause.past:  # only where it is asked of a place or a time; else it would be too vague
        return opening != "" and (statement.person or (head.pos_ == "PROPN" and not place))
    measured = r"(?:rate|level|amount|number|cycle|size|period|kind)s?$"
    return not place and not re.search(measured, head.lower_)


def _allowed(statement: Statement, clause: Clause, who: str) -> Phrased | None:
    """May data be sent both ways?: where nothing limits it."""
    inside = clause.doc[clause.verb.i : clause.end].text
    whole = not HANGING.search(inside) and len(clause.text.split()) < 17
    plain = clause.modal in {"can", "could", "may"} and whole and not clause.of(*_LIMITS)
    permits = clause.modal != "may" or clause.passive or statement.person
    rest = [p for p in clause.pieces if p.role != "adverb"]
    return ask(statement, clause, "", rest) if plain and permits else None


def _a_thing(who: str, head: Token) -> bool:
    vague = head.lemma_.lower() in VAGUE | {"reason"} or re.search(r",|\b(?:that|and)\b", who)
    return not vague and (head.pos_ in {"NOUN", "PROPN"} or head.tag_ == "VBG")


_FAMILIES: tuple[tuple[str, QuestionKind, str, _Asks], ...] = (
    ("happened then", "what", "", _happened),
    ("set apart", "definition", "", _set_apart),
    ("what does it do", "what", "", _does),
    ("allowed", "yes_no", "Yes.", _allowed),
)
