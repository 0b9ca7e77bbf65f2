"""What, who, where, when and how: a question for each part of a clause that can be asked for."""

import re
from collections.abc import Iterator

from colloquia.core.types import QuestionKind
from colloquia.language.lexicon import word_set
from colloquia.language.words import content_words, overlap
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import Phrased, ask, ask_subject, subject_of, trimmed
from colloquia.offline.reading.clauses import Clause, Piece, bare
from colloquia.offline.reading.people import is_person
from colloquia.offline.reading.study import Statement, Study

_QUALIFYING = word_set(
    "usually preferably especially never normally depending typically often mainly mostly "
    "particularly generally even according like unlike instead rather including"
)
#: What one asks the cause or the doer of.
_CAUSING = word_set(
    "cause produce prevent lead damage affect determine force weaken reduce increase trigger slow "
    "speed hasten limit stop protect create power drive control influence"
)
_TELLING = word_set("mean show suggest indicate require ensure state imply demonstrate prove equal")
_LETTING = word_set("allow enable force require cause help permit oblige encourage")
_EMPTY = word_set("have be do make take get give keep let need want seem become go come")
_VAGUE = word_set("thing way part one number kind type case result form figure it fact example use")
#: Prepositions that a verb or adjective governs, so that one asks what it goes with.
_GOVERNED = word_set("to on from for with into of as at against")


def made(
    kind: QuestionKind,
    phrased: Phrased | None,
    statement: Statement,
    *,
    family: str,
    lead: str = "",
    also: int | None = None,
) -> Iterator[Candidate]:
    """Yield the candidate of a phrased question, if there is one."""
    if phrased is not None:
        yield Candidate(
            kind=kind, question=phrased.direct, aim=phrased.indirect, statement=statement.index,
            subject=statement.subject, followed=phrased.followed, family=family, lead=lead,
            also=also,
        )  # fmt: skip


def kept(clause: Clause, *dropped: Piece) -> list[Piece]:
    """Return the parts a question repeats: all but those asked for and what explains them."""
    asides = {"reason", "purpose", "contrast", "exception"}
    timed = {"time", "duration", "frequency"}
    asked = {p.sense for p in dropped} & timed
    return [
        p for p in clause.pieces
        if p not in dropped and p.sense not in asides and not _aside(p)
        and not (asked and p.sense in timed and p.role != "clause")
    ]  # fmt: skip


def _aside(piece: Piece) -> bool:
    """Whether a part only qualifies: a participle after a comma, usually at 5%, depending on …."""
    doc = piece.head.doc
    apart = piece.start > 0 and doc[piece.start - 1].text == ","
    if piece.role == "clause" and piece.sense is None and apart:
        return True
    first = doc[piece.start].lower_
    return piece.role == "adjunct" and (
        first in _QUALIFYING or (apart and piece.start > piece.head.head.i and piece.sense is None)
    )


def things(studied: Study, statement: Statement) -> Iterator[Candidate]:
    """Yield the questions on one statement's parts."""
    for clause in statement.clauses:
        if not clause.sound:
            continue
        yield from _definition(statement, clause)
        yield from _subject(statement, clause)
        yield from _objects(statement, clause)
        yield from _governed(statement, clause)
        yield from _adjuncts(statement, clause)
        yield from _denied(statement, clause)
        yield from _manner(statement, clause)
        yield from _named(statement, clause)
        yield from _lets(statement, clause)
    yield from _terms(statement)
    yield from _about(statement, studied)


