"""Questions for a reason or a way: why and how, where a claim gives one."""

import re
from collections.abc import Iterator

from colloquia.language.clauses import Clause
from colloquia.language.lexicon import word_set
from colloquia.language.pieces import Piece
from colloquia.offline.questions.candidate import Candidate, inverted
from colloquia.offline.reading.soundness import kept_pieces, whole
from colloquia.offline.reading.study import Statement

_PURPOSEFUL = word_set(
    "use build establish create develop found form introduce design invent send flee leave "
    "return move travel employ adopt install add apply set construct write publish "
    "hold make modify release join meet organise organize gather come go march sail secrete "
    "carry divide work plan fit cut lay plant mount keep repaint paint close open drain"
)
_FRONTED_REASON = re.compile(
    r"(?:because|due to|owing to|thanks to|in order to|so as to|as a result of|"
    r"since (?!then)[a-z]+ [a-z]+(?:ed|s|d)\b|to [a-z]+)\b",
    re.I,
)


def why_and_how(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Yield the questions for a reason or a way that a claim gives."""
    yield from _why(statement, clause)
    means = clause.first("means")
    if means is not None and clause.lemma not in {"be", "go", "have"}:
        before = kept_pieces(clause, drop=clause.pieces[clause.pieces.index(means) :])
        if len(before) == clause.pieces.index(means):
            yield inverted("how", "How", statement, before)


def _why(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    cause = clause.first("cause", "purpose") or _purpose(clause)
    if cause is not None:
        dropped = clause.pieces[clause.pieces.index(cause) :]
        before = kept_pieces(clause, drop=dropped)
        if len(before) == clause.pieces.index(cause) and (before or not clause.copular):
            yield inverted("why", "Why", statement, before)
        return
    fronted = clause.fronted
    given = fronted is not None and _FRONTED_REASON.match(fronted.text) is not None
    if given or follows_so(statement, clause):
        pieces = kept_pieces(clause)
        if (pieces or clause.passive) and whole(clause, pieces):
            yield inverted("why", "Why", statement, pieces)


def follows_so(statement: Statement, clause: Clause) -> bool:
    """Whether the clause says what came of the one before: the iron rusts, so it is painted."""
    sentence = statement.sentence.text
    subject_at = sentence.rfind(clause.subject, 0, clause.start + len(clause.subject))
    return subject_at > 0 and re.search(r", (?:and )?so $", sentence[:subject_at]) is not None


def _purpose(clause: Clause) -> Piece | None:
    """An infinitive after the object of such a verb says what the deed was for."""
    for earlier, piece in zip(clause.pieces, clause.pieces[1:], strict=False):
        if piece.kind == "infinitive" and earlier.kind in {"object", "place", "time", "phrase"}:
            return piece if clause.lemma in _PURPOSEFUL else None
    passive = clause.passive and clause.pieces and clause.pieces[0].kind == "infinitive"
    return clause.pieces[0] if passive and clause.lemma in _PURPOSEFUL else None
