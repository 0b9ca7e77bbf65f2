"""The core values: frozen, closed, and named by their content.

A turn's id hashes its parent, so a dialogue is a pointer to a tip; a revision, a second sample or
a human edit is a sibling; and a preference pair is two siblings. The first turn's parent is its
dialogue. Nothing else keeps book of who follows whom.
"""

from functools import cached_property
from operator import not_
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from colloquia.core.hashing import content_id
from colloquia.core.text import brief

Speaker = Literal["questioner", "answerer", "environment"]
VerdictName = Literal["accept", "revise", "reject"]
Outcome = Literal["accepted", "rejected", "failed", "pending"]
#: Reasons of a rejection before any work: what the offline teacher can't write about.
OTHER_LANGUAGE, NOT_PROSE = "language", "not_prose"
#: What such snippets are, and what to do.
UNWRITABLE = {
    OTHER_LANGUAGE: "not in English, all that the offline teacher knows; "
    "name a model under agents, or set language: en",
    NOT_PROSE: "of conversations, logs or tables, while the offline teacher reads prose alone; "
    "name a model under agents",
}
Level = Literal["novice", "working", "expert"]
QuestionKind = Literal[
    "overview",
    "what",
    "who",
    "when",
    "where",
    "how_many",
    "why",
    "how",
    "comparison",
    "definition",
    "yes_no",
    "follow_up",
    "false_premise",
    "near_miss",
]
#: Kinds whose question the snippet does not answer as asked; an honest answer declines.
UNANSWERABLE_KINDS: frozenset[QuestionKind] = frozenset({"false_premise", "near_miss"})


MOST_TOKENS = 1_000_000_000  # of one call: far above any window, far below what a sum can't hold
MOST_USD = 1_000_000.0  # of one call


def token_count(said: Any) -> int | None:
    """Return a plausible number of tokens; None, which is unknown, for anything else."""
    return said if type(said) is int and 0 <= said <= MOST_TOKENS else None


def usd(said: Any) -> float | None:
    """Return a plausible cost of a call; None, which is unknown, for anything else."""
    return float(said) if type(said) in {int, float} and 0 <= said <= MOST_USD else None


MAX_NAMED = 2_000  # characters of a title, source, license, topic, id or name


def _has_a_names_length(said: str) -> str:
    """Hold a name's length; a constraint of pydantic's would refuse lone surrogates too."""
    if len(said) > MAX_NAMED:
        raise ValueError(f"{brief(said)} has {len(said):,} characters; {MAX_NAMED:,} are the most")
    return said


Named = Annotated[str, AfterValidator(_has_a_names_length)]
#: What servers, libraries and old rows say of a call is believed only if it can be.
Tokens = Annotated[int | None, BeforeValidator(token_count)]
Usd = Annotated[float | None, BeforeValidator(usd)]


class Value(BaseModel):
    """A frozen value that crosses a border (file, store, model, command line)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __str__(self) -> str:
        return repr(self)


class Snippet(Value):
    """A passage of factual text; the same words are the same snippet, whatever file or title."""

    id: str
    text: str = Field(min_length=1)
    title: Named | None = None
    source: Named | None = None
    license: Named | None = None
    topic: Named | None = None
    external_id: Named | None = None
    """The id its file gave it, for people to find it again."""
    metadata: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, text: str, **fields: Any) -> Self:
        """Make a snippet from its text; the id is a hash of its words, white space aside."""
        return cls(id=content_id("snip1", " ".join(text.split())), text=text, **fields)

    def __repr__(self) -> str:
        title = f" {brief(self.title)}:" if self.title else ""
        return f"<Snippet {self.id}{title} {brief(self.text)}, {len(self.text):,} characters>"


class Persona(Value):
    """Who asks: knowledge, goals and manner. Traits are numbers from 0 (none) to 5 (very)."""

    id: str
    name: Named
    background: str = ""
    knowledge: dict[str, Level] = Field(default_factory=dict)
    goals: tuple[str, ...] = ()
    traits: dict[str, float] = Field(default_factory=dict)
    behaviours: tuple[str, ...] = ()
    opening_styles: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    language: str = "en"
    weight: float = Field(default=1.0, gt=0)

    def __repr__(self) -> str:
        return f"<Persona {self.name}: {brief(self.background)}>"


class PlannedExchange(Value):
    """One question to come: its kind and what it is about (never its answer)."""

    kind: QuestionKind
    aim: str

    @property
    def answerable(self) -> bool:
        """Whether the snippet is meant to answer it; the answerer is never told."""
        return self.kind not in UNANSWERABLE_KINDS


class Plan(Value):
    """What the curriculum planner decided for one snippet."""

    id: str
    snippet_id: str
    persona_id: str
    kind: str
    difficulty: float = Field(ge=0, le=1)
    exchanges: tuple[PlannedExchange, ...]

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """Make a plan; its id is a hash of everything else in it."""
        draft = cls(id="", **fields)
        return draft.model_copy(
            update={"id": content_id("plan1", draft.model_dump(mode="json", exclude={"id"}))}
        )


class Span(Value):
    """A verbatim quote in the snippet: `text == snippet.text[start:end]`, in code points."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str


