"""What, who, where, when and how: a question for each part of a clause that can be asked for."""

import re
from collections.abc import Iterator

from colloquia.language.lexicon import word_set
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import (
    ask,
    ask_subject,
    kept,
    made,
    put,
    subject_of,
    trimmed,
)
from colloquia.offline.reading.clauses import Clause, Piece, bare
from colloquia.offline.reading.people import is_person, is_person_noun
from colloquia.offline.reading.senses import UNITS, dated
from colloquia.offline.reading.study import Statement

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
    "emphasize emphasise favour favor improve involve report indicate"
)
_LETTING = word_set("allow enable force require cause help permit oblige encourage")
#: Where these are is worth asking.
_PLACED = word_set(
    "bear live die settle lie locate situate bury build find stand sit meet hold keep store house "
    "place educate base open headquarter study display occur happen land arrive move teach"
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
    r"attach|subject|prone|sensitive|resistant|similar|equivalent|add|rename|due|point|set|compare"
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
_NEEDED = frozenset({"object", "attribute", "particle"})
#: What makes a plain yes or no half the truth.
_HANGING = re.compile(
    r"\b(?:until|rather|only|but|all|every|necessarily|yet|nor|if|unless|when|where|once|except|"
    r"mainly|at most|up to|provided)\b"
)
QUANTIFIED = re.compile(r"(?:no|any|every|each|all|both|none|many|most|some|several|few)\b", re.I)


def things(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions on one clause's parts."""
    yield from _definition(statement, clause)
    yield from _cause(statement, clause)
    yield from _called(statement, clause)
    yield from _lets(statement, clause)
    yield from _allowed(statement, clause)
    yield from _denied(statement, clause)
    if clause.negated or clause.orders:
        return
    for piece in clause.pieces:
        yield from _object(statement, clause, piece)
        yield from _governed(statement, clause, piece)
        yield from _where(statement, clause, piece)
        yield from _when(statement, clause, piece)
        yield from _how(statement, clause, piece)


def _definition(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Who was Sawa?; What is field capacity?; What is a stable patina like?"""
    said = clause.first("attribute")
    if not clause.copular or clause.helpers or clause.negated or said is None:
        return
    who, verb = subject_of(statement, clause), clause.verb
    if (
        who is None
        or said.start < verb.i
        or re.search(r",| (?:that|which|who) ", who)
        or said.head.tag_ == "VBN"
    ):
        return
    head, subject = said.head, clause.subject_head
    joined = any(c.dep_ == "conj" and c.tag_ == "JJ" for c in head.children)
    if head.dep_ == "acomp" and joined and head.lemma_.lower() not in _DRY:
        asked = ask(statement, clause, "what", [], tail="like")
        yield from made("what", asked, statement, family="what like")
    if head.dep_ != "attr" or subject is None or subject.lemma_.lower() in VAGUE - {"example"}:
        return
    first, bare_the = clause.doc[said.start].lower_, re.fullmatch(r"the \w+", who)
    place = subject.ent_type_ in {"GPE", "LOC"} or bare_the
    tells = head.lemma_.lower() not in VAGUE or clause.doc[head.i + 1].lower_ == "of"
    if first in {"a", "an", "the"} and tells and not place:
        human = is_person_noun(head.lemma_) and subject.pos_ == "PROPN"
        wh = "who" if human else "what"
        if not QUANTIFIED.match(who):
            yield from made(
                "definition", ask(statement, clause, wh, []), statement, family="what is"
            )


def _cause(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What causes …?; Who invented …?"""
    head, said = clause.subject_head, clause.first("object")
    if head is None or said is None or clause.negated or clause.passive or clause.modal:
        return
    if head.pos_ == "PRON" or said.head.pos_ == "PRON" or QUANTIFIED.match(clause.subject_text):
        return
    found = re.match(
        r"(?:invent|discover|found|design|write|paint|compose|coin|commission)$", clause.verb.lemma_
    )
    person = is_person(head, clause, statement.subject if clause is statement.main else None)
    if (person and head.pos_ == "PROPN" and found) or (
        clause.verb.lemma_ in _CAUSING and not person and not re.search(r"\d", said.text)
    ):
        wh = "who" if person else "what"
        asked = ask_subject(clause, wh, [said])
        yield from made("who" if person else "what", asked, statement, family=f"{wh} does")


def _object(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    head, verb = piece.head, clause.verb
    that = head.dep_ == "ccomp" and re.match(r"(?:that|how|what|whether) ", piece.text)
    if piece.start < verb.i or not (that or piece.role == "object") or head.dep_ == "dative":
        return
    if verb.lemma_ not in _ASKED_WHAT or clause.passive or head.pos_ in {"PRON", "PROPN", "NUM"}:
        return
    if verb.lemma_ == "include" and clause.plural and len(clause.subject_text.split()) == 1:
        who = statement.subject
        yield from put(statement, "what", "what are", f"what are the {who}", f"what the {who} are")
        return
    figures = any(t.like_num for t in head.children) or len(clause.of_role("object")) > 1
    short = (
        clause.doc[piece.start].lower_ in {"the", "its", "their", "this"}
        and len(piece.text.split()) < 3
    )
    if figures or short or is_person(head, clause, None):
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
    if inner is None or prep.i < clause.verb.i or prep.i > governor.i + 3 or piece.sense == "time":
        return
    if (
        not _GOVERNED.fullmatch(f"{governor.lemma_} {prep.lower_}")
        or inner.pos_ == "PRON"
        or dated(inner)
        or inner.lemma_.lower() in UNITS
    ):
        return
    between = clause.doc[governor.i + 1 : prep.i]
    if any(t.pos_ not in {"ADV", "PART"} for t in between) and piece.role == "attribute":
        return
    rest = [p for p in kept(clause, piece) if p.end <= piece.start and p.role != "adverb"]
    asked = ask(statement, clause, "what", rest, tail=tail)
    yield from made("what", asked, statement, family="what for")


def _where(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    inner = next((c for c in piece.head.children if c.dep_ == "pobj"), None)
    placed = piece.role == "adjunct" and piece.start > clause.verb.i and inner is not None
    if not placed or clause.verb.lemma_ not in _PLACED or piece.sense not in {"place", None}:
        return
    if (
        inner is None
        or dated(inner)
        or piece.head.lower_ not in {"in", "at", "on", "near", "under", "beneath"}
    ):
        return
    if piece.sense == "place" or (
        piece.start == clause.verb.i + 1
        and inner.pos_ == "NOUN"
        and inner.tag_ == "NN"
        and clause.passive
    ):
        rest = [p for p in kept(clause, piece) if p.sense != "place"]
        yield from made("where", ask(statement, clause, "where", rest), statement, family="where")


def _when(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """When was it founded?; What happened in 1844?; What did he do in 1072?"""
    if piece.sense != "time" or piece.role == "adverb":
        return
    text = trimmed(piece)
    first = text.split()[0].lower()
    told = piece.role == "clause" or first in {"after", "before"} or dated(piece.head)
    if not told or first in {"until", "from", "since", "by", "for", "as"}:
        return
    asked = ask(statement, clause, "when", kept(clause, piece))
    yield from made("when", asked, statement, family="when")


def _how(statement: Statement, clause: Clause, piece: Piece) -> Iterator[Candidate]:
    """How are the canals irrigated?; Who was it commissioned by?"""
    if piece.sense == "means":
        yield from made(
            "how", ask(statement, clause, "how", kept(clause, piece)), statement, family="how"
        )
    inner = next((c for c in piece.head.children if c.dep_ == "pobj"), None)
    if piece.role != "agent" or inner is None or inner.pos_ == "PRON":
        return
    if inner.ent_type_ in {"PERSON", "ORG", "NORP"} or is_person(inner, None, None):
        rest = [p for p in kept(clause, piece) if p.role in {"object", "attribute"}]
        asked = ask(statement, clause, "who", rest, tail="by")
        yield from made("who", asked, statement, family="by whom")
    else:
        if piece.start != clause.verb.i + 1:
            return
        caused = clause.verb.lemma_ in _CAUSING
        rest = [] if caused else kept(clause, piece)
        asked = ask(
            statement, clause, "what" if caused else "how", rest, tail="by" if caused else ""
        )
        yield from made("what" if caused else "how", asked, statement, family="how")


def _called(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is the water figure called?"""
    said = next((p for p in clause.pieces if p.head.dep_ == "oprd"), None)
    if (
        clause.verb.lemma_ in {"call", "name", "term"}
        and clause.passive
        and said
        and not clause.negated
    ):
        asked = ask(
            statement, clause, "what", [p for p in kept(clause, said) if p.end <= said.start]
        )
        yield from made("what", asked, statement, family="called")


def _lets(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What does autoconfiguration allow a host to do?"""
    said = next((p for p in clause.pieces if p.head.dep_ in {"ccomp", "xcomp"}), None)
    if said is None or clause.verb.lemma_ not in _LETTING or clause.negated or clause.passive:
        return
    found = re.match(r"((?:an?|the|its|\w+s)(?: [\w-]+){0,5}?) to (?!be\b)\w+", said.text)
    inner = clause.first("object")
    if found or (inner and said.text.startswith("to ")):
        tail = f"{found.group(1) if found else trimmed(inner) if inner else ''} to do"
        yield from made(
            "what", ask(statement, clause, "what", [], tail=tail), statement, family="what lets"
        )


def _allowed(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Can an employer suspend the employee on full pay?"""
    first = clause.subject[0] if clause.subject else clause.verb.i
    limited = clause.of("condition", "exception", "purpose", "reason") or any(
        p.start < first for p in clause.pieces
    )
    if clause.modal not in {"can", "may"} or clause.negated or limited or clause.passive:
        return
    if clause is not statement.main or _HANGING.search(clause.doc.text):
        return
    rest = [p for p in kept(clause) if p.role in _NEEDED or p.start == clause.verb.i + 1]
    figures = any(t.like_num for p in rest for t in clause.doc[p.start : p.end])
    if rest and not figures and not QUANTIFIED.match(clause.subject_text):
        asked = ask(statement, clause, "", rest)
        yield from made("yes_no", asked, statement, family="allowed", lead="Yes.")


def _denied(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Ask whether it is so where the snippet says that it isn't, with all that limits it."""
    if not clause.negated or clause.orders or clause.of("condition"):
        return
    before = clause.doc[clause.start : clause.verb.i]
    if _HANGING.search(clause.doc.text) or {t.lower_ for t in before} & {
        "never",
        "neither",
        "nor",
        "no",
    }:
        return
    rest = [p for p in clause.pieces if p.sense not in {"reason", "contrast", "purpose"}]
    listed = "," in clause.doc[clause.verb.i : max([p.end for p in rest], default=0)].text
    if listed or any(trimmed(p) != bare(p.text) for p in rest):
        return
    modal = {"must": "may", "need": "must"}.get(clause.modal, "")
    asked = ask(statement, clause, "", rest, negated=False, modal=modal)
    yield from made("yes_no", asked, statement, family="negated", lead="No.")
