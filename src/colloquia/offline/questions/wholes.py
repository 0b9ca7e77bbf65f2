"""What one asks of a clause as a whole: what it defines, who does it, whether and when it is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import content_words, lowered, overlap
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    Phrased,
    ask,
    ask_subject,
    kept,
    made,
    put,
    subject_of,
    tidy,
    trimmed,
    worded,
)
from colloquia.offline.questions.verbs import (
    BOUNDS,
    CAUSING,
    MAKING,
    QUANTIFIED,
    STATES,
    VAGUE,
    count_of,
    measure_of,
)
from colloquia.offline.reading.antecedents import POINTING
from colloquia.offline.reading.clauses import DISCOURSE, Clause, Piece, bare
from colloquia.offline.reading.people import is_person, is_person_noun
from colloquia.offline.reading.senses import UNITS
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import subject_under

if TYPE_CHECKING:
    from spacy.tokens import Token

_GENUS = word_set(
    "distance number proportion ratio amount process practice study measure sum quantity"
)
_DECREES = word_set("charter act treaty decree law vote order edict will member")
_DUTIES = frozenset({"must", "should", "may", "shall"})
_NO_DEED = word_set("follow accompany inform notify tell")
_EVENTS = word_set("keep remain stay get receive begin start reach lose make see")
#: What makes a plain yes or no half the truth.
HANGING = re.compile(
    r"\b(?:until|rather|only|but|all|every|necessarily|yet|nor|if|unless|when|where|once|except|"
    r"mainly|at most|up to|provided)\b"
)


def wholes(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions on one clause as a whole."""
    if clause.copular and not clause.helpers and not clause.negated:
        yield from _definition(statement, clause)
        yield from _the_one(statement, clause)
        yield from _value(statement, clause)
    if not clause.negated and not clause.orders:
        yield from _doer(statement, clause)
        yield from _counted(statement, clause)
        yield from _always(statement, clause)
    yield from _what_then(statement, clause)
    yield from _way_to(statement, clause)
    yield from _denied(statement, clause)


