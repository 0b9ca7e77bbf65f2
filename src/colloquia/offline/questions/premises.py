"""False premises: questions that take for granted what the snippet says otherwise.

One thing is changed, as by someone who has misremembered: a figure, one of two names that the
snippet sets side by side, a negation. All else stays as the snippet has
it, so that the answer is the statement itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from colloquia.language.figures.numbers import value_of
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import Phrased, made, sound
from colloquia.offline.questions.telling import simply, usable
from colloquia.offline.reading.clauses import Clause, bare
from colloquia.offline.reading.study import Statement, Study, capital, phrase_of, subject_under

if TYPE_CHECKING:
    from spacy.tokens import Token

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MONTHS = re.compile(
    r"(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Sept|Nov|Dec)ember|October"
)
#: Bounds that a greater figure denies, as `at least four` is at least three too; and a smaller one.
_RAISED = re.compile(
    r"\b(?:at least|up to|at most|(?:no )?more than|above|over|as much as)\s*$", re.I
)
_LOWERED = re.compile(r"\b(?:within|(?:no later|less|fewer) than|below|under|by|before)\s*$", re.I)
#: Where a negation holds for some cases or for some time only.
_PARTLY = re.compile(
    r"\b(?:if|unless|only|except|when|where|nor|without|until|any|yet|since|longer|fully|both)\b",
    re.I,
)


def premises(studied: Study) -> Iterator[Candidate]:
    """Yield the false premises of a snippet, in the order of its statements."""
    for statement in studied.statements:
        for clause in statement.clauses:
            named = _spoken_for(statement, clause)
            if not usable(named, clause):
                continue
            yield from _negation(named, clause)
            if not clause.negated:
                for family in (_swapped, _figures):
                    yield from family(studied, named, clause)


def _spoken_for(statement: Statement, clause: Clause) -> Statement:
    """Name what a clause's pronoun stands for, where the order before it leaves no doubt."""
    head = clause.subject_head
    before = [c for c in statement.clauses if c.orders and c.verb.i < clause.verb.i]
    said = before[-1].first("object") if before else None
    if said is None or head is None or head.lower_ not in {"it", "they"}:
        return statement
    if (said.head.tag_ == "NNS") != (head.lower_ == "they"):
        return statement
    return replace(statement, subject=bare(said.text), clauses=(clause,))


def _why(statement: Statement, clause: Clause, *, negated: bool | None = None) -> Phrased | None:
    return simply(statement, clause, "why", *clause.of("reason", "purpose"), negated=negated)


def _false(
    phrased: Phrased | None, statement: Statement, family: str, *, lead: str = ""
) -> Iterator[Candidate]:
    for candidate in made("false_premise", phrased, statement, family=family, lead=lead):
        yield replace(candidate, denies=True, followed=None)


def _altered(phrased: Phrased | None, old: str, new: str) -> Phrased | None:
    """Return the question with one thing changed, where that stands in it once."""
    found = re.compile(rf"(?<![\w.,/-]){re.escape(old)}(?![\w/-]|[.,]\d)")
    if phrased is None or len(found.findall(phrased.direct)) != 1:
        return None
    direct, indirect = found.sub(new, phrased.direct), found.sub(new, phrased.indirect)
    return Phrased(direct=capital(direct), indirect=indirect)


