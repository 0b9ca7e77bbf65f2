"""False premises: questions that take for granted what the snippet says otherwise.

One thing is changed, as by someone who has misremembered: a figure, one of two names that the
snippet sets side by side, a negation, a word for its opposite. All else stays as the snippet has
it, so that the answer is the statement itself.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from spacy.tokens import Token

from colloquia.language.numbers import value_of
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.questions.gaps import put, usable
from colloquia.offline.questions.phrasing import Phrased, sound
from colloquia.offline.questions.things import made
from colloquia.offline.reading.clauses import Clause, bare
from colloquia.offline.reading.study import Statement, Study, mid_sentence

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
#: Where a negation holds for some cases, or for some time, only.
_BOUND = (
    r"\b(?:if|unless|only|except|when|where|nor|without|until|any|yet|since|longer|fully|both)\b"
)
#: What a bound with a greater figure would deny: at least four is also at least three.
_RAISED = re.compile(
    r"\b(?:at least|up to|at most|no more than|more than|above|over|as much as)\s*$", re.I
)
_LOWERED = re.compile(
    r"\b(?:within|no later than|less than|fewer than|below|under|by|exceed|before)\s*$", re.I
)
_MONTHS = (
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
)
_OPPOSITES = (
    ("more", "less"), ("higher", "lower"), ("before", "after"), ("above", "below"),
    ("speed up", "slow down"), ("strengthen", "weaken"), ("increase", "decrease"),
    ("faster", "slower"), ("larger", "smaller"), ("greater", "smaller"),
    ("best", "worst"), ("better", "worse"), ("hotter", "colder"), ("encourage", "discourage"),
    ("improve", "worsen"), ("gain", "lose"), ("rise", "fall"), ("thick", "thin"),
    ("optional", "compulsory"), ("easy", "difficult"), ("allow", "forbid"), ("warm", "cold"),
    ("accept", "reject"),
    ("increases", "decreases"), ("north", "south"), ("east", "west"),
    ("unlikely", "likely"), ("stable", "unstable"), ("inactive", "active"), ("rapidly", "slowly"),
    ("scarce", "plentiful"), ("stiff", "slack"),
)  # fmt: skip


def premises(studied: Study) -> Iterator[Candidate]:
    """Yield the false premises of a snippet, in the order of its statements."""
    for statement in studied.statements:
        for clause in statement.clauses:
            named = _spoken_for(statement, clause)
            if not usable(named, clause):
                continue
            yield from _negation(named, clause)
            if not clause.negated:
                for family in (_swapped, _figures, _reversed, _opposite):
                    yield from family(studied, named, clause)


def _spoken_for(statement: Statement, clause: Clause) -> Statement:
    """Name what a clause's pronoun stands for, where the order before it leaves no doubt."""
    head = clause.subject_head
    if head is None or head.lower_ not in {"it", "they"}:
        return statement
    before = [c for c in statement.clauses if c.orders and c.verb.i < clause.verb.i]
    said = before[-1].first("object") if before else None
    if said is None or (said.head.tag_ == "NNS") != (head.lower_ == "they"):
        return statement
    named = bare(said.text)
    return replace(statement, subject=named, plural=clause.plural, clauses=(clause,))


def _why(statement: Statement, clause: Clause, *, negated: bool | None = None) -> Phrased | None:
    reasons = clause.of("reason", "purpose")
    return put(statement, clause, "why", *reasons, negated=negated)


def _false(
    phrased: Phrased | None, statement: Statement, family: str, *, lead: str = ""
) -> Iterator[Candidate]:
    for candidate in made("false_premise", phrased, statement, family=family, lead=lead):
        yield replace(candidate, denies=True, followed=None)


def _altered(phrased: Phrased, old: str, new: str) -> Phrased | None:
    """Return the question with one thing changed, where that stands in it once."""
    found = re.compile(rf"(?<![\w.,/-]){re.escape(old)}(?![\w/-]|[.,]\d)")
    if len(found.findall(phrased.direct)) != 1:
        return None
    direct, indirect = found.sub(new, phrased.direct), found.sub(new, phrased.indirect)
    return Phrased(direct=direct[:1].upper() + direct[1:], indirect=indirect)


