"""One question that a snippet affords, or all but affords, with what answers it."""

from dataclasses import dataclass

from colloquia.core.types import QuestionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible question on a snippet."""

    kind: QuestionKind
    question: str
    """Asked plainly, with its question mark."""
    aim: str
    """The same, indirectly put: `when the lease expires`."""
    statement: int
    """What answers it, or what an unanswerable one was made from."""
    also: int | None = None
    """A second statement that the answer needs."""
    subject: str = ""
    followed: str | None = None
    """The same question once its subject has been spoken of: a pronoun stands for it."""
    lead: str = ""
    """What the answer opens with: `No.`; the statement follows."""
    family: str = ""
    """How it is phrased, whatever it is about: no dialogue has one twice, if it can be helped."""
    denies: bool = False
    """Whether it takes for granted what the snippet says otherwise."""
