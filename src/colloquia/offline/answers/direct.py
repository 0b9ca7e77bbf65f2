"""The time, place, reason or way asked for, put at the head of its sentence."""

from colloquia.language.lexicon import word_set
from colloquia.language.phrases import PieceKind
from colloquia.language.pieces import Piece
from colloquia.language.words import overlap, words
from colloquia.offline.reading.asked import Asked, Expected
from colloquia.offline.reading.grammar import declare
from colloquia.offline.reading.soundness import unclear
from colloquia.offline.reading.study import Statement, Study

_KINDS: dict[Expected, tuple[PieceKind, ...]] = {
    "when": ("time",), "where": ("place",), "why": ("cause", "purpose"), "how": ("means",),
}  # fmt: skip
_MOST_WORDS = 11
_OPENERS = word_set("in on at by because due to near from through using within during around after")


def direct_answer(studied: Study, index: int, asked: Asked) -> str | None:
    """Return a clause with the words that answer the question first; None where it isn't plain."""
    kinds = _KINDS.get(asked.expected)
    if kinds is None:
        return None
    for claim in sorted(
        studied.claims_of(index), key=lambda one: -overlap(asked.words, _said(one))
    )[:1]:
        piece = _piece(claim, kinds)
        if piece is not None and _stands_alone(piece, asked):
            return _headed_by(piece, claim)
    return None


def _headed_by(piece: Piece, claim: Statement) -> str | None:
    """Say a clause with one of its pieces at the head: `By hand, they wove it`."""
    clause = claim.clause
    if clause is None or claim.subject is None or not clause.separable:
        return None
    if piece is clause.fronted or any(one.kind == "tail" for one in clause.pieces):
        return None  # it stands at the head already
    rest = declare(claim, [one for one in clause.pieces if one is not piece])
    return f"{piece.text[:1].upper()}{piece.text[1:]}, {rest}."


def _said(claim: Statement) -> str:
    clause = claim.clause
    if clause is None:
        return ""
    rest = " ".join(piece.text for piece in clause.pieces)
    return f"{claim.subject or ''} {clause.verb} {rest}"


def _piece(claim: Statement, kinds: tuple[PieceKind, ...]) -> Piece | None:
    clause = claim.clause
    if clause is None:
        return None
    fronted = clause.fronted
    return fronted if fronted and fronted.kind in kinds else clause.first(*kinds)


def _stands_alone(piece: Piece, asked: Asked) -> bool:
    said = words(piece.text)
    if not 2 <= len(said) <= _MOST_WORDS or said[0].lower() not in _OPENERS:
        return False
    return not unclear(piece.text) and piece.text.lower() not in asked.core.lower()
