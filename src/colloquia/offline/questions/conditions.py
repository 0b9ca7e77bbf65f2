"""Reasons, conditions, exceptions and steps: what a clause's own clauses let one ask."""

import re
from collections.abc import Iterator
from itertools import pairwise

from colloquia.language.inflection import inflect
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import Phrased, ask, sound, subject_of, trimmed
from colloquia.offline.questions.things import kept, made
from colloquia.offline.reading.clauses import Clause, Piece
from colloquia.offline.reading.study import POINTING, Statement, Study

_DUTY = frozenset({"must", "should", "may", "can", "shall"})
_STILL = frozenset(
    {"be", "have", "remain", "stay", "mean", "equal", "contain", "include", "depend", "know"}
)
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
    if (
        reasons
        and reasons[0].sense == "purpose"
        and reasons[0].text.lower().startswith("to ")
        and _STILL & {clause.verb.lemma_}
    ):
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
        if piece.start >= first or not (
            clausal or re.match(r"(?:before|after|during) ", piece.text, re.I)
        ):
            continue
        said = trimmed(piece)
        opening = said[:1].lower() + said[1:]
        if clausal and not _stands(piece):
            continue
        question, aim = _then_words(statement, clause, opening)
        if question and sound(question, opening):
            phrased = Phrased(direct=question[:1].upper() + question[1:] + "?", indirect=aim)
            yield from made(
                "what",
                phrased,
                statement,
                family=f"{question.split(' what ')[0][:9]} {opening.split()[0]}",
            )


def _then_words(statement: Statement, clause: Clause, opening: str) -> tuple[str, str]:
    modal = clause.modal
    if clause.orders:
        return f"what should you do {opening}", f"what to do {opening}"
    if clause.copular or clause.verb.lemma_ in _STILL:
        return (
            ("", "")
            if not modal
            else (f"what {modal} be the case {opening}", f"what {modal} be the case {opening}")
        )
    if modal in _DUTY - {"can"} and clause.passive:
        done = f"what {modal} {'not ' if clause.negated else ''}be done {opening}"
        return done, done
    who = subject_of(statement, clause)
    agent = who is not None and (statement.person or modal in {"must", "should"})
    if (
        agent
        and who is not None
        and not clause.passive
        and modal in _DUTY
        and not set(who.lower().split()) & POINTING
    ):
        no = " not" if clause.negated else ""
        return f"what {modal} {who}{no} do {opening}", f"what {who} {modal}{no} do {opening}"
    return f"what happens {opening}", f"what happens {opening}"


def fronted(statement: Statement) -> Iterator[Candidate]:
    """What happens if …?: read off the words alone, where the parse gave nothing."""
    found = re.match(r"(?:If|When|Where|Once|As soon as|Whenever) ([^,;:]+), \w+", statement.quote)
    if found is None:
        return
    opening = found.group().rsplit(",", 1)[0]
    words = opening.lower().split()
    if words[1] in POINTING or len(words) < 4 or set(words) & {"this", "these", "those", "such"}:
        return
    question = f"what happens {opening[:1].lower()}{opening[1:]}"
    if sound(question, opening):
        phrased = Phrased(direct=question[:1].upper() + question[1:] + "?", indirect=question)
        yield from made("what", phrased, statement, family=f"what happ {words[0]}")


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
        if (
            piece.text.lower().startswith("until ")
            and not clause.negated
            and piece.start > clause.verb.i
            and not clause.orders
        ):
            yield from made(
                "how_many",
                ask(statement, clause, "how long", kept(clause, piece)),
                statement,
                family="how long until",
            )