def _definition(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Who was Sawa?; What is field capacity?"""
    said, who, subject = (
        clause.first("attribute"),
        subject_of(statement, clause),
        clause.subject_head,
    )
    if said is None or who is None or subject is None or said.start < clause.verb.i:
        return
    head, size = said.head, said.end - said.start
    if head.dep_ != "attr" or subject.lemma_.lower() in VAGUE - {"example"}:
        return
    first = clause.doc[said.start].lower_
    named = subject.pos_ == "PROPN" and (subject.i > 0 or bool(subject.ent_type_))
    human = is_person_noun(head.lemma_) and named
    genus = not human and head.lemma_.lower() in _GENUS
    tells = genus or head.lemma_.lower() not in VAGUE or clause.doc[head.i + 1].lower_ == "of"
    alone = len(who.split()) == 1 and not named and size < 6
    lone = alone or any(p is not said and p.start < said.start for p in clause.pieces)
    defined = any(c.dep_ in {"relcl", "acl"} for c in head.children) and not named
    apt = first in {"a", "an"} or (first == "the" and (human or genus or defined))
    known = re.fullmatch(r"the \w+", who) or subject.ent_type_ in {"GPE", "LOC"}
    odd = QUANTIFIED.match(who) or re.search(r",| (?:that|which|who) ", who)
    turned = first == "the" and re.match(r"an? ", who)  # what is a fault?, the belief that …
    if apt and tells and not (lone or known or odd or turned or clause is not statement.main):
        asked = ask(statement, clause, "who" if human else "what", [])
        yield from made("definition", asked, statement, family="what is")


def _the_one(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What was the purpose of the network?; Who was the first president of Chile?"""
    said, head, be = clause.first("attribute"), clause.subject_head, clause.verb
    if head is None or said is None or said.start < be.i or said.head.dep_ == "acomp":
        return
    first = clause.subject[0] if clause.subject else be.i
    fronted = (p for p in clause.pieces if p.start < first and p.sense is None)
    if any(p.text.lower() != "by far" for p in fronted):
        return
    if said.head.lemma_ in {"result", "matter"} or re.match(r"what\b|one of ", said.text):
        return
    if _unique(statement.subject if clause is statement.main else clause.subject_text, head):
        rest = [p for p in kept(clause, said) if p.start > be.i and p.role == "adjunct"]
        human = said.head.ent_type_ == "PERSON" or statement.person
        if not re.match(r"[\d$€£]", said.text):
            asked = ask(statement, clause, "who" if human else "what", rest)
            yield from made("what", asked, statement, family="what is the")
        return
    fits = said.head.dep_ == "attr" and (said.head.tag_[-1:] == "S") == clause.plural
    if fits and _unique(trimmed(said), said.head) and head.pos_ != "PRON":
        wh: Literal["who", "what"] = "who" if is_person_noun(said.head.lemma_) else "what"
        yield from put(statement, wh, "what is the", f"{wh} {be.lower_} {trimmed(said)}")


def _unique(phrase: str, head: Token) -> bool:
    """Whether a phrase tells of which one thing it speaks: the largest city of Poland."""
    words = phrase.split()
    vague = head.lemma_.lower() in VAGUE | {"time", "home"} or head.pos_ not in {"NOUN", "PROPN"}
    if vague or not 3 <= len(words) <= 14:
        return False
    whose = re.match(r"[\w.-]+(?: [A-Z][\w.-]+)*['’]s? ", phrase) and len(words) < 7
    most = re.search(r"\b(?:main|only|first|largest|most|primary|\w+est)\b", phrase)
    told = re.search(rf"{re.escape(head.text)} (?:of|for|in|between|to|behind) ", phrase)
    the = phrase.lower().startswith("the ") and (told or (most and most.group() != words[-1]))
    return bool((the or whose) and not re.search(r",|\b(?:that|which|who|and|or|other)\b", phrase))


def _value(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is the rate?: a copula between a name and a bare figure."""
    said, who = clause.first("attribute"), subject_of(statement, clause)
    if said is None or said.start < clause.verb.i or who is None:
        return
    value = re.sub(rf"^{BOUNDS}\s+", "", trimmed(said), flags=re.I)
    rest = [p for p in kept(clause, said) if p.role != "adverb"]
    told = who.lower().startswith("the ") and (rest or len(who.split()) > 2)
    if told and re.match(r"[\d$€£]", value) and len(value.split()) < 9:
        timed = any(t.lemma_.lower() in UNITS for t in clause.doc[said.start : said.end])
        asked = ask(statement, clause, "how long" if timed else "what", rest)
        yield from made("how_many", asked, statement, family="what value")


def _doer(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Who built the fort?; What causes ringing?; Who commissioned the work?, of a passive too."""
    agent, said, subject = clause.first("agent"), clause.first("object"), clause.subject_head
    doer = next((c for c in agent.head.children if c.dep_ == "pobj"), None) if agent else subject
    if doer is None or clause.copular or doer.pos_ not in {"NOUN", "PROPN"}:
        return
    lemma, phrase = clause.verb.lemma_, agent.text.removeprefix("by ") if agent else ""
    if doer.lemma_.lower() in _DECREES or (doer.ent_type_ == "GPE" and not clause.past):
        return
    replaced = lemma in {"replace", "supersede"} and doer.ent_type_ != "PERSON"
    who = somebody(doer, clause) and not replaced
    causes = lemma in CAUSING and not who and doer.tag_ not in {"NNS", "CD"}
    deed = who and lemma in MAKING and clause.past and not clause.helpers
    wh: Literal["who", "what"] = "who" if who else "what"
    counted = any(c.like_num or c.lower_ == "its" for c in doer.children)  # reduced by one orel
    counted = (counted and not who) or (clause.past and lemma not in MAKING | CAUSING)
    if counted or QUANTIFIED.match(phrase or clause.subject_text) or lemma in _NO_DEED:
        return
    if agent is not None:
        yield from made(
            wh, _activated(statement, clause, agent, wh), statement, family=f"{wh} does"
        )
    elif (causes or deed) and said is not None and not clause.modal and not clause.passive:
        definite = re.match(r"the |[A-Z]", said.text) or causes
        if definite and said.head.pos_ != "PRON" and "," not in said.text:
            told = "time", None if causes else "time"
            rest = [p for p in kept(clause, said) if p.sense in told and p.role == "adjunct"]
            asked = ask_subject(clause, wh, [said, *rest])
            yield from made(wh, asked, statement, family=f"{wh} does")


def somebody(head: Token, clause: Clause) -> bool:
    """Whether a subject is one who does things: a person, a people, a council."""
    named = head.pos_ == "PROPN" and head.ent_type_ in {"PERSON", "ORG", "NORP", "GPE"}
    group = re.fullmatch(r"(?:army|government|parliament|troop|force|company|council)", head.lemma_)
    return named or bool(group) or is_person(head, clause, None)


def _activated(statement: Statement, clause: Clause, agent: Piece, wh: str) -> Phrased | None:
    """Turn a passive round, so that its doer can be asked for."""
    finite, verb, whom = clause.helpers[0], clause.verb, subject_of(statement, clause)
    if whom is None or len(clause.helpers) > 1 or not clause.passive or not clause.sound:
        return None
    did = inflect(verb.lemma_, "VBD" if finite.tag_ == "VBD" else "VBZ")
    rest = [p for p in kept(clause, agent) if p.start > verb.i and p.role != "adverb"]
    words = tidy([wh, did, whom, *map(trimmed, rest)])
    return None if " by " in words else worded(words, "", whom)


def _counted(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """How many hours of rest must follow?; What depth is healthy?; How many moons are there?"""
    head, said = clause.subject_head, clause.first("attribute")
    if head is None:
        return
    if head.dep_ == "expl":
        noun, be = count_of(said.head) if said and clause.copular else None, clause.verb.lower_
        if noun:
            words = (f"how many {noun} {be} there", f"how many {noun} there {be}")
            yield from put(statement, "how_many", "how many", *words)
        return
    noun, measure = count_of(head), measure_of(head)
    rest = [
        p for p in kept(clause)
        if p.sense == "time" or not any(t.like_num for t in clause.doc[p.start : p.end])
    ]  # fmt: skip
    if noun and not clause.copular:
        asked = ask_subject(clause, f"how many {noun}", rest)
        yield from made("how_many", asked, statement, family="how many")
    elif measure and not clause.of("contrast"):
        asked = ask_subject(clause, f"what {measure}", kept(clause))
        yield from made("how_many", asked, statement, family="what measure")


def _always(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Must hours always …? Not always: …, unless …."""
    if clause.of("exception"):
        rest = [p for p in kept(clause) if p.role != "adverb"]
        asked = ask(statement, clause, "", rest, adverb="always")
        before = re.split(r",? (?:unless|except)\b", clause.text)[0]
        told = [word for word in content_words(bare(before)) if word.lower() not in DISCOURSE]
        if asked and overlap(told, asked.direct) < 1:
            return  # what was left out may be what the exception is about
        yield from made("yes_no", asked, statement, family="always", lead="Not always.")


def _denied(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Ask whether it is so where the snippet says that it isn't, with all that limits it."""
    head = clause.subject_head
    if not clause.negated or clause.orders or clause.of("condition"):
        return
    before = {t.lower_ for t in clause.doc[clause.start : clause.verb.i]}
    denied = before & {"never", "neither", "nor", "no"} or HANGING.search(clause.text)
    if head is None or head.pos_ == "VERB" or denied:
        return  # Is having right of way a licence to hit anyone?
    rest = [p for p in clause.pieces if p.sense not in {"reason", "contrast", "purpose"}]
    listed = "," in clause.doc[clause.verb.i : max([p.end for p in rest], default=0)].text
    if listed or any(trimmed(p) != bare(p.text) for p in rest):
        return
    modal = {"must": "may", "need": "must"}.get(clause.modal, "")
    asked = ask(statement, clause, "", rest, negated=False, modal=modal)
    yield from made("yes_no", asked, statement, family="negated", lead="No.")


def _what_then(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What happens when the line is blocked?; What must a client do when the lease expires?"""
    first = clause.subject[0] if clause.subject else clause.verb.i
    for piece in clause.of("condition", "time"):
        clausal = piece.role == "clause"
        event = re.match(
            r"(?:before|after|during|in the first|in the last) (?!some)", piece.text, re.I
        )
        if piece.start < first and (_stands(piece) if clausal else event):
            opening = lowered(trimmed(piece))
            question, aim = _then_words(statement, clause, opening)
            family = " ".join([*question.split()[1:2], *opening.split()[:1]])
            yield from put(statement, "what", family, question, aim)


def _then_words(statement: Statement, clause: Clause, opening: str) -> tuple[str, str]:
    modal, no, who = clause.modal, " not" if clause.negated else "", subject_of(statement, clause)
    if clause.orders:
        return f"what should you do {opening}", f"what to do {opening}"
    if clause.copular or clause.verb.lemma_ in STATES - _EVENTS:
        return "", ""
    if modal in _DUTIES and clause.passive:
        return f"what {modal}{no} be done {opening}", ""
    if who and (modal in {"must", "should"} or (modal in _DUTIES and statement.person)):
        return f"what {modal} {who}{no} do {opening}", f"what {who} {modal}{no} do {opening}"
    happens = "may happen" if modal in {"may", "can"} else "happened" if clause.past else "happens"
    return f"what {happens} {opening}", ""


def _stands(piece: Piece) -> bool:
    """Whether a clause of its own has a subject, and names what it speaks of."""
    words = [t.lower_ for t in piece.head.doc[piece.start : piece.end]]
    if piece.head.tag_ == "VBG":
        return not set(words) & POINTING
    subject = subject_under(piece.head)
    named = subject is not None and subject.tag_ not in {"PRP", "DT"}
    return bool(subject and named and not set(words[: words.index(subject.lower_)]) & POINTING)


def _way_to(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """How do you clear the blockage?; What must the taxpayer do to appeal?"""
    first = clause.subject[0] if clause.subject else clause.verb.i
    for piece in clause.of("purpose"):
        found = re.match(r"(?:in order )?to (.+)", trimmed(piece), re.I)
        if piece.start >= first or found is None or set(found[1].lower().split()) & POINTING:
            continue
        goal, who, modal = found[1], subject_of(statement, clause), clause.modal
        if clause.orders:
            words = f"how do you {goal}", f"how to {goal}"
        elif who and modal in {"must", "should"} and not clause.passive:
            words = f"what {modal} {who} do to {goal}", f"what {who} {modal} do to {goal}"
        else:
            words = f"what does it take to {goal}", f"what it takes to {goal}"
        yield from put(statement, "how", "how to", *words)