def _negation(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why must the teeth be perfectly dry?: they need not be."""
    if re.search(_BOUND, clause.doc.text, re.I) or clause.verb.lemma_ in {
        "know",
        "consider",
        "see",
    }:
        return
    bent = [t.lower_ for t in clause.doc[clause.start : clause.end] if t.dep_ == "neg"]
    if clause.negated and bent in (["not"], ["n't"]):
        wh = "how" if clause.modal == "can" else "why"
        phrased = put(statement, clause, wh, *clause.of("reason", "purpose"), negated=False)
        if phrased is not None:
            phrased = Phrased(
                direct=phrased.direct.replace("Why need ", "Why must "),
                indirect=re.sub(r"\bneed\b", "must", phrased.indirect, count=1),
            )
        yield from _false(phrased, statement, "negation dropped")
    elif not clause.negated and _granted(statement, clause):
        yield from _false(_why(statement, clause, negated=True), statement, "negation added")


def _granted(statement: Statement, clause: Clause) -> bool:
    """Whether a clause says that something is allowed, possible or right, without more."""
    if (
        clause.modal not in {"can", "may", "should"}
        or clause.orders
        or clause.of("frequency", "duration")
    ):
        return False
    plain = not re.search(r"\d", clause.doc[clause.start : clause.end].text)
    return plain and (clause.passive or statement.person or clause.modal == "should")


def _figures(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why is a token valid for 7,200 seconds?: it is for 3,600; or, as a check: Is it valid …?"""
    for token in clause.doc[clause.start : clause.end]:
        if not _counts(token):
            continue
        before = clause.doc[: token.i].text
        up = bool(_RAISED.search(before)) or (not _LOWERED.search(before) and token.i % 2 == 0)
        other = another(token, up=up, text=studied.text)
        why, check = (
            _why(statement, clause),
            put(statement, clause, "", *clause.of("reason", "purpose")),
        )
        if other and why:
            yield from _false(_altered(why, token.text, other), statement, "figure")
        if other and check and not clause.orders:
            yield from _false(
                _altered(check, token.text, other), statement, "figure checked", lead="No."
            )


def _counts(token: Token) -> bool:
    """Whether a token is a figure that counts or measures, by itself: no label, date part or range."""
    doc, i = token.doc, token.i
    if token.tag_ != "CD" or not re.fullmatch(
        r"[a-z]+|\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?", token.lower_
    ):
        return False
    before, after = doc[i - 1] if i else None, doc[i + 1] if i + 1 < len(doc) else None
    if before is not None and (
        (before.pos_ in {"NOUN", "PROPN"} and before.text not in _MONTHS) or before.text in "-/–—:="
    ):
        return False
    if before is not None and before.lower_ in {"the", "these", "those", "all", "other"}:
        return False
    around = doc[max(0, i - 3) : i + 4]
    if sum(t.tag_ == "CD" for t in around) > 1 or (
        before is not None and before.lower_ == "between"
    ):
        return False
    return after is None or after.text not in {
        "-",
        "/",
        "–",
        ":",
        "of",
        "million",
        "hundred",
        "thousand",
    }


def another(token: Token, *, up: bool, text: str) -> str | None:
    """Return another figure of the same kind and roundness, which the text doesn't have."""
    said = token.text
    value = value_of(said)
    if value is not None:
        new = value + (2 if up else -1) if value < 8 else value + (2 if up else -2)
        found = _WORDS[new] if value >= 2 and 2 <= new < len(_WORDS) else None
    elif not said[:1].isdigit():
        return None
    else:
        found = _other_digits(token, up=up)
    return (
        found
        if found and not re.search(rf"(?<![\w.,]){re.escape(found)}(?![\w]|[.,]\d)", text, re.I)
        else None
    )


def _other_digits(token: Token, *, up: bool) -> str | None:
    said = token.text
    digits = re.sub(r"\D", "", said)
    value, core = int(digits), digits.rstrip("0") or "0"
    zeros = len(digits) - len(core)
    after = token.nbor().text if token.i + 1 < len(token.doc) else ""
    if re.fullmatch(r"1\d{3}|20[012]\d", said) and token.ent_type_ == "DATE":
        new = value + (10 if up and value < 2000 else -10)
    elif after in _MONTHS or (token.i and token.nbor(-1).text in _MONTHS):
        new = value + 10 if value <= 18 else value - 10
    elif value in {12, 24, 48} or (value > 8 and value & (value - 1) == 0):
        new = value * 2 if up else value // 2
    elif len(core) > 2:
        new = int(core[0] + core[2] + core[1] + core[3:]) * 10**zeros
    elif zeros:
        new = value * 2 if up else value // 2
        new = new if new % 10 ** (zeros - (not up)) == 0 else value + 10**zeros
    else:
        step = 5 if value % 5 == 0 else 4 if value > 15 else 2
        new = value + step if up else value - step
    if (after in {"%", "percent", "per"} and new > 100) or new == value or new < 2:
        return None
    grown = str(new).zfill(len(digits))
    if "." in said:
        places = len(said.split(".")[1])
        return f"{grown[:-places]}.{grown[-places:]}"
    return f"{new:,}" if "," in said else str(new)


def _swapped(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why does gliadin give the dough strength?: glutenin does, and gliadin lets it stretch."""
    for piece in clause.of("contrast"):
        other = next((c for c in piece.head.children if c.dep_ in {"nsubj", "nsubjpass"}), None)
        words = {t.lower_ for t in piece.head.subtree}
        if other is None or not words & {"whereas", "while"} or words & {"also", "too"}:
            continue
        span = clause.doc[other.left_edge.i : other.right_edge.i + 1]
        yield from _of_other(
            statement, clause, bare(mid_sentence(span.text, span[0], studied.text)), other
        )
    for sibling in studied.statements:
        there = sibling.main
        if (
            sibling is statement
            or sibling.sentence != statement.sentence
            or sibling.loose
            or there is None
        ):
            continue
        if (
            there.subject_head is not None
            and clause is statement.main
            and not there.negated
            and "also" not in sibling.said
        ):
            if there.verb.lemma_ == clause.verb.lemma_ and usable(sibling, there):
                yield from _of_other(statement, clause, sibling.subject, there.subject_head)


def _of_other(statement: Statement, clause: Clause, other: str, head: Token) -> Iterator[Candidate]:
    own = clause.subject_head
    if (
        own is None
        or own.tag_ != head.tag_
        or len(other.split()) > 7
        or other.lower() == statement.subject.lower()
    ):
        return
    phrased = _why(replace(statement, subject=other, clauses=(clause,)), clause)
    if phrased is not None and sound(phrased.direct, other):
        yield from _false(phrased, statement, "name swapped")


def _reversed(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why must a starboard-tack boat keep clear of a port-tack boat?: it is the other way round."""
    subject, phrased = clause.subject_head, _why(statement, clause)
    if clause.verb.lemma_ in {"refer", "call", "know", "equal"} or " distinct" in str(clause.doc):
        return
    if subject is None or phrased is None or (clause.copular and "than" not in phrased.direct):
        return
    mine = statement.subject
    for chunk in clause.doc[clause.verb.i : clause.end].noun_chunks:
        if (
            chunk.root.lemma_ != subject.lemma_
            or chunk.root.tag_ != subject.tag_
            or chunk.root.pos_ == "PRON"
        ):
            continue
        theirs = chunk.text
        if (
            theirs not in phrased.direct
            or mine not in phrased.direct
            or len(subject.doc[slice(*(clause.subject or (0, 0)))]) > 5
        ):
            continue
        if (
            len(mine.split()) < 2
            or len(theirs.split()) < 2
            or mine.split()[0] in {"other", "another"}
            or "other" in theirs
        ):
            continue
        held = (
            phrased.direct.replace(mine, "\0", 1).replace(theirs, mine, 1).replace("\0", theirs, 1)
        )
        told = (
            phrased.indirect.replace(mine, "\0", 1)
            .replace(theirs, mine, 1)
            .replace("\0", theirs, 1)
        )
        if held != phrased.direct and "\0" not in held:
            yield from _false(Phrased(direct=held, indirect=told), statement, "turned round")


def _opposite(studied: Study, statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Why do denser media resist airflow less?: they resist it more."""
    phrased = _why(statement, clause)
    if phrased is None:
        return
    subject = (statement.subject + clause.subject_text).lower() + "".join(
        p.text.lower() for p in clause.of("condition")
    )
    for pair in _OPPOSITES:
        for old, new in (pair, pair[::-1]):
            if re.search(rf"\b{new.split()[0]}", studied.text, re.I) or re.search(
                rf"\b{old}\b", subject
            ):
                continue
            if (
                not re.search(
                    rf"\b{old} (?:than )?(?:\d|the (?:sale|purchase)|results)", phrased.direct
                )
                and " less the" not in phrased.direct
            ):
                yield from _false(_altered(phrased, old, new), statement, "opposite")
