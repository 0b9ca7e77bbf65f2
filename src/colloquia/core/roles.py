"""What each role is told and what it replies: the one contract of agents, templates and backends.

An input is rendered into messages by the role's template and travels beside them as plain
variables; a reply is JSON that fits the role's reply type. What an input lacks, a role can't know:
the questioner has no reviews and no expected answer, the answerer no word of the plan.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from colloquia.core.ports import ANY_OF
from colloquia.core.types import PlannedExchange, QuestionKind, Speaker, Value


class Passage(Value):
    """The part of a snippet that agents see."""

    title: str | None = None
    text: str
    language: str = "en"
    """An ISO 639-1 code, or what spaCy calls the language."""


class Profile(Value):
    """The part of a persona that agents see; traits are 0..5."""

    name: str
    background: str = ""
    knowledge: dict[str, str] = Field(default_factory=dict)
    goals: tuple[str, ...] = ()
    traits: dict[str, float] = Field(default_factory=dict)
    behaviours: tuple[str, ...] = ()
    opening_styles: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class Line(Value):
    """One accepted turn of the transcript so far."""

    speaker: Speaker
    text: str


class PlannerInput(Value):
    """Plan `exchanges` questions; those at `unanswerable_at` (1-based) the snippet must not answer.

    The first exchange is always the overview that the foundation answers; the others are about what
    the foundation leaves out.
    """

    snippet: Passage
    persona: Profile
    kind: str
    foundation: str | None = None
    """What the opening answer says; None where there is none."""
    exchanges: int = Field(ge=1)
    unanswerable_at: tuple[int, ...] = ()


class PlannerReply(Value):
    """Difficulty 0 (plain recall) to 1 (expert), and one planned exchange per question."""

    difficulty: float = Field(ge=0, le=1)
    exchanges: tuple[PlannedExchange, ...] = Field(min_length=1)
    moved_to: tuple[int, ...] | None = None
    """Where the unanswerable questions stand, as many as the snippet affords; None: where asked."""


class QuestionerInput(Value):
    """Ask the next question, in the persona's manner.

    `foundation` is given for the opening only: the answer that the opening question must call for.
    When a question is asked anew, `draft` is the one that can't stand and `reasons` say why.
    """

    snippet: Passage
    persona: Profile
    kind: QuestionKind
    aim: str
    transcript: tuple[Line, ...] = ()
    foundation: str | None = None
    draft: str | None = None
    reasons: tuple[str, ...] = ()


class QuestionerReply(Value):
    """The question, as the persona would say it."""

    question: str = Field(min_length=1)


class QuestionReviewInput(Value):
    """One question to be looked at before anyone answers it."""

    snippet: Passage
    question: str
    kind: QuestionKind | None = None
    """What kind it was planned to be; None outside a plan."""
    transcript: tuple[Line, ...] = ()
    """What came before it."""
    foundation: str | None = None
    """For the opening only: the answer that it is to call for."""
    asked: tuple[str, ...] = ()
    """Every question that somebody answered in this dialogue so far, left out or not."""


class AnswererInput(Value):
    """Answer from the snippet alone, or decline where it is silent.

    `question` is None for the foundation: then state the snippet's core information. On a revision
    `draft` is the answer that failed and `reasons` say why. `sample` numbers further drafts.
    """

    snippet: Passage
    question: str | None = None
    transcript: tuple[Line, ...] = ()
    profile: str | None = None
    """The participant profile: who asks and in what tone to answer, in one or two sentences."""
    draft: str | None = None
    quotes: tuple[str, ...] = ()
    """What the draft offered as proof."""
    reasons: tuple[str, ...] = ()
    sample: int = 0


class AnswererReply(Value):
    """The answer with its verbatim quotes; `declined` where the snippet doesn't hold it."""

    answer: str = Field(min_length=1)
    quotes: tuple[str, ...] = ()
    declined: bool = False


class _Thinking(Value):
    """What comes first in a reply, so that it is written first."""

    thought: str = Field(min_length=1)


class ReasonerReply(AnswererReply, _Thinking):
    """An answer with the thought that led to it, which nobody in the dialogue hears."""

    @property
    def spoken(self) -> AnswererReply:
        """The answer alone."""
        return AnswererReply(answer=self.answer, quotes=self.quotes, declined=self.declined)


