"""Reasons, conditions, exceptions and steps: what a clause's own clauses let one ask."""

import re
from collections.abc import Iterator

from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import Phrased, ask, sound, subject_of, trimmed
from colloquia.offline.questions.things import kept, made
from colloquia.offline.reading.clauses import Clause, Piece
from colloquia.offline.reading.study import POINTING, Statement, Study

_DUTY = frozenset({"must", "should", "may", "can", "shall"})
_STILL = frozenset({"be", "have", "remain", "stay", "mean", "equal", "contain", "include", "depend", "know"})
_HEDGES = frozenset({"always"})


def conditions(studied: Study, statement: Statement) -> Iterator[Candidate]:
    """Yield the questions on why, when and on what terms."""
    for clause in statement.clauses:
        if not clause.sound:
            continue
        yield from _why(statement, clause)
        yield from _what_then(statement, clause)
        yield from _on_what_terms(statement, clause)
        yield from _always(statement, clause)
    yield from _steps(studied, statement)


def _why(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    reasons = clause.of("reason", "purpose")
    tied = _result(clause)
    if not reasons and tied is None:
        return
    if clause.orders and reasons and reasons[0].start < clause.verb.i:
        return  # To clear the blockage, …: asked as a step
    if reasons and reasons[0].sense == "purpose" and reasons[0].text.lower().startswith("to ") and _STILL & {clause.verb.lemma_}:
        return
    rest = [p for p in kept(clause, *reasons) if p is not tied]
    yield from made("why", ask(statement, clause, "why", rest), statement, family="why")


def _result(clause: Clause) -> Piece | None:
    """Return the part that draws a conclusion: …, which is why …."""
    for piece in clause.pieces:
        if re.match(r"which is why\b", piece.text):
            return piece
    return None


def _what_then(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """What happens when the line is blocked?; What must a client do when the lease expires?"""
    first = clause.subject[0] if clause.subject else clause.verb.i
    for piece in clause.of("condition", "time"):
        clausal = piece.role == "clause"
        if piece.start >= first or not (clausal or re.match(r"(?:before|after|during) ", piece.text, re.I)):
            continue
        said = trimmed(piece)
        opening = said[:1].lower() + said[1:]
        if clausal and not _stands(piece):
            continue
        question, aim = _then_words(statement, clause, opening)
        if question and sound(question, opening):
            phrased = Phrased(direct=question[:1].upper() + question[1:] + "?", indirect=aim)
            yield from made("what", phrased, statement, family=f"{question.split(' what ')[0][:9]} {opening.split()[0]}")


def _then_words(statement: Statement, clause: Clause, opening: str) -> tuple[str, str]:
    modal = clause.modal
    if clause.orders:
        return f"what should you do {opening}", f"what to do {opening}"
    if clause.copular or clause.verb.lemma_ in _STILL:
        return ("", "") if not modal else (f"what {modal} be the case {opening}", f"what {modal} be the case {opening}")
    if modal in _DUTY - {"can"} and clause.passive:
        done = f"what {modal} {'not ' if clause.negated else ''}be done {opening}"
        return done, done
    who = subject_of(statement, clause)
    agent = who is not None and (statement.person or modal in {"must", "should"})
    if agent and who is not None and not clause.passive and modal in _DUTY and not set(who.lower().split()) & POINTING:
        no = " not" if clause.negated else ""
        return f"what {modal} {who}{no} do {opening}", f"what {who} {modal}{no} do {opening}"
    return f"what happens {opening}", f"what happens {opening}"


def _stands(piece: Piece) -> bool:
    """Whether a clause of its own names what it speaks of, and has a subject."""
    words = [t.lower_ for t in piece.head.doc[piece.start : piece.end]]
    if piece.head.tag_ == "VBG":
        return not set(words) & POINTING
    subjects = [c for c in piece.head.children if c.dep_ in {"nsubj", "nsubjpass"}]
    if not subjects or subjects[0].tag_ in {"PRP", "DT"}:
        return False
    return not set(words[: words.index(subjects[0].lower_)]) & POINTING


def _on_what_terms(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """When may the filling be postponed?"""
    for piece in clause.of("condition", "time"):
        if piece.role != "clause" or clause.negated or clause.orders:
            continue
        opening = piece.text.lower()
        if opening.startswith(("where", "until", "before", "while")) or (
            piece.sense == "time" and piece.start < clause.verb.i
        ):
            continue
        yield from made(
            "when", ask(statement, clause, "when", kept(clause, piece)), statement, family="when if"
        )
    for piece in clause.pieces:
        if piece.text.lower().startswith("until ") and not clause.negated and piece.start > clause.verb.i and not clause.orders:
            yield from made(
                "how_many", ask(statement, clause, "how long", kept(clause, piece)), statement, family="how long until"
            )


def _always(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Must hours always …? Not always: …, unless …."""
    exceptions = clause.of("exception")
    if not exceptions or clause.orders or clause.negated:
        return
    rest = [p for p in kept(clause) if p.role != "adverb" or trimmed(p).lower() not in {"usually", "normally", "generally"}]
    phrased = ask(statement, clause, "", rest, adverb="always")
    yield from made("yes_no", phrased, statement, family="always", lead="Not always.")


def _steps(studied: Study, statement: Statement) -> Iterator[Candidate]:
    """What is the first step in clearing a drain?"""
    main = statement.main
    if main is None or not studied.topic.doing or statement.index == 0:
        return
    if not (main.orders or (main.passive and statement.subject)):
        return
    opening = re.match(r"(first|finally|lastly|second|third)\b|.*?, (first) ", statement.quote, re.I)
    if opening is None:
        return
    word = (opening.group(1) or opening.group(2)).lower()
    nth = {"finally": "last", "lastly": "last"}.get(word, word)
    question = f"What is the {nth} step in {studied.topic.name}?"
    yield Candidate(
        kind="what", question=question, aim=f"what the {nth} step in {studied.topic.name} is",
        statement=statement.index, subject=statement.subject, family="step",
    )  # fmt: skip