def _always(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Must hours always …? Not always: …, unless …."""
    exceptions = clause.of("exception")
    if not exceptions or clause.orders or clause.negated:
        return
    rest = [
        p
        for p in kept(clause)
        if p.role != "adverb" or trimmed(p).lower() not in {"usually", "normally", "generally"}
    ]
    phrased = ask(statement, clause, "", rest, adverb="always")
    yield from made("yes_no", phrased, statement, family="always", lead="Not always.")


def _steps(studied: Study, statement: Statement) -> Iterator[Candidate]:
    """What is the first step in clearing a drain?"""
    main = statement.main
    if main is None or not studied.topic.doing or statement.index == 0:
        return
    if not (main.orders or (main.passive and statement.subject)):
        return
    opening = re.match(
        r"(first|finally|lastly|second|third)\b|.*?, (first) ", statement.quote, re.I
    )
    if opening is None:
        return
    word = (opening.group(1) or opening.group(2)).lower()
    nth = {"finally": "last", "lastly": "last"}.get(word, word)
    question = f"What is the {nth} step in {studied.topic.name}?"
    yield Candidate(
        kind="what", question=question, aim=f"what the {nth} step in {studied.topic.name} is",
        statement=statement.index, subject=statement.subject, family="step",
    )  # fmt: skip


def purposes(statement: Statement) -> Iterator[Candidate]:
    """How do you clear the blockage?; What is a rinse used for?; What does a rubber dam do?"""
    for clause in statement.clauses:
        if clause.sound:
            yield from _way_to(statement, clause)
            yield from _used_for(statement, clause)
    yield from _role(statement)


def _way_to(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    first = clause.subject[0] if clause.subject else clause.verb.i
    for piece in clause.of("purpose"):
        found = re.match(r"(?:in order )?to (.+)", trimmed(piece), re.I)
        if piece.start >= first or found is None or set(found.group(1).lower().split()) & POINTING:
            continue
        goal = found.group(1)
        if clause.orders:
            question, aim = f"how do you {goal}", f"how to {goal}"
        elif (
            (who := subject_of(statement, clause))
            and clause.modal in {"must", "should"}
            and not clause.passive
        ):
            question, aim = (
                f"what {clause.modal} {who} do to {goal}",
                f"what {who} {clause.modal} do to {goal}",
            )
        else:
            question, aim = f"what does it take to {goal}", f"what it takes to {goal}"
        if sound(question, goal):
            phrased = Phrased(direct=question[:1].upper() + question[1:] + "?", indirect=aim)
            yield from made("how", phrased, statement, family="how to")


def _used_for(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    said = next((p for p in clause.pieces if p.text.lower().startswith("to ")), None)
    if said is None or clause.verb.lemma_ != "use" or not clause.passive or clause.negated:
        return
    rest = [p for p in kept(clause, said) if p.end <= said.start]
    yield from made(
        "what", ask(statement, clause, "what", rest, tail="for"), statement, family="used for"
    )


def _role(statement: Statement) -> Iterator[Candidate]:
    """Ask what a thing does that a relative clause tells of."""
    main = statement.main
    for token in main.doc if main else ():
        verb = token.head
        if token.lower_ != "which" or token.dep_ != "nsubj" or verb.dep_ != "relcl" or token.i < 2:
            continue
        noun = verb.head
        if (
            token.nbor(-1).text != ","
            or noun.i != token.i - 2
            or verb.lemma_ in _STILL
            or verb.tag_ not in {"VBZ", "VBP"}
        ):
            continue
        inside = [t.i for t in noun.subtree if t.i < token.i - 1]
        name = noun.doc[min(inside) : noun.i + 1].text
        if (
            len(name.split()) > 5
            or set(name.lower().split()) & POINTING
            or noun.doc[min(inside)].lower_ not in {"a", "an", "the"}
        ):
            continue
        does = "do" if noun.tag_ == "NNS" else "does"
        yield Candidate(
            kind="what", question=f"What {does} {name} do?", aim=f"what {name} {'do' if does == 'do' else 'does'}",
            statement=statement.index, subject=statement.subject, family="what role",
        )  # fmt: skip


def sequence(studied: Study) -> Iterator[Candidate]:
    """What should you do after removing the cap?: the step after a step."""
    for before, after in pairwise(studied.statements):
        one, two = (before.clauses[-1] if before.clauses else None), after.main
        if (
            one is None
            or two is None
            or not (one.orders and two.orders and one.sound)
            or one.negated
        ):
            continue
        rest = [
            trimmed(p)
            for p in kept(one)
            if p.role in {"object", "particle"} or (p.sense is None and p.role == "adjunct")
        ]
        told = " ".join([inflect(one.verb.lemma_, "VBG"), *rest])
        if (
            set(told.lower().split()) & POINTING
            or len(told.split()) > 9
            or len(rest) == 0
            or one.of("condition")
        ):
            continue
        yield Candidate(
            kind="what", question=f"What should you do after {told}?", aim=f"what to do after {told}",
            statement=after.index, subject="", family="next step",
        )  # fmt: skip
