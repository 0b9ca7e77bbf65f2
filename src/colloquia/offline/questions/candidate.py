"""One possible question on a snippet, and how it is made of a phrased one."""

from dataclasses import dataclass, replace

from colloquia.core.types import QuestionKind
from colloquia.language.pieces import Piece
from colloquia.offline.reading.grammar import Phrased, ask, yes_no
from colloquia.offline.reading.study import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible question on a snippet."""

    kind: QuestionKind
    question: str
    """Asked plainly, with its question mark."""
    aim: str
    """The same, indirectly put: `when the Normans adopted the language`."""
    statement: int
    """The sentence that answers it (or that an unanswerable one was made from)."""
    subject: str = ""
    general: bool = False
    """Whether it only asks what is said of a name."""
    followed: str | None = None
    """The same question once its subject has been spoken of: a pronoun stands for it."""


def candidate_of(kind: QuestionKind, phrased: Phrased, statement: Statement) -> Candidate:
    """Make a candidate of a phrased question."""
    direct = phrased.direct
    return Candidate(
        kind=kind, question=direct[:1].upper() + direct[1:] + "?", aim=phrased.indirect,
        statement=statement.index, subject=statement.subject or "",
    )  # fmt: skip


def inverted(
    kind: QuestionKind, wh: str, statement: Statement, pieces: tuple[Piece, ...]
) -> Candidate:
    """An inverted question, and its form with a pronoun for the subject."""
    build = yes_no if kind == "yes_no" else None
    plain = build(statement, pieces) if build else ask(statement, wh, pieces)
    short = (
        build(statement, pieces, subject=statement.pronoun)
        if build
        else ask(statement, wh, pieces, subject=statement.pronoun)
    )
    clash = (
        (statement.pronoun == "they" and statement.clause and not statement.clause.plural)
        or (statement.pronoun == "it" and statement.person is None)
        or kind == "definition"
    )
    followed = None if clash else short.direct[:1].upper() + short.direct[1:] + "?"
    return replace(candidate_of(kind, plain, statement), followed=followed)
