"""The short answer that comes first: the time, place, reason or way, before its sentence."""

from colloquia.language.lexicon import word_set
from colloquia.language.phrases import PieceKind
from colloquia.language.pieces import Piece
from colloquia.language.words import overlap, words
from colloquia.offline.asked import Asked, Expected
from colloquia.offline.soundness import unclear
from colloquia.offline.study import Statement, Study

_KINDS: dict[Expected, tuple[PieceKind, ...]] = {
    "when": ("time",), "where": ("place",), "why": ("cause", "purpose"), "how": ("means",),
}  # fmt: skip
_MOST_WORDS = 11
_OPENERS = word_set("in on at by because due to near from through using within during around after")


def direct_answer(studied: Study, index: int, asked: Asked) -> str | None:
    """Return the few words that answer a question, as a sentence; None where they aren't plain."""
    kinds = _KINDS.get(asked.expected)
    if kinds is None:
        return None
    for claim in sorted(
        studied.claims_of(index), key=lambda one: -overlap(asked.words, _said(one))
    )[:1]:
        piece = _piece(claim, kinds)
        if piece is not None and _stands_alone(piece, asked):
            return f"{piece.text[:1].upper()}{piece.text[1:]}."
    return None


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
