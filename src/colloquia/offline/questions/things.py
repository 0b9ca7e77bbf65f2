"""What, who, where, when and how: a question for each part of a clause that can be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import inflect
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    Phrased,
    ask,
    ask_subject,
    kept,
    made,
    put,
    sound,
    subject_of,
    tidy,
    trimmed,
)
from colloquia.offline.reading.clauses import Clause, Piece
from colloquia.offline.reading.people import is_person, is_person_noun
from colloquia.offline.reading.senses import PLACES, UNITS, dated
from colloquia.offline.reading.study import Statement, capital

if TYPE_CHECKING:
    from spacy.tokens import Token

#: What one asks the cause of.
_CAUSING = word_set(
    "cause prevent damage affect determine trigger weaken limit protect power drive control "
    "influence inspire"
)
#: What one asks what it is that somebody or something …
_ASKED_WHAT = word_set(
    "mean show suggest indicate require ensure imply demonstrate prove equal say state claim argue "
    "believe propose describe explain cover measure use need cause produce provide offer develop "
    "invent discover design establish create contain include study teach demand recommend observe "
    "conclude find control affect determine support represent reveal consider comprise "
    "realize realise assert assume predict emphasize emphasise favour favor improve involve "
    "report"
)
#: What one asks who did it.
_DEEDS = word_set(
    "invent discover found design write paint compose coin commission build establish create lead "
    "rule govern defeat conquer capture destroy attack kill introduce propose develop publish sign "
    "open organise organize direct fund sponsor finance grant ban order burn occupy invade form "
    "describe formulate prove sell buy win begin start launch oppose support erect install command "
    "abolish execute assassinate settle rebuild restore translate patent demonstrate pass adopt "
    "besiege plunder issue donate head own run succeed overthrow construct name"
)
_DECREES = word_set("charter act treaty decree law vote order edict will member")
#: Where these are is worth asking.
_PLACED = word_set(
    "bear live die settle lie locate situate bury build find stand sit meet hold keep store house "
    "place educate base open headquarter study display occur happen land arrive move teach "
    "establish found publish sign marry work serve construct erect begin originate develop"
)
_MOVING = word_set(
    "move go flee migrate emigrate relocate travel return retreat spread export send deport come "
    "arrive originate escape flock resettle sail march extend flow run transfer ship exile"
)
#: Verbs and adjectives with the preposition that they govern: one asks what it goes with.
_GOVERNED = re.compile(
    r"(?:use|know|suit|intend|reserve|responsible|famous|notable|available|suitable|name|call|"
    r"ready|essential|important|necessary|account|search|look|allow|pay|valid|stand)[de]* for|"
    r"(?:use|serve|act|function|regard|consider|define|describe|view|classify|treat|interpret|"
    r"denote|begin|start|refer)\w* as|(?:base|depend|focus|rely|act|listen|feed|concentrate)\w* on|"
    r"(?:make|compose|consist|die|capable|full|form)\w* of|(?:name) after|"
    r"(?:divide|convert|develop|turn|evolve|group|organi[sz]e|transform|split|classify|separate|"
    r"change|merge|transform)\w* into|"
    r"(?:result|specialize|specialise|interest|participate|involve|engage|store|keep|measure"
    r"|express)\w* in|"
    r"(?:derive|descend|differ|suffer|separate|arise|come|form|protect|exempt|different|distinct|"
    r"result|obtain|learn|made|develop)\w* from|"
    r"(?:deal|compare|react|associate|equip|cover|fill|concern|compete|interact|replace|provide|"
    r"supply|treat|contaminate)\w* with|"
    r"(?:lead|refer|belong|relate|apply|correspond|respond|contribute|connect|dedicate|limit|"
    r"attach|subject|prone|sensitive|resistant|similar|equivalent|rename|due|point|set|compare"
    r"|attribute|reduce|restrict|confine|expose|amount|equal|susceptible|vulnerable|react"
    r"|proportional)\w* to|"
    r"(?:protect|effective|defend|fight|discriminate|insure)\w* against", re.I,
)  # fmt: skip
_DRY = word_set(
    "able unable likely unlikely due possible impossible sure certain available necessary aware "
    "unavailable subject equal worth true same different similar such responsible present needed"
)
VAGUE = word_set(
    "thing way part one number kind type case result "
    "form figure it fact example use other rest lot "
    "site member source most many aspect feature sign instance variety range version"
)  # fmt: skip
_WHOM = frozenset({"to", "with", "against", "for", "from"})
_GENUS = word_set("distance number proportion ratio amount process practice study measure sum")
_OPEN_ENDED = frozenset({"until", "from", "since", "by", "for", "as"})
_SOME = r"many|some|several|most|few|various|two|three|four|five|six|seven|eight|nine|ten|fifty|\d+"
QUANTIFIED = re.compile(r"(?:no|any|every|each|all|both|none|many|most|some|several|few)\b", re.I)


def things(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions on one clause's parts."""
    yield from _definition(statement, clause)
    yield from _the_one(statement, clause)
    yield from _who(statement, clause)
    yield from _called(statement, clause)
    if clause.negated or clause.orders:
        return
    yield from _which(statement, clause)
    yield from _role(statement, clause)
    for piece in clause.pieces:
        yield from _object(statement, clause, piece)
        yield from _governed(statement, clause, piece)
        yield from _where(statement, clause, piece)
        yield from _whom(statement, clause, piece)
        yield from _when(statement, clause, piece)
        yield from _how(statement, clause, piece)


