"""A sentence parted where a clause can stand by itself, so that each is asked about and told alone.

What limits a clause stays with it: a condition before both, a `but` after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from colloquia.offline.reading.clauses import Clause, clauses_of
from colloquia.offline.reading.finite import SUBJECTS

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_POINTS = frozenset({"PRP", "PRP$", "EX"})
DEMONSTRATIVES = frozenset({"this", "these", "those", "that", "such"})
_POINTING = DEMONSTRATIVES | {"both", "neither", "each"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a sentence that tells one thing."""

    clauses: tuple[Clause, ...]
    start: int
    """Characters of the sentence that was parsed."""
    end: int
    opening: str
    """What opens the sentence, in another part, and holds for this one as well."""


def parts(doc: Doc) -> Iterator[Part]:
    """Part a sentence where a clause with its own subject begins, unless it points back."""
    clauses = clauses_of(doc)
    begun = (_own_start(clause, doc) for clause in clauses[1:])
    apart = {first for first in begun if first is not None and not _hangs_over(doc, first)}
    starts = sorted({0, *_without_items(doc, {*apart, *_read_apart(doc, clauses)})})
    ends = [*starts[1:], len(doc)]
    for number, (first, until) in enumerate(zip(starts, ends, strict=True)):
        more = takewhile(lambda end: end < len(doc) and _limits(doc, end), ends[number:])
        stop = ends[number + len([*more])]
        begin = doc[first].idx
        end = doc[stop - 1].idx + len(doc[stop - 1])
        text = doc.text[begin:end].rstrip()
        cut = re.sub(r"[\s,;:—–]*(?:\b(?:and|but|or|nor|yet))?[\s,;:—–]*$", "", text)
        whole = stop == len(doc)
        own = tuple(clause for clause in clauses if first <= clause.verb.i < until)
        yield Part(
            clauses=own,
            start=begin,
            end=begin + len(text if whole else cut),
            opening=_opening(clauses[0], own) if first and doc[first - 1].lower_ == "and" else "",
        )


def _read_apart(doc: Doc, clauses: tuple[Clause, ...]) -> Iterator[int]:
    """Yield where a semicolon sets apart what the parse has no clause for, but a finite verb."""
    marks = [token.i for token in doc if token.text == ";"]
    for mark, end in pairwise([*marks, len(doc)]):
        told = any(t.dep_ in SUBJECTS and t.tag_ not in {"WP", "WDT"} for t in doc[mark:end])
        finite = told and any(t.tag_ in {"VBZ", "VBP", "MD"} for t in doc[mark:end])
        if finite and not any(mark < clause.verb.i < end for clause in clauses):
            yield mark + 1


def _without_items(doc: Doc, starts: set[int]) -> set[int]:
    """Leave out what begins an item of a list behind a colon: two pans, of which one is old."""
    marks = [token.i for token in doc if token.text == ";"]
    listed = marks and any(token.text == ":" for token in doc[: marks[0]])
    items = {mark + 1 for mark in marks} if listed else set()
    return starts if items <= starts else starts - items


def _limits(doc: Doc, first: int) -> bool:
    """Whether a part limits the one before: A, but B; A, and B, unless C."""
    near = {token.lower_ for token in doc[first - 1 : first + 3]}
    excepts = doc[first - 1].lower_ == "and" and ", unless " in doc[first:].text
    return excepts or not near.isdisjoint({"but", "yet", "however", "otherwise"})


def _opening(clause: Clause, later: tuple[Clause, ...]) -> str:
    """Return the adjuncts before a clause's subject or order, none where later ones differ."""
    first = (clause.subject or (clause.verb.i,))[0]
    before = [p for p in clause.pieces if p.start < first and p.role == "adjunct"]
    told = {p.sense for one in later for p in one.pieces} - {None}
    if any(p.sense in told for p in before):
        return ""  # by 1880, it was planned, and the hall was built in 1883
    begin = min((p.start for p in before), default=first)
    return str(clause.doc[begin:first].text)


def _own_start(clause: Clause, doc: Doc) -> int | None:
    """Return the first token of a clause that can be set apart, or None."""
    first = next((t.i for t in doc[clause.start : clause.end] if not t.is_punct), clause.start)
    before = doc[first - 1] if first else None
    if not clause.sound or before is None:
        return None
    if before.lower_ in {"and", "but"} and first > 1:
        apart = doc[first - 2].text in {",", ";"}
        own = clause.subject is not None and clause.subject[0] >= first
        return first if apart and own else None
    return first if before.text == ";" else None


def _hangs_over(doc: Doc, first: int) -> bool:
    """Whether a later part needs what is before it: if A, then B, and C; a D is E, and the F …."""
    own = takewhile(lambda token: token.text != ";", doc[first:])
    if any(map(_bare_figure, own)):
        return True  # sand holds 3 to 15 grams; humus holds 200
    if doc[first - 1].text == ";" or doc[first - 2].text == ";":
        return False
    one = doc[first].lower_ == "the" and any(t.dep_ in {"relcl", "acl"} for t in doc[:first])
    points = doc[first].tag_ in _POINTS or doc[first].lower_ in _POINTING
    depends = any(t.dep_ == "mark" or t.tag_ == "WRB" for t in doc[:first])
    return one or depends or points


def _bare_figure(token: Token) -> bool:
    """Whether a token is a number of nothing that is named with it."""
    return bool(token.tag_ == "CD" and token.dep_ in {"dobj", "attr"})
