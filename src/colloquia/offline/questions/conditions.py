"""Reasons, conditions, exceptions and steps: what a clause's own clauses let one ask."""

import re
from collections.abc import Iterator
from itertools import pairwise

from colloquia.language.reading.inflect import inflect
from colloquia.language.reading.words import content_words, overlap
from colloquia.offline.questions.broad import STATES
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import ask, kept, made, put, sound, subject_of, trimmed
from colloquia.offline.reading.clauses import Clause, Piece, bare
from colloquia.offline.reading.senses import dated
from colloquia.offline.reading.study import POINTING, Statement, Study, subject_under

_DUTIES = frozenset({"must", "should", "may", "shall"})
_NEEDED = frozenset({"object", "attribute", "particle"})
#: What makes a plain yes or no half the truth.
_HANGING = re.compile(
    r"\b(?:until|rather|only|but|all|every|necessarily|yet|nor|if|unless|when|where|once|except|"
    r"mainly|at most|up to|provided)\b"
)
_NOT_WHEN = ("where", "until", "before", "while", "as ")


def conditions(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions on why, when and on what terms."""
    yield from _why(statement, clause)
    yield from _what_then(statement, clause)
    yield from _on_what_terms(statement, clause)
    yield from _always(statement, clause)
    yield from _denied(statement, clause)
    yield from _way_to(statement, clause)
    yield from _used_for(statement, clause)


def _why(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    reasons = clause.of("reason", "purpose")
    tied = next((p for p in clause.pieces if p.text.startswith("which is why")), None)
    if not reasons and tied is None:
        return
    first = reasons[0] if reasons else None
    aim = first is not None and first.sense == "purpose"
    if (
        first
        and aim
        and (first.start < clause.verb.i or clause.verb.lemma_ in STATES | {"use", "come"})
    ):
        return  # To clear the blockage, …: asked as a way
    rest = [p for p in kept(clause, *reasons) if p is not tied]
    bare_aim = first is not None and first.text.startswith("to ")  # must give room to keep clear
    idle = aim and (clause.modal in {"can", "may", "could"} or (bare_aim and clause.modal))
    if idle or (clause.copular and not any(p.role == "attribute" for p in rest)):
        return
    yield from made("why", ask(statement, clause, "why", rest), statement, family="why")


def _what_then(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What happens when the line is blocked?; What must a client do when the lease expires?"""
    first = clause.subject[0] if clause.subject else clause.verb.i
    for piece in clause.of("condition", "time"):
        clausal = piece.role == "clause"
        event = re.match(r"(?:before|after|during) ", piece.text, re.I)
        if piece.start >= first or not (clausal or event) or (clausal and not _stands(piece)):
            continue
        opening = trimmed(piece)
        opening = opening[:1].lower() + opening[1:]
        question, aim = _then_words(statement, clause, opening)
        if question:
            family = f"{question.split(' ')[1]} {opening.split()[0]}"
            yield from put(statement, "what", family, question, aim)


def _then_words(statement: Statement, clause: Clause, opening: str) -> tuple[str, str]:
    modal, no = clause.modal, " not" if clause.negated else ""
    if clause.orders:
        return f"what should you do {opening}", f"what to do {opening}"
    if clause.copular or clause.verb.lemma_ in STATES:
        return "", ""
    if modal in _DUTIES and clause.passive:
        return f"what {modal}{no} be done {opening}", ""
    who = subject_of(statement, clause)
    acts = statement.person or modal in {"must", "should"}
    if who and acts and modal in _DUTIES and not clause.passive and not set(who.split()) & POINTING:
        return f"what {modal} {who}{no} do {opening}", f"what {who} {modal}{no} do {opening}"
    happens = "may happen" if modal in {"may", "can"} else "happened" if clause.past else "happens"
    return f"what {happens} {opening}", ""


def _stands(piece: Piece, *, named: bool = True) -> bool:
    """Whether a clause of its own has a subject, and names what it speaks of."""
    words = [t.lower_ for t in piece.head.doc[piece.start : piece.end]]
    if piece.head.tag_ == "VBG":
        return not set(words) & POINTING
    subject = subject_under(piece.head)
    if subject is None or not named or subject.tag_ in {"PRP", "DT"}:
        return subject is not None and not named
    return not set(words[: words.index(subject.lower_)]) & POINTING


def _on_what_terms(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """When may the filling be postponed?; How long must the bag stay sealed?"""
    if clause.negated or clause.orders or any(h.lower_ == "had" for h in clause.helpers):
        return
    for piece in clause.of("condition", "time"):
        opening = piece.text.lower()
        if opening.startswith("until ") and piece.start > clause.verb.i:
            wh = "until when" if dated(piece.head) and clause.past else "how long"
            asked = ask(statement, clause, wh, kept(clause, piece))
            yield from made("how_many", asked, statement, family=wh)
        elif (
            piece.role == "clause"
            and piece.sense == "condition"
            and not opening.startswith(_NOT_WHEN)
        ):
            asked = ask(statement, clause, "when", kept(clause, piece))
            yield from made("when", asked, statement, family="when if")


def _always(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Must hours always …? Not always: …, unless …."""
    if clause.of("exception") and not clause.orders and not clause.negated:
        rest = [p for p in kept(clause) if p.role != "adverb"]
        asked = ask(statement, clause, "", rest, adverb="always")
        before = re.split(r",? (?:unless|except)\b", clause.doc.text)[0]
        if asked and overlap(content_words(bare(before)), asked.direct) < 1:
            return  # what was left out may be what the exception is about
        yield from made("yes_no", asked, statement, family="always", lead="Not always.")


def _denied(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Ask whether it is so where the snippet says that it isn't, with all that limits it."""
    head = clause.subject_head
    if not clause.negated or clause.orders or clause.of("condition"):
        return
    if head is None or head.pos_ == "VERB":
        return  # Is having right of way a licence to hit anyone?
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


def _way_to(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """How do you clear the blockage?; What must the taxpayer do to appeal?"""
    first = clause.subject[0] if clause.subject else clause.verb.i
    for piece in clause.of("purpose"):
        found = re.match(r"(?:in order )?to (.+)", trimmed(piece), re.I)
        if piece.start >= first or found is None or set(found.group(1).lower().split()) & POINTING:
            continue
        goal, who = found.group(1), subject_of(statement, clause)
        if clause.orders:
            yield from put(statement, "how", "how to", f"how do you {goal}", f"how to {goal}")
        elif who and clause.modal in {"must", "should"} and not clause.passive:
            asked, aim = (
                f"what {clause.modal} {who} do to {goal}",
                f"what {who} {clause.modal} do to {goal}",
            )
            yield from put(statement, "how", "how to", asked, aim)
        else:
            asked = f"what does it take to {goal}"
            yield from put(statement, "how", "how to", asked, f"what it takes to {goal}")


def _used_for(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What is a final rinse of EDTA used for?"""
    said = next((p for p in clause.pieces if p.text.lower().startswith("to ")), None)
    if said and clause.verb.lemma_ == "use" and clause.passive and not clause.negated:
        rest = [p for p in kept(clause, said) if p.end <= said.start]
        asked = ask(statement, clause, "what", rest, tail="for")
        yield from made("what", asked, statement, family="used for")


def steps(studied: Study) -> Iterator[Candidate]:
    """What is the first step in clearing a drain?; What should you do after removing the cap?"""
    for statement in studied.statements:
        main = statement.main
        opening = re.match(r"(first|finally|lastly)\b|.*?, (first) ", statement.quote, re.I)
        done = main is not None and (main.orders or (main.passive and statement.subject))
        if opening and done and studied.topic.doing and statement.index:
            nth = "first" if "first" in opening.group().lower() else "last"
            name = studied.topic.name
            asked, aim = f"what is the {nth} step in {name}", f"what the {nth} step in {name} is"
            yield from put(statement, "what", "step", asked, aim)
    for before, after in pairwise(studied.statements):
        one, two = (before.clauses[-1] if before.clauses else None), after.main
        if not (one and two and one.orders and two.orders and one.sound) or one.negated:
            continue
        rest = [
            trimmed(p) for p in kept(one) if p.role in {"object", "particle"} or p.sense is None
        ]
        told = " ".join([inflect(one.verb.lemma_, "VBG"), *rest])
        if (
            rest
            and len(told.split()) < 10
            and not one.of("condition")
            and sound(f"after {told} it", told)
        ):
            asked = f"what should you do after {told}"
            yield from put(after, "what", "next step", asked, f"what to do after {told}")