def _definition(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    said = clause.first("attribute")
    if not clause.copular or clause.helpers or said is None or said.head.dep_ != "attr":
        return
    if clause.negated or clause.orders or said.start < clause.verb.i:
        return
    who = subject_of(statement, clause)
    if who is None or len(who.split()) > 7:
        return
    rest = [p for p in kept(clause, said) if p.role != "adverb"]
    if rest or re.match(r"(?:\d|[$€£]|one\b|only\b|about\b)", said.text):
        return
    yield from made("definition", ask(statement, clause, "what", rest), statement, family="what is")


def _subject(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    head = clause.subject_head
    if head is None or clause.negated or head.tag_ in {"PRP", "DT", "EX", "WDT", "WP"}:
        return
    if clause.verb.lemma_ in _EMPTY or head.lemma_.lower() in _VAGUE or statement.loose:
        return
    words = clause.subject_text.lower()
    if re.match(r"(?:no|any|every|each|all|both|none|the (?:other|rest|two))\b", words):
        return
    person = is_person(head, clause, statement.subject if clause is statement.main else None)
    if clause.passive or clause.first("object") is None:
        return  # What is cut?
    if not person and (clause.verb.lemma_ not in _CAUSING or clause.modal == "must"):
        return  # a quiz: What should receive a crown?
    if person and (clause.modal or head.pos_ != "PROPN"):
        return
    wh = "who" if person else "what"
    phrased = ask_subject(clause, wh, kept(clause))
    yield from made("who" if person else "what", phrased, statement, family=f"{wh} does")


def _objects(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    said = clause.first("object") or next(
        (
            p for p in clause.pieces
            if p.role == "attribute" and (p.head.dep_ == "ccomp" or clause.verb.lemma_ == "equal")
        ), None,
    )  # fmt: skip
    if said is None or clause.verb.lemma_ in _EMPTY or said.start < clause.verb.i or clause.orders:
        return
    if said.head.dep_ == "ccomp" and clause.verb.lemma_ not in _TELLING:
        return
    if (
        said.role == "object"
        and clause.doc[said.start].lower_ in {"the", "its", "their", "this"}
        and len(said.text.split()) < 4
    ):
        return
    if any(t.dep_ == "nummod" or t.like_num for t in said.head.children) or said.head.tag_ == "PRP":
        return
    if clause.negated or len([p for p in clause.pieces if p.role == "object"]) > 1:
        return
    if said.head.dep_ == "ccomp" and not re.match(r"(?:that|how|what|whether) ", said.text):
        return
    person = is_person(said.head, clause, None)
    if clause.verb.lemma_ == "include" and len(clause.subject_text.split()) == 1 and clause.plural:
        who = statement.subject
        yield Candidate(
            kind="what", question=f"What are the {who}?", aim=f"what the {who} are",
            statement=statement.index, subject=who, family="what are",
        )  # fmt: skip
        return
    phrased = ask(statement, clause, "whom" if person else "what", kept(clause, said))
    yield from made("who" if person else "what", phrased, statement, family="what object")


def _governed(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is it suitable for?; What does it depend on?"""
    if clause.negated or clause.orders:
        return
    for piece in clause.pieces:
        if piece.role == "attribute" and piece.head.dep_ == "acomp":
            prep = next((c for c in piece.head.rights if c.dep_ == "prep"), None)
            last = piece.end == max(p.end for p in clause.pieces)
            if (
                prep is None
                or not last
                or prep.lower_ not in _GOVERNED
                or prep.i != piece.head.i + 1
            ):
                continue
            tail = clause.doc[piece.start : prep.i + 1].text
            rest = [p for p in kept(clause, piece) if p.end <= piece.start]
            yield from made(
                "what",
                ask(statement, clause, "what", rest, tail=tail),
                statement,
                family="what for",
            )
        elif piece.role == "adjunct" and piece.sense is None and piece.start == clause.verb.i + 1:
            prep = piece.head
            inner = next((c for c in prep.children if c.dep_ == "pobj"), None)
            others = [p for p in kept(clause, piece) if p.start > piece.start]
            if (
                prep.lower_ not in _GOVERNED
                or inner is None
                or others
                or inner.tag_ == "PRP"
                or clause.verb.lemma_ in _EMPTY
            ):
                continue
            if any(t.like_num for t in inner.subtree) and prep.lower_ != "to":
                continue
            rest = kept(clause, piece)
            yield from made(
                "what",
                ask(statement, clause, "what", rest, tail=prep.lower_),
                statement,
                family="what for",
            )


def _adjuncts(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    for piece in clause.of("means"):
        if not clause.negated:
            yield from made(
                "how", ask(statement, clause, "how", kept(clause, piece)), statement, family="how"
            )
    for piece in clause.of("place"):
        if not clause.negated and piece.start > clause.verb.i:
            yield from made(
                "where",
                ask(statement, clause, "where", kept(clause, piece)),
                statement,
                family="where",
            )
    for piece in clause.of("time"):
        if clause.negated or clause.orders or piece.role == "adverb":
            continue
        if piece.text.lower().startswith(("until", "from", "since")):
            continue
        dated = (
            piece.head.ent_type_ or re.search(r"\d{3}", piece.text) or piece.start > clause.verb.i
        )
        if dated:
            yield from made(
                "when",
                ask(statement, clause, "when", kept(clause, piece)),
                statement,
                family="when",
            )


def _denied(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Ask whether it is so where the snippet says that it isn't."""
    if not clause.negated or clause.orders or statement.loose:
        return
    conditional = [p for p in clause.pieces if p.sense == "reason"]
    rest = [p for p in kept(clause, *conditional) if trimmed(p).lower() not in {"never", "either"}]
    if any(
        t.lower_ in {"never", "neither", "nor", "no", "only"}
        for t in clause.doc[clause.start : clause.verb.i]
    ):
        return
    if (
        any(p.text.lower().startswith("until") for p in clause.pieces)
        or "rather" in clause.doc.text
    ):
        return
    phrased = ask(
        statement, clause, "", rest, negated=False, modal="may" if clause.modal == "must" else ""
    )
    if phrased is not None and not phrased.direct.startswith("Need "):
        yield from made("yes_no", phrased, statement, family="negated", lead="No.")


def _named(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is the water figure called?"""
    said = next((p for p in clause.pieces if p.head.dep_ == "oprd"), None)
    if clause.verb.lemma_ in {"call", "name", "term"} and clause.passive and said is not None:
        rest = [p for p in kept(clause, said) if p.end <= said.start]
        yield from made("what", ask(statement, clause, "what", rest), statement, family="called")


def _lets(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What does autoconfiguration allow a host to do?"""
    said = next((p for p in clause.pieces if p.head.dep_ in {"ccomp", "xcomp"}), None)
    if said is None or clause.verb.lemma_ not in _LETTING or clause.negated or clause.passive:
        return
    found = re.match(r"((?:an?|the|its|\w+s)(?: [\w-]+){0,5}?) to (?!be\b)\w+", said.text)
    inner = [p for p in clause.pieces if p.role == "object"]
    whom = (
        found.group(1)
        if found
        else trimmed(inner[0])
        if inner and said.text.startswith("to ")
        else None
    )
    if whom is not None:
        tail = f"{whom} to do"
        yield from made(
            "what", ask(statement, clause, "what", [], tail=tail), statement, family="what lets"
        )


def _manner(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is a stable patina like?"""
    said = clause.first("attribute")
    if (
        not clause.copular
        or clause.negated
        or clause.helpers
        or said is None
        or said.head.dep_ != "acomp"
    ):
        return
    if said.head.tag_ != "JJ" or not any(
        c.dep_ == "conj" and c.tag_ == "JJ" for c in said.head.children
    ):
        return
    phrased = ask(statement, clause, "what", [], tail="like")
    yield from made("what", phrased, statement, family="what like")


def _about(statement: Statement, studied: Study) -> Iterator[Candidate]:
    """What about milk teeth?: where a statement speaks of a thing of its own."""
    main = statement.main
    if main is None or statement.loose or main.orders or main.subject_head is None:
        return
    who = subject_of(statement, main)
    if (
        who is None
        or len(content_words(who)) not in {2, 3, 4}
        or re.search(r"\d|,|^the |^any ", who)
    ):
        return
    if not main.sound or main.of("condition"):
        return
    if overlap(content_words(who), studied.topic.name) > 0.6 or main.subject_head.lemma_ in _VAGUE:
        return
    yield Candidate(
        kind="what", question=f"What about {who}?", aim=f"what there is to say about {who}",
        statement=statement.index, subject=statement.subject, family="what about",
    )  # fmt: skip


def _terms(statement: Statement) -> Iterator[Candidate]:
    """What does CEJ stand for?"""
    for found in re.finditer(r"((?:[\w’'-]+ ){1,6})\(([A-Z][A-Za-z]*[A-Z])\)", statement.quote):
        wanted = found.group(2).lower()
        words = found.group(1).split()
        for count in range(1, len(words) + 1):
            letters = "".join(
                part[0] for word in words[-count:] for part in word.split("-") if part
            ).lower()
            if letters == wanted and count > 1:
                full = " ".join(words[-count:])
                name = (
                    full
                    if any(w[:1].isupper() for w in words[-count + 1 :])
                    else full[:1].lower() + full[1:]
                )
                yield Candidate(
                    kind="definition", question=f"What does {found.group(2)} stand for?",
                    aim=f"what {found.group(2)} stands for", statement=statement.index,
                    subject=statement.subject, family="stand for",
                    lead=f"{found.group(2)} stands for {bare(name)}.",
                )  # fmt: skip
                break
