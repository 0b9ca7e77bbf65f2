"""False premises: questions that take for granted what the snippet says otherwise.

A figure or a negation is changed, as by someone who has misremembered it. All else stays as the
snippet has it, so that the answer is the statement itself, behind what sets the question right:
`It doesn't.`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from colloquia.language.asking.given_away import told_as_question
from colloquia.language.figures.numbers import value_of
from colloquia.language.lexicon import word_set
from colloquia.language.reading.words import capital
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.phrasing import Phrased, made
from colloquia.offline.questions.unanswerable.plain import plainly, usable
from colloquia.offline.questions.verbs import STATES
from colloquia.offline.reading.clauses import Clause
from colloquia.offline.reading.statement import Statement
from colloquia.offline.reading.study import Study

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
#: Nobody asks why they are so many.
_MEASURED = word_set(
    "cover comprise include total realize split accept average give generate"
) | STATES - {"be", "have"}
_LASTING = re.compile(r"Why (?:is|are|do|does)\b.* since \d")
#: Where a negation holds for some cases or for some time only.
_PARTLY = re.compile(
    r"\b(?:if|unless|only|except|when|where|nor|without|until|any|yet|since|longer|fully|both)\b",
    re.I,
)


def premises(studied: Study) -> Iterator[Candidate]:
    """Yield the false premises of a snippet, in the order of its statements."""
    for statement in studied.statements:
        for clause in statement.clauses:
            if usable(statement, clause):
                family = _negation if clause.negated else _figures
                yield from family(studied, statement, clause)


def _why(statement: Statement, clause: Clause) -> Phrased | None:
    wh = "how" if clause.negated and clause.modal in {"can", "could"} else "why"
    return plainly(statement, clause, wh, clause.of("reason", "purpose"), negated=False)


def _false(
    phrased: Phrased | None, statement: Statement, family: str, lead: str
) -> Iterator[Candidate]:
    for candidate in made(
        "false_premise", phrased if lead else None, statement, family=family, lead=lead
    ):
        yield replace(candidate, denies=True, followed=None)


def _denial(asked: Phrased, statement: Statement, clause: Clause) -> str:
    """Return what sets a question right: `It doesn't.`; nothing where it isn't sure who."""
    finite = asked.direct.split()[1]
    subject = clause.doc[slice(*(clause.subject or (0, 0)))]
    person = any(t.ent_type_ == "PERSON" for t in subject) and statement.pronoun == "it"
    one, many = finite in {"is", "was", "does", "has"}, finite in {"are", "were", "do", "have"}
    single = statement.pronoun if statement.pronoun in {"he", "she"} else "it"
    who = single if one else "they" if many or clause.plural else statement.pronoun
    denied = {"can": "can't", "may": "may not"}.get(finite, f"{finite}n't")
    return f"{capital(who)} {denied}." if who and not person else ""


def _negation(_: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why must the teeth be perfectly dry?: they needn't."""
    denied = [t.lower_ for t in clause.doc[clause.start : clause.end] if t.dep_ == "neg"]
    vague = clause.verb.lemma_ in {"know", "consider", "see", "understand"}
    vague = vague or clause.modal == "must"  # nobody takes a ban for a duty
    said = _why(statement, clause)
    if said is None or vague or _PARTLY.search(clause.doc.text) or denied not in (["not"], ["n't"]):
        return
    must = Phrased(
        direct=said.direct.replace("Why need ", "Why must "),
        indirect=re.sub(r"\bneed\b", "must", said.indirect, count=1),
    )
    yield from _false(must, statement, "not dropped", _denial(said, statement, clause))


def _figures(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Isn't a token valid for 7,200 seconds?: no, for 3,600."""
    said = plainly(statement, clause, "", clause.of("reason", "purpose", "contrast"))
    plain = not clause.modal and clause.verb.lemma_ not in _MEASURED
    why = _why(statement, clause) if plain else None
    for token in clause.doc[clause.start : clause.end]:
        if said is None or clause.orders or not _counts(token):
            continue
        before = clause.doc[: token.i].text
        up = bool(_RAISED.search(before)) or (not _LOWERED.search(before) and token.i % 2 == 0)
        other = _another(token, up=up)
        stands = re.compile(rf"(?<![\w.,/-]){re.escape(token.text)}(?![\w/-]|[.,]\d)")
        if other is None or re.search(rf"(?<![\w.,]){other}(?!\w|[.,]\d)", studied.text, re.I):
            continue
        cloze = told_as_question(said.direct, studied.text)
        asked = why if cloze else said
        if cloze and why and _LASTING.match(why.direct):
            continue  # Why is she elected since 1992?
        lead = _denial(why, statement, clause) if cloze and why else "No."
        if asked and len(stands.findall(asked.direct)) == 1:
            direct, indirect = stands.sub(other, asked.direct), stands.sub(other, asked.indirect)
            false = Phrased(direct=capital(direct), indirect=indirect)
            yield from _false(false, statement, "why figure" if cloze else "figure", lead)


def _counts(token: Token) -> bool:
    """Whether a token is a figure that counts or measures, by itself: no label and no range."""
    doc, i = token.doc, token.i
    shape = r"[a-z]+|\d{1,3}(?:,\d{3}){1,9}|\d{1,30}(?:\.\d{1,30})?"
    if token.tag_ != "CD" or not re.fullmatch(shape, token.lower_):
        return False
    before, after = doc[max(0, i - 1) : i], doc[i + 1 : i + 2].text
    label = bool(before) and before[0].pos_ in {"NOUN", "PROPN"} and not _MONTHS.match(before.text)
    several = sum(t.tag_ == "CD" for t in doc[max(0, i - 3) : i + 4]) > 1
    apart = before.text.lower() in {"the", "these", "those", "all", "other", "between", *"-/–—:="}
    return not (
        label or several or apart or re.match(r"[-/–:]|of$|.*(?:hundred|and|illion)$", after)
    )


def _another(token: Token, *, up: bool) -> str | None:
    """Return another figure of the same kind and roundness: 7,200 for 3,600, eight for ten."""
    said, value = token.text, value_of(token.text)
    if value is not None:
        new = value + (2 if up else -1)
        return _WORDS[new] if value > 1 and 1 < new < len(_WORDS) else None
    digits = re.sub(r"\D", "", said)
    if not digits:
        return None
    before, after = token.doc[max(0, token.i - 1)].text, token.doc[token.i + 1 : token.i + 2].text
    if re.fullmatch(r"1\d{3}|20[012]\d", said) and token.ent_type_ == "DATE":
        new = int(digits) + (10 if up and int(digits) < 1900 else -10)
    elif _MONTHS.search(f"{before} {after}"):
        new = int(digits) + (10 if int(digits) <= 18 else -10)
    else:
        new = _near(digits, up=up)
    if new < 2 or new == int(digits) or (after in {"%", "percent", "per"} and new > 100):
        return None
    if "." in said:
        places, grown = len(said.split(".")[1]), str(new).zfill(len(digits))
        return f"{grown[:-places]}.{grown[-places:]}"
    return f"{new:,}" if "," in said else str(new)


def _near(digits: str, *, up: bool) -> int:
    """Return a number one might take for this one: twice or half, some more, or digits changed."""
    core, value = digits.rstrip("0"), int(digits or 0)
    if len(core) > 2:
        return int(digits[0] + digits[2] + digits[1] + digits[3:])
    if core != digits or value in {12, 24, 48, 64, 128, 256, 512}:
        return value * 2 if up else value // 2
    step = 5 if value % 5 == 0 else 4 if value > 15 else 2
    return value + step if up else value - step
