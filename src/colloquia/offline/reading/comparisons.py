"""Questions that set two things side by side: which came first, and how two subjects differ."""

import itertools
import re
from collections.abc import Iterator

from colloquia.language.clauses import Clause, clauses
from colloquia.language.phrases import head_noun
from colloquia.language.pieces import Piece
from colloquia.language.tagging import tag
from colloquia.language.words import words
from colloquia.offline.reading.grammar import Phrased, declare
from colloquia.offline.reading.study import Statement, Study, mid_sentence

_YEAR = re.compile(r"\b(1[0-9]\d\d|20\d\d)\b")
_CONTRAST = re.compile(
    r"\b(?:while|whereas|unlike|in contrast|by contrast|compared (?:to|with)|on the other hand)\b",
    re.I,
)
# … larger than Y, … similar to Y, where Y ends the clause
_COMPARED = re.compile(
    r"\b(?:(?:more|less|fewer|(?!rather|other|either)\w+er)\b[\w\s-]{0,30}? than|similar to|"
    r"different from|distinct from|differs? from|equivalent to|superior to|inferior to)\s+"
    r"((?:the |an? )?[\w-]+(?: [\w-]+){0,4})$"
)
_NO_THING = re.compile(
    r"^(?:for|in|of|by|with|at|on|to)\b|"
    r"\b(?:that|those|it|they|this|\d+|any|other|\w+ed|themselves)\b"
)
_COUNTED = re.compile(r"(?:no|any|each|every|some|many|most|all|\w+-\w+) |.*\d", re.I)
_MAX_EVENT_WORDS = 14


def comparisons(read: Study) -> Iterator[tuple[Phrased, int]]:
    """Yield comparison questions, each with the index of the statement it rests on."""
    yield from _which_first(read)
    yield from _differences(read)
    yield from _same_kind(read)
    yield from _compared(read)


def dated_event(statement: Statement) -> tuple[str, int] | None:
    """Return a statement's event without its date, and its year; None if it has no plain date."""
    clause = statement.clause
    if clause is None or statement.subject is None or clause.copular or clause.negated:
        return None
    dated = [piece for piece in _timed(clause) if _YEAR.search(piece.text)]
    if len(dated) != 1 or len(_YEAR.findall(dated[0].text)) != 1 or clause.form != "VBD":
        return None
    pieces: list[Piece] = []
    for piece in clause.pieces:
        if piece.kind in {"tail", "participle", "that", "cause"}:
            break
        if piece not in dated:
            pieces.append(piece)
    event = declare(statement, pieces)
    year = _YEAR.search(dated[0].text)
    if year is None or len(words(event)) > _MAX_EVENT_WORDS or _YEAR.search(event):
        return None
    if re.search(r"\b(?:this|these|it|they|he|she|that|there)\b|[,;:()\"]", event, re.I):
        return None
    return event, int(year.group())


def _timed(clause: Clause) -> list[Piece]:
    front = [clause.fronted] if clause.fronted and clause.fronted.kind == "time" else []
    return front + [piece for piece in clause.pieces if piece.kind == "time"]


def _which_first(read: Study) -> Iterator[tuple[Phrased, int]]:
    dated = [
        (statement.index, event)
        for statement in read.claims
        if (event := dated_event(statement)) is not None
    ]
    for (index, first), (_, second) in itertools.pairwise(dated):
        if first[1] == second[1] or first[0] == second[0]:
            continue
        pair = (second[0], first[0]) if first[1] < second[1] else (first[0], second[0])
        text = f"which happened first: {pair[0]}, or {pair[1]}"
        yield Phrased(direct=text, indirect=text), index


def _differences(read: Study) -> Iterator[tuple[Phrased, int]]:
    for statement in read.claims:
        sentence = statement.sentence.text
        found = _CONTRAST.search(sentence)
        if found is None or statement.subject is None or statement.resolved:
            continue
        other = _other_side(read, statement, found.end())
        if other and _is_named(statement.subject) != _is_named(other):
            continue  # Rømer and the true figure aren't two of a kind
        if other and other.lower() not in statement.subject.lower():
            text = f"{statement.subject} and {other}"
            yield (
                Phrased(direct=f"how do {text} differ", indirect=f"how {text} differ"),
                statement.index,
            )


def _is_named(phrase: str) -> bool:
    return head_noun(tag(phrase)).tag in {"NNP", "NNPS"}


def _same_kind(read: Study) -> Iterator[tuple[Phrased, int]]:
    """Two subjects with one head noun are two of a kind: packet switching, circuit switching."""
    plain = [
        claim for claim in read.claims
        if claim.subject and claim.clause and not claim.resolved
        and len(words(claim.subject)) in {2, 3}
        and claim.clause.subject_tokens[0].tag != "CD" and not _COUNTED.match(claim.subject)
    ]  # fmt: skip
    for at, claim in enumerate(plain):
        for other in plain[at + 1 :]:
            one, two = words(claim.subject or ""), words(other.subject or "")
            if _two_of_a_kind(one, two):
                text = f"how {claim.subject} and {other.subject} differ"
                direct = f"how do {claim.subject} and {other.subject} differ"
                yield Phrased(direct=direct, indirect=text), claim.index


def _two_of_a_kind(one: list[str], two: list[str]) -> bool:
    """Whether two phrases share their noun and each says which one it means."""
    which = [
        set(word.lower() for word in phrase[:-1]) - {"the", "a", "an"} for phrase in (one, two)
    ]
    return (
        one[-1].lower() == two[-1].lower() and one[-1].islower()
        and all(which) and not which[0] & which[1]
    )  # fmt: skip


def _compared(read: Study) -> Iterator[tuple[Phrased, int]]:
    """Read `S is larger than Y` as a comparison of S with Y."""
    for claim in read.claims:
        clause = claim.clause
        if clause is None or claim.subject is None or clause.negated:
            continue
        if clause.lemma not in {"be", "become", "differ", "seem", "remain", "have"}:
            continue
        joined = " ".join(piece.text for piece in clause.pieces)
        found = _COMPARED.search(joined)
        other = found.group(1) if found else ""
        if not other or _NO_THING.search(other):
            continue
        be = "do" if clause.plural else "does"
        yield (
            Phrased(
                direct=f"how {be} {claim.subject} compare with {other}",
                indirect=f"how {claim.subject} compare{'' if clause.plural else 's'} with {other}",
            ),
            claim.index,
        )


def _other_side(read: Study, statement: Statement, at: int) -> str | None:
    """Return the thing a contrast word sets against the subject."""
    rest = statement.sentence.text[at:].lstrip(" ,")
    found = clauses(rest[:1].upper() + rest[1:]) if rest else ()
    clause = found[0] if found else None
    if clause is None or len(clause.subject_tokens) > 6:
        return None
    if clause.subject_tokens[0].tag in {"PRP", "EX", "PRP$"}:
        return None
    if clause.subject_tokens[0].lower in {"this", "that", "these", "those", "others", "some"}:
        return None
    first, last = clause.subject_tokens[0], clause.subject_tokens[-1]
    if first.start > 0 or first.tag == "VBG":
        return None
    subject = rest[: last.end]
    return mid_sentence(subject, tag(subject), read.text)