def _definition(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Who was Sawa?; What is field capacity?; What is a stable patina like?"""
    said = clause.first("attribute")
    if not clause.copular or clause.helpers or clause.negated or said is None:
        return
    who, verb = subject_of(statement, clause), clause.verb
    if who is None or said.start < verb.i or re.search(r",| (?:that|which|who) ", who):
        return
    head, subject = said.head, clause.subject_head
    if head.dep_ != "attr" or subject is None or subject.lemma_.lower() in VAGUE - {"example"}:
        return
    first, size = clause.doc[said.start].lower_, said.end - said.start
    human = is_person_noun(head.lemma_) and subject.pos_ == "PROPN"
    genus = not human and head.lemma_.lower() in _GENUS
    tells = genus or head.lemma_.lower() not in VAGUE or clause.doc[head.i + 1].lower_ == "of"
    alone = len(who.split()) == 1 and subject.pos_ != "PROPN" and size < 6
    lone = alone or any(p is not said and p.start < said.start for p in clause.pieces)
    defined = any(c.dep_ in {"relcl", "acl"} for c in head.children) and subject.pos_ != "PROPN"
    apt = first in {"a", "an"} or (first == "the" and (human or genus or defined))
    known = re.fullmatch(r"the \w+", who) or subject.ent_type_ in {"GPE", "LOC"}
    if apt and tells and not lone and not known and not QUANTIFIED.match(who):
        asked = ask(statement, clause, "who" if human else "what", [])
        yield from made("definition", asked, statement, family="what is")


def _the_one(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What was the purpose of the network?; Who was the first president of Chile?"""
    said, head, be = clause.first("attribute"), clause.subject_head, clause.verb
    first = clause.subject[0] if clause.subject else be.i
    late = said is not None and said.start > be.i and said.head.dep_ != "acomp"
    fronted = any(
        p.start < first and p.text.lower() != "by far" and p.sense is None for p in clause.pieces
    )
    if (
        not clause.copular
        or clause.helpers
        or clause.negated
        or head is None
        or said is None
        or not late
        or fronted
    ):
        return
    if said.head.lemma_ in {"result", "matter"} or said.text.startswith("what "):
        return
    if _unique(statement.subject if clause is statement.main else clause.subject_text, head):
        rest = [p for p in kept(clause, said) if p.start > be.i and p.role != "adverb"]
        human = said.head.ent_type_ == "PERSON" or statement.person
        asked = ask(statement, clause, "who" if human else "what", rest)
        if not re.match(r"[\d$€£]", said.text):
            yield from made("what", asked, statement, family="what is the")
        return
    fits = said.head.dep_ == "attr" and (said.head.tag_[-1:] == "S") == clause.plural
    if fits and _unique(trimmed(said), said.head) and head.pos_ != "PRON":
        wh: Literal["who", "what"] = "who" if is_person_noun(said.head.lemma_) else "what"
        question = f"{wh} {be.lower_} {trimmed(said)}"
        yield from put(statement, wh, "what is the", question)


def _unique(phrase: str, head: Token) -> bool:
    """Whether a phrase tells of which one thing it speaks: the largest city of Poland."""
    words = phrase.split()
    if head.lemma_.lower() in VAGUE | {"time", "home"} or not 3 <= len(words) <= 14:
        return False
    whose = re.match(r"[\w.-]+(?: [A-Z][\w.-]+)*['’]s? ", phrase) and len(words) < 7
    most = re.search(r"\b(?:main|only|first|largest|most|primary|\w+est)\b", phrase)
    told = re.search(rf"{re.escape(head.text)} (?:of|for|in|between|to|behind) ", phrase)
    the = phrase.lower().startswith("the ") and (told or (most and most.group() != words[-1]))
    return bool((the or whose) and not re.search(r",|\b(?:that|which|who|and|or|other)\b", phrase))


def _who(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Who built the fort?; What causes ringing?; Who commissioned the work?, of a passive too."""
    if clause.negated or clause.copular or clause.orders:
        return
    agent, said, subject = clause.first("agent"), clause.first("object"), clause.subject_head
    doer = next((c for c in agent.head.children if c.dep_ == "pobj"), None) if agent else subject
    if doer is None or subject is None or doer.pos_ not in {"NOUN", "PROPN"}:
        return
    replaced = clause.verb.lemma_ in {"replace", "supersede"} and doer.ent_type_ != "PERSON"
    somebody = _somebody(doer, clause) and not replaced
    if doer.lemma_.lower() in _DECREES or (doer.ent_type_ == "GPE" and not clause.past):
        return
    causes = clause.verb.lemma_ in _CAUSING and not somebody and doer.ent_type_ != "DATE"
    wh = "who" if somebody else "what"
    inner = agent.text.removeprefix("by ") if agent else ""
    if (agent and QUANTIFIED.match(inner)) or clause.verb.lemma_ in {"follow", "accompany"}:
        return
    if not (causes or agent or (somebody and clause.verb.lemma_ in _DEEDS)):
        return
    if agent is None:
        what = said.head if said else None
        plain = what is None or what.pos_ == "PRON" or "," in (said.text if said else "")
        if (
            plain
            or said is None
            or clause.modal
            or clause.passive
            or QUANTIFIED.match(clause.subject_text)
        ):
            return
        rest = [p for p in kept(clause, said) if p.sense == "time"]
        asked = ask_subject(clause, wh, [said, *rest])
    else:
        asked = _activated(statement, clause, agent, wh)
    yield from made("who" if somebody else "what", asked, statement, family=f"{wh} does")


def _somebody(head: Token, clause: Clause) -> bool:
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
    apt = sound(words, whom) and " by " not in words
    return Phrased(direct=f"{capital(words)}?", indirect=words) if apt else None


def _which(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Which countries did they flee to?: the text lists some."""
    for piece in clause.pieces:
        found = re.match(
            r"(?:(to|in|from|into|with|by|for|on|against) )?((?:[\w-]+ ){0,3}[\w-]+s),?"
            r" (?:such as|including|like|namely) ", piece.text,
        )  # fmt: skip
        fits = found and piece.start > clause.verb.i and piece.role in {"object", "adjunct"}
        if not fits or found is None or re.match(rf"(?:the|other|its|their|{_SOME}) ", found[2]):
            continue
        rest = [p for p in kept(clause, piece) if p.end <= piece.start and p.role != "adverb"]
        asked = ask(statement, clause, f"{found[1] or ''} which {found[2]}".strip(), rest)
        yield from made("what", asked, statement, family="which")


def _role(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What role did the network play in spreading the news?"""
    said = clause.first("object")
    found = re.match(
        r"(?:an?|the) (?:[\w-]+ )*?(role|part)( (?:in|as) .+)?$", trimmed(said) if said else ""
    )
    if clause.verb.lemma_ == "play" and said and found and not clause.passive:
        asked = ask(statement, clause, f"what {found[1]}", kept(clause, said), tail=found[2] or "")
        yield from made("what", asked, statement, family="what role")


def _object(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    head, verb = piece.head, clause.verb
    that = head.dep_ == "ccomp" and re.match(r"(?:that|how|what|whether) ", piece.text)
    if piece.start < verb.i or not (that or piece.role == "object") or head.dep_ == "dative":
        return
    deed = clause.past and verb.lemma_ in _DEEDS and statement.person
    asked_what = (deed or verb.lemma_ in _ASKED_WHAT) and not clause.passive
    plain = head.pos_ not in {"PRON", "PROPN", "NUM"} and not is_person(head, clause, None)
    vague = re.fullmatch(r"\w+", clause.subject_text) and verb.lemma_ == "include"
    if vague or not asked_what or not plain or QUANTIFIED.match(clause.subject_text):
        return
    dull = any(t.like_num or t.lower_ in {"similar", "same", "such"} for t in head.children)
    short = re.fullmatch(r"(?:the|its|their|this) \S+|\S+", piece.text)
    if dull or len(clause.of_role("object")) > 1 or (short and " " in piece.text):
        return
    asked = ask(statement, clause, "what", kept(clause, piece))
    yield from made("what", asked, statement, family="what object")


def _governed(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """What is it suitable for?; What does it depend on?"""
    prep = piece.head
    if piece.role == "attribute" and prep.dep_ == "acomp":
        prep = next((c for c in prep.rights if c.dep_ == "prep"), prep)
        governor = piece.head
        tail = clause.doc[piece.start : prep.i + 1].text
    else:
        governor, tail = clause.verb, prep.lower_
    inner = next((c for c in prep.children if c.dep_ in {"pobj", "pcomp"}), None)
    name = clause.subject_head
    if inner is None or name is None or name.lemma_ == "name" or ":" in clause.doc.text:
        return
    if not clause.verb.i <= prep.i <= governor.i + 3 or piece.sense == "time" or dated(inner):
        return
    human = is_person_noun(inner.lemma_) and prep.lower_ in _WHOM
    governs = _GOVERNED.fullmatch(f"{governor.lemma_} {prep.lower_}")
    if not governs or human or inner.pos_ == "PRON" or inner.lemma_.lower() in UNITS:
        return
    between = clause.doc[governor.i + 1 : prep.i]
    if any(t.pos_ not in {"ADV", "PART"} for t in between) and piece.role == "attribute":
        return
    rest = [
        p for p in kept(clause, piece)
        if (p.end <= piece.start and p.role != "adverb") or (p.sense == "time" and clause.past)
    ]  # fmt: skip
    asked = ask(statement, clause, "what", rest, tail=tail)
    yield from made("what", asked, statement, family="what for")


def _where(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """Where was she buried?; Where did they flee to?"""
    prep, lemma = piece.head, clause.verb.lemma_
    inner = next((c for c in prep.children if c.dep_ == "pobj"), None)
    if piece.role != "adjunct" or piece.start < clause.verb.i or inner is None or dated(inner):
        return
    rest = [p for p in kept(clause, piece) if p.sense != "place" and p.role != "adverb"]
    after = piece.start == clause.verb.i + 1
    if lemma in _MOVING and prep.lower_ in {"to", "into", "from"} and (after or clause.passive):
        if inner.pos_ == "PROPN" or any(c.ent_type_ in PLACES for c in inner.children):
            tail = "from" if prep.lower_ == "from" else "to" if lemma in {"move", "send"} else ""
            asked = ask(
                statement, clause, "where", [p for p in rest if p.sense is not None], tail=tail
            )
            yield from made("where", asked, statement, family="where to")
    elif prep.lower_ in {"in", "at", "on", "near", "under", "beneath"} and lemma in _PLACED:
        bare_place = after and inner.tag_ == "NN" and piece.sense is None and lemma != "base"
        bare_place = bare_place and (clause.passive or lemma in {"occur", "live", "exist"})
        if any(t.ent_type_ in PLACES for t in inner.subtree) or bare_place:
            yield from made(
                "where", ask(statement, clause, "where", rest), statement, family="where"
            )


def _whom(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """Against whom did they fight?; To whom did the kings owe homage?"""
    prep = piece.head
    inner = next((c for c in prep.children if c.dep_ == "pobj"), None)
    fits = piece.role == "adjunct" and piece.start > clause.verb.i and not clause.copular
    fits = fits and clause.doc[piece.start - 1].text != "," and clause.verb.lemma_ != "remain"
    if not fits or inner is None or prep.lower_ not in _WHOM:
        return
    people = inner.ent_type_ == "PERSON" or (inner.ent_type_ == "NORP" and inner.tag_[-1] == "S")
    if (people or is_person_noun(inner.lemma_)) and not QUANTIFIED.match(piece.text[5:]):
        rest = [p for p in kept(clause, piece) if p.role != "adverb"]
        asked = ask(statement, clause, f"{prep.lower_} whom", rest)
        yield from made("who", asked, statement, family="whom")


def _when(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """When was it founded?; Until when was it the capital?"""
    if piece.sense != "time" or piece.role == "adverb":
        return
    text = trimmed(piece)
    first = text.split()[0].lower()
    told = piece.role == "clause" or first in {"after", "before"} or dated(piece.head)
    rest, subject = kept(clause, piece), clause.subject_head
    counted = [p for p in rest if any(t.like_num for t in clause.doc[p.start : p.end])]
    counts = subject is not None and any(c.like_num for c in subject.children)
    since = first == "since" and dated(piece.head)
    if told and not counts and not counted and (since or first not in _OPEN_ENDED):
        wh = "since when" if since else "when"
        yield from made("when", ask(statement, clause, wh, rest), statement, family=wh)


def _how(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """How are the canals irrigated?"""
    if piece.sense == "means" and clause.verb.lemma_ not in {"refer", "call", "name", "know"}:
        asked = ask(statement, clause, "how", kept(clause, piece))
        yield from made("how", asked, statement, family="how")


def _called(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is the water figure called?"""
    said = next((p for p in clause.pieces if p.head.dep_ == "oprd"), None)
    names = clause.verb.lemma_ in {"call", "name", "term"} and clause.passive
    if names and said and not clause.negated:
        rest = [p for p in kept(clause, said) if p.end <= said.start]
        yield from made("what", ask(statement, clause, "what", rest), statement, family="called")