class ReviewInput(Value):
    """One exchange to be judged against the snippet, by critic and refusal checker alike."""

    snippet: Passage
    question: str
    transcript: tuple[Line, ...] = ()
    """What came before the question."""
    answer: str
    quotes: tuple[str, ...] = ()
    declined: bool = False


class CriticReply(Value):
    """Rubric scores 0..1; the verdict follows from them and from what the recipe accepts.

    The rationale tells the answerer what to mend.
    """

    grounded: float = Field(ge=0, le=1)
    helpful: float = Field(ge=0, le=1)
    clear: float = Field(ge=0, le=1)
    rationale: str = ""


RefusalLabel = Literal["answered", "declined", "overreached", "overrefused"]

_LABELS_THAT_FIT: dict[str, Any] = {
    ANY_OF: [
        {"properties": {"snippet_answers": {"const": found}, "label": {"enum": labels}}}
        for found, labels in (
            (True, ["answered", "overrefused"]),
            (False, ["declined", "overreached"]),
        )
    ]
}


class RefusalReply(Value):
    """Whether the snippet answers the question, and whether the answer was honest about it.

    `answered` and `declined` are right; `overreached` answered what the snippet doesn't say (or
    took a false premise for true); `overrefused` declined what it does say.
    """

    model_config = ConfigDict(json_schema_extra=_LABELS_THAT_FIT)

    snippet_answers: bool
    label: RefusalLabel
    rationale: str = ""

    @model_validator(mode="after")
    def _label_fits(self) -> Self:
        if (self.label in ("answered", "overrefused")) != self.snippet_answers:
            told = str(self.snippet_answers).lower()
            raise ValueError(f"label {self.label!r} contradicts snippet_answers {told}")
        return self


class DraftedExchange(Value):
    """One question with its answer, as written in one go with the others."""

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    quotes: tuple[str, ...] = ()
    declined: bool = False


class WriterInput(Value):
    """Write a whole conversation: the opening question, and an exchange for every other aim.

    `foundation` is the answer to the opening question; None where that is to be written too.
    """

    snippet: Passage
    persona: Profile
    profile: str | None = None
    foundation: str | None = None
    exchanges: tuple[PlannedExchange, ...]


class WriterReply(Value):
    """A drafted conversation, one exchange for each that was planned, in order."""

    exchanges: tuple[DraftedExchange, ...] = Field(min_length=1)


class JointInput(Value):
    """Exchanges of one conversation to be judged by one reviewer in the place of two."""

    snippet: Passage
    transcript: tuple[Line, ...] = ()
    """What came before the first of them."""
    exchanges: tuple[DraftedExchange, ...]


class JointReview(RefusalReply):
    """Both reviewers' replies on one exchange."""

    grounded: float = Field(ge=0, le=1)
    helpful: float = Field(ge=0, le=1)
    clear: float = Field(ge=0, le=1)


class JointReply(Value):
    """One review for each exchange, in order."""

    reviews: tuple[JointReview, ...] = Field(min_length=1)


class JudgeInput(Value):
    """Compare answers that a student gave to one question."""

    passage: str | None = None
    """What the question is about; None where nobody shows it."""
    transcript: tuple[Line, ...] = ()
    """What came before the question."""
    question: str
    notes: str
    """What a right answer holds, so that style can't pass for it."""
    replies: tuple[str, ...]


class ReplyFault(Value):
    """One thing that is wrong with a reply."""

    kind: Literal["comprehension", "logic", "fact", "style"]
    what: str


Grade = Annotated[int, Field(ge=1, le=5)]


class JudgeReply(Value):
    """For each reply its faults, then three grades from 1 to 5: named first, they are reasons."""

    faults: tuple[tuple[ReplyFault, ...], ...]
    discussion: str
    accuracy: tuple[Grade, ...]
    style: tuple[Grade, ...]
    detail: tuple[Grade, ...]


RoleReply = (
    PlannerReply
    | QuestionerReply
    | AnswererReply
    | ReasonerReply
    | CriticReply
    | RefusalReply
    | WriterReply
    | JointReply
    | JudgeReply
)