class Turn(Value):
    """One utterance by one speaker."""

    id: str
    parent_id: str
    """The turn before it, or the dialogue for the first turn."""
    speaker: Speaker
    text: str
    thought: str | None = None
    spans: tuple[Span, ...] = ()
    declined: bool = False
    call_id: str | None = None
    attempt: int = Field(default=0, ge=0)
    """0 for a draft, then 1, 2, … for its revisions or further samples."""
    exchange: int | None = Field(default=None, ge=1)
    """The planned exchange it belongs to, from 1; None in rows of before, and without a plan."""
    train_weight: float = Field(default=1.0, ge=0)

    @classmethod
    def of(
        cls, *, parent_id: str, speaker: Speaker, text: str, attempt: int = 0, **fields: Any
    ) -> Self:
        """Make a turn; its id hashes parent, speaker, text and attempt.

        The attempt is part of it because a revision may keep the words and mend only the quotes.
        """
        turn_id = content_id("turn1", [parent_id, speaker, text, attempt])
        return cls(
            id=turn_id, parent_id=parent_id, speaker=speaker, text=text, attempt=attempt, **fields
        )

    def __repr__(self) -> str:
        marks = (
            "declined" * self.declined,
            f"{len(self.spans)} quotes" * bool(self.spans),
            f"attempt {self.attempt}" * bool(self.attempt),
        )
        about = "".join(f", {mark}" for mark in marks if mark)
        return f"<Turn {self.speaker}: {brief(self.text)}{about}>"


class Verdict(Value):
    """What a reviewer thinks of an exchange; the rationale tells the answerer what to mend."""

    decision: VerdictName
    scores: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    label: str | None = None
    rationale: str = ""


class Review(Value):
    """One reviewer's scores (0..1, by rubric) and verdict on one turn or dialogue."""

    id: str
    subject_id: str
    reviewer: str
    """`critic`, `refusal_checker`, `evidence`, a node of the user's, `human:NAME`, `judge:NAME`."""
    verdict: VerdictName
    scores: dict[str, float] = Field(default_factory=dict)
    label: str | None = None
    rationale: str = ""
    call_id: str | None = None

    @classmethod
    def of(cls, *, subject_id: str, reviewer: str, **fields: Any) -> Self:
        """Make a review; its id hashes subject and reviewer: one opinion each."""
        review_id = content_id("rev1", [subject_id, reviewer])
        return cls(id=review_id, subject_id=subject_id, reviewer=reviewer, **fields)


class Dialogue(Value):
    """One snippet's dialogue in one run: a pointer to the tip of its turns, and how it ended."""

    id: str
    run_id: str
    snippet_id: str
    persona_id: str
    plan_id: str | None = None
    tip_id: str | None = None
    outcome: Outcome = "pending"
    reason: str | None = None
    """Why it was rejected, or the cause of its failure; None otherwise."""
    stop_reason: str | None = None
    seed: int
    attempt: int = 0

    @property
    def root_id(self) -> str:
        """What the first turn of this attempt follows: the dialogue, or its retry."""
        return f"{self.id}.{self.attempt}" if self.attempt else self.id

    def is_root(self, name: str) -> bool:
        """Whether the first turn of any attempt follows this."""
        own, _, attempt = name.partition(".")
        known = attempt.isdecimal() and len(attempt) < 10 and 0 < int(attempt) <= self.attempt
        return own == self.id and (known or own == name)


class ToolCall(Value):
    """A tool that a model wants called."""

    id: str
    """Names the call within its conversation; the tool's result answers to it."""
    name: str
    arguments: str
    """JSON object as text; as the model wrote it where that could not be read as one."""


class Message(Value):
    """One chat message as sent to a model.

    What only tools need is left out of dumps where it's empty, so plain messages keep their hash.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = Field(default=(), exclude_if=not_)
    """What an assistant asked to have called."""
    tool_call_id: str | None = Field(default=None, exclude_if=lambda given: given is None)
    """The call that a tool's message answers."""

    @property
    def is_plain(self) -> bool:
        """Whether role and content are all of it."""
        return not self.tool_calls and self.role != "tool"

    @cached_property
    def id(self) -> str:
        """Its name by content: the store keeps each message once, however often it was sent."""
        content: list[Any] = [self.role, self.content]
        if not self.is_plain:
            content += [self.tool_call_id, [call.model_dump() for call in self.tool_calls]]
        return content_id("msg1", content)


class ModelCall(Value):
    """One row of the ledger: a request in its place in a dialogue, and what came back."""

    id: str
    dialogue_id: str
    place: str
    """Where in the dialogue it was asked, e.g. `3.answerer.1`: exchange, node, attempt."""
    role: str
    model: str
    prompt: str
    """The template's identity, `answerer@3f2a9c1b`."""
    request_hash: str
    messages: tuple[Message, ...] = ()
    reply: str | None = None
    thought: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    stop: str | None = None
    tokens_in: Tokens = None
    tokens_out: Tokens = None
    cost_usd: Usd = None
    """None means unknown, never free."""
    latency_s: float = 0.0
    attempts: int = 1
    cause: str | None = None