def _negation(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why must the teeth be perfectly dry?: they need not be."""
    if _PARTLY.search(clause.doc.text) or clause.verb.lemma_ in {"know", "consider", "see"}:
        return
    bent = [t.lower_ for t in clause.doc[clause.start : clause.end] if t.dep_ == "neg"]
    if clause.negated and bent in (["not"], ["n't"]):
        wh = "how" if clause.modal == "can" else "why"
        said = simply(statement, clause, wh, *clause.of("reason", "purpose"), negated=False)
        if said is not None:
            direct = said.direct.replace("Why need ", "Why must ")
            indirect = re.sub(r"\bneed\b", "must", said.indirect, count=1)
            yield from _false(Phrased(direct=direct, indirect=indirect), statement, "not dropped")
    elif not clause.negated and _granted(statement, clause):
        yield from _false(_why(statement, clause, negated=True), statement, "not added")


def _granted(statement: Statement, clause: Clause) -> bool:
    """Whether a clause says that something is allowed, possible or right, without more."""
    if clause.modal not in {"may", "should"} or clause.of("frequency", "duration"):
        return False
    numbered = re.search(r"\d", clause.doc[clause.start : clause.end].text)
    return not numbered and (clause.passive or statement.person or clause.modal == "should")


def _figures(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why is a token valid for 7,200 seconds?: it is for 3,600; or, as a check: Is it valid …?"""
    for token in clause.doc[clause.start : clause.end]:
        if not _counts(token):
            continue
        before = clause.doc[: token.i].text
        up = bool(_RAISED.search(before)) or (not _LOWERED.search(before) and token.i % 2 == 0)
        other = another(token, up=up)
        if other is None or re.search(rf"(?<![\w.,]){other}(?!\w|[.,]\d)", studied.text, re.I):
            continue
        why = _altered(_why(statement, clause), token.text, other)
        yield from _false(why, statement, "figure")
        if not clause.orders:
            check = simply(statement, clause, "", *clause.of("reason", "purpose", "contrast"))
            check = _altered(check, token.text, other)
            yield from _false(check, statement, "figure checked", lead="No.")


def _counts(token: Token) -> bool:
    """Whether a token is a figure that counts or measures, by itself: no label and no range."""
    doc, i = token.doc, token.i
    shape = r"[a-z]+|\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
    if token.tag_ != "CD" or not re.fullmatch(shape, token.lower_):
        return False
    before, after = doc[max(0, i - 1) : i], doc[i + 1 : i + 2].text
    label = bool(before) and before[0].pos_ in {"NOUN", "PROPN"} and not _MONTHS.match(before.text)
    several = sum(t.tag_ == "CD" for t in doc[max(0, i - 3) : i + 4]) > 1
    apart = before.text.lower() in {"the", "these", "those", "all", "other", "between", *"-/–—:="}
    return not (
        label or several or apart or re.match(r"[-/–:]|of$|.*(?:hundred|and|illion)$", after)
    )


def another(token: Token, *, up: bool) -> str | None:
    """Return another figure of the same kind and roundness: 7,200 for 3,600, eight for ten."""
    said, value = token.text, value_of(token.text)
    if value is not None:
        new = value + (2 if up else -1)
        return _WORDS[new] if value > 1 and 1 < new < len(_WORDS) else None
    digits = re.sub(r"\D", "", said)
    if not digits:
        return None
    after = token.doc[token.i + 1 : token.i + 2].text
    near = f"{token.doc[max(0, token.i - 1)].text} {after}"
    value = int(digits)
    if re.fullmatch(r"1\d{3}|20[012]\d", said) and token.ent_type_ == "DATE":
        new = value + (10 if up and value < 1900 else -10)
    elif _MONTHS.search(near):
        new = value + 10 if value <= 18 else value - 10
    else:
        new = _near(value, digits, up=up)
    if new < 2 or new == value or (after in {"%", "percent", "per"} and new > 100):
        return None
    if "." in said:
        places = len(said.split(".")[1])
        grown = str(new).zfill(len(digits))
        return f"{grown[:-places]}.{grown[-places:]}"
    return f"{new:,}" if "," in said else str(new)


def _near(value: int, digits: str, *, up: bool) -> int:
    """Return a number one might take for this one: twice or half, some more, or digits changed."""
    core = digits.rstrip("0")
    zeros = len(digits) - len(core)
    if value in {12, 24, 48} or (value > 8 and value & (value - 1) == 0):
        return value * 2 if up else value // 2
    if len(core) > 2:
        return int(core[0] + core[2] + core[1] + core[3:] + digits[len(core) :])
    if zeros:
        new = value * 2 if up else value // 2
        return new if new % 10 ** (zeros - (not up)) == 0 else value + 10**zeros
    step = 5 if value % 5 == 0 else 4 if value > 15 else 2
    return value + step if up else value - step


def _swapped(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why does gliadin give the dough strength?: glutenin does, and gliadin lets it stretch."""
    others: list[tuple[str, Token]] = []
    for piece in clause.of("contrast"):
        words = {t.lower_ for t in piece.head.subtree}
        subject = subject_under(piece.head)
        if subject is not None and words & {"whereas", "while"} and not words & {"also", "too"}:
            others.append((phrase_of(subject, studied.text), subject))
    for sibling in studied.statements:
        there = sibling.main
        if sibling is statement or sibling.sentence != statement.sentence or there is None:
            continue
        alike = clause is statement.main and there.verb.lemma_ == clause.verb.lemma_
        head = there.subject_head
        if head is not None and alike and not there.negated and usable(sibling, there):
            others += [(sibling.subject, head)] if "also" not in sibling.said else []
    own = clause.subject_head
    for other, head in others:
        if own is None or own.tag_ != head.tag_ or len(other.split()) > 7:
            continue
        phrased = _why(replace(statement, subject=other, clauses=(clause,)), clause)
        if phrased and other.lower() != statement.subject.lower() and sound(phrased.direct, other):
            yield from _false(phrased, statement, "name swapped")
