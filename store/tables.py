"""The tables, one class each, with columns named like the fields of the core value it holds.

Snippets, personas and messages are global: the same content is stored once. Everything below a run
is keyed by (run_id, id), because ids are hashes of content that leave the run out: a `--fresh` run
of the same recipe makes the same ids again, beside the old rows.

`seq` and `position` number rows in the order of commits. `created_at` is for people; no value
carries it. A new store is made from these classes alone; `migrations/` brings older ones here.
"""

from typing import Any, ClassVar

from sqlalchemy import Column, Computed, ForeignKeyConstraint, Identity, Index, MetaData
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy import text as sql
from sqlmodel import BigInteger, Field, Integer, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from colloquia.store.columns import CleanText, JsonText

#: SQLite counts up only in a column declared INTEGER; elsewhere 32 bits would run out.
SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")
NOW = {"server_default": sql("CURRENT_TIMESTAMP")}


class Row(SQLModel):
    """Base of the tables; its own metadata keeps them apart from an application's models."""

    metadata: ClassVar[MetaData] = MetaData()


class SchemaVersionRow(Row, table=True):
    """Which schema this store has: one row, kept by Alembic."""

    __tablename__ = "schema_version"

    version_num: str = Field(primary_key=True)
    version: int = Field(
        sa_column=Column(Integer, Computed("CAST(version_num AS INTEGER)", persisted=True))
    )


class RunRow(Row, table=True):
    """A run's manifest."""

    __tablename__ = "runs"

    seq: int = Field(sa_column=Column(SEQUENCE, Identity(), primary_key=True))
    id: str = Field(unique=True)
    recipe_hash: str
    ordinal: int
    name: str
    recipe: dict[str, Any] = Field(sa_type=JsonText)
    """With every default written out."""
    seed: int = Field(sa_type=BigInteger)
    code_version: str
    prompts: dict[str, str] = Field(sa_type=JsonText)
    """Role -> template identity."""
    personas: dict[str, str] = Field(sa_type=JsonText)
    """Name -> persona id."""
    created_at: str | None


class OwnerRow(Row, table=True):
    """The process that works on a run now; no row where none does."""

    __tablename__ = "owners"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    token: str
    """Names one opened store in one process; the same token stands in `dialogues.claimed_by`."""
    host: str
    machine: str
    """Tells hosts, boots and containers apart: process numbers mean something inside one only."""
    pid: int
    started: str | None
    """When the process began, as the system counts; a re-used pid differs here."""
    heartbeat: float
    """Seconds since 1970; decides only where `pid` can't be looked up."""
    stop_asked: bool = Field(sa_column_kwargs={"server_default": sql("FALSE")})
    """Whether another process asked this one to stop."""


class HeartbeatRow(Row, table=True):
    """What one process that works on a run said about itself last."""

    __tablename__ = "heartbeats"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    token: str = Field(primary_key=True)
    """As in `dialogues.claimed_by`."""
    at: float
    """Seconds since 1970."""
    heartbeat: dict[str, Any] = Field(sa_type=JsonText)


class BudgetRow(Row, table=True):
    """What a run with a ceiling has spent or set aside; no row where no ceiling was ever set."""

    __tablename__ = "budgets"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    usd: float
    calls: int = Field(sa_type=BigInteger)
    tokens: int = Field(sa_type=BigInteger)


class BatchRow(Row, table=True):
    """A batch of requests that was handed in to a provider, or was about to be."""

    __tablename__ = "batches"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    id: str = Field(primary_key=True)
    """Ours, which the provider was told."""
    model: str
    remote_id: str | None
    """The provider's; None where nobody knows whether there is one."""
    asked_at: float
    """Seconds since 1970."""
    requests: int
    ended: bool
    """Whether its replies are here, or it was never made."""


class BatchLineRow(Row, table=True):
    """A request of a batch that is under way, or a reply that no call has been made of yet."""

    __tablename__ = "batch_lines"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "batch_id"], ["batches.run_id", "batches.id"]),
    )

    run_id: str = Field(primary_key=True)
    batch_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    """As `calls.request_hash`."""
    usd: float
    """Set aside for it."""
    tokens: int = Field(sa_type=BigInteger)
    """Set aside for it."""
    reply: str | None
    """A `core.ports.ChatReply` as JSON; None as long as there is none."""


class SnippetRow(Row, table=True):
    """A passage of factual text."""

    __tablename__ = "snippets"

    id: str = Field(primary_key=True)
    text: str
    title: str | None
    source: str | None
    license: str | None
    topic: str | None
    external_id: str | None
    extra: dict[str, Any] = Field(sa_column=Column("metadata", JsonText, nullable=False))
    """Has another name in the table, `metadata`, which SQLModel claims for itself."""
    created_at: str = Field(sa_column_kwargs=NOW)


class PersonaRow(Row, table=True):
    """Who asks."""

    __tablename__ = "personas"

    id: str = Field(primary_key=True)
    name: str
    background: str
    knowledge: dict[str, str] = Field(sa_type=JsonText)
    """Topic -> level."""
    goals: list[str] = Field(sa_type=JsonText)
    traits: dict[str, float] = Field(sa_type=JsonText)
    """Trait -> 0..5."""
    behaviours: list[str] = Field(sa_type=JsonText)
    opening_styles: list[str] = Field(sa_type=JsonText)
    never: list[str] = Field(sa_type=JsonText)
    language: str
    weight: float


class PlanRow(Row, table=True):
    """What the curriculum planner decided."""

    __tablename__ = "plans"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    id: str = Field(primary_key=True)
    snippet_id: str = Field(foreign_key="snippets.id")
    persona_id: str = Field(foreign_key="personas.id")
    kind: str
    difficulty: float
    exchanges: list[dict[str, str]] = Field(sa_type=JsonText)
    """Of {kind, aim}."""


class DialogueRow(Row, table=True):
    """One snippet's dialogue in one run."""

    __tablename__ = "dialogues"
    __table_args__ = (
        Unique("run_id", "id"),
        ForeignKeyConstraint(["run_id", "plan_id"], ["plans.run_id", "plans.id"]),
        Index("dialogues_by_outcome", "run_id", "outcome", "reason"),
        Index(
            "dialogues_to_claim",
            "run_id",
            sql("expected_length DESC"),
            "position",
            sqlite_where=sql("outcome = 'pending' AND claimed_by IS NULL"),
            postgresql_where=sql("outcome = 'pending' AND claimed_by IS NULL"),
        ),
    )

    position: int = Field(sa_column=Column(SEQUENCE, Identity(), primary_key=True))
    """The order in which snippets came in."""
    run_id: str = Field(foreign_key="runs.id")
    id: str
    snippet_id: str = Field(foreign_key="snippets.id")
    persona_id: str = Field(foreign_key="personas.id")
    plan_id: str | None
    tip_id: str | None
    outcome: str
    reason: str | None
    stop_reason: str | None
    seed: int = Field(sa_type=BigInteger)
    attempt: int
    claimed_by: str | None
    """Token of the process that works on it; None where it is free or finished."""
    created_at: str = Field(sa_column_kwargs=NOW)
    expected_length: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": sql("0")})
    """How long it will take beside others, in no unit; the longest are taken up first."""


class TurnRow(Row, table=True):
    """One utterance; siblings share `parent_id`."""

    __tablename__ = "turns"
    __table_args__ = (
        Unique("run_id", "id"),
        ForeignKeyConstraint(["run_id", "dialogue_id"], ["dialogues.run_id", "dialogues.id"]),
        # Also answers "how many questions were answered" without touching the table.
        Index("turns_by_dialogue", "run_id", "dialogue_id", "speaker", "parent_id"),
    )

    seq: int = Field(sa_column=Column(SEQUENCE, Identity(), primary_key=True))
    run_id: str
    id: str
    dialogue_id: str
    parent_id: str
    speaker: str
    text: str
    thought: str | None
    spans: list[dict[str, Any]] = Field(sa_type=JsonText)
    """Of {start, end, text}: quotes in the snippet, in code points."""
    declined: bool
    call_id: str | None
    attempt: int
    train_weight: float
    created_at: str = Field(sa_column_kwargs=NOW)
    exchange: int | None
    """Number of the planned exchange, from 1; NULL in rows from before schema 9."""


class ReviewRow(Row, table=True):
    """One reviewer's opinion of one turn or dialogue."""

    __tablename__ = "reviews"
    __table_args__ = (
        Unique("run_id", "id"),
        ForeignKeyConstraint(["run_id", "dialogue_id"], ["dialogues.run_id", "dialogues.id"]),
        Index("reviews_by_dialogue", "run_id", "dialogue_id"),
    )

    seq: int = Field(sa_column=Column(SEQUENCE, Identity(), primary_key=True))
    run_id: str
    id: str
    dialogue_id: str
    subject_id: str
    reviewer: str
    scores: dict[str, float] = Field(sa_type=JsonText)
    """Rubric -> 0..1."""
    verdict: str
    label: str | None
    rationale: str
    call_id: str | None
    created_at: str = Field(sa_column_kwargs=NOW)


class CallRow(Row, table=True):
    """The ledger: one row per model call."""

    __tablename__ = "calls"
    __table_args__ = (
        Unique("run_id", "id"),
        ForeignKeyConstraint(["run_id", "dialogue_id"], ["dialogues.run_id", "dialogues.id"]),
        Index("calls_by_dialogue", "run_id", "dialogue_id"),
    )

    seq: int = Field(sa_column=Column(SEQUENCE, Identity(), primary_key=True))
    run_id: str
    id: str
    dialogue_id: str
    place: str
    role: str
    model: str
    prompt: str
    request_hash: str
    messages: list[str] = Field(sa_type=JsonText)
    """Ids in `messages`, in the order they were sent."""
    reply: str | None
    thought: str | None
    stop: str | None
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    latency_s: float
    attempts: int
    cause: str | None
    created_at: str = Field(sa_column_kwargs=NOW)
    tool_calls: list[dict[str, str]] = Field(
        sa_type=JsonText, sa_column_kwargs={"server_default": sql("'[]'")}
    )
    """Of {id, name, arguments}: what the reply asked to have called."""
    wasted: bool = Field(sa_column_kwargs={"server_default": sql("FALSE")})
    """Whether it was made ahead and its question never put."""


class MessageRow(Row, table=True):
    """A chat message by content: a system prompt sent ten thousand times is one row."""

    __tablename__ = "messages"

    id: str = Field(primary_key=True)
    role: str
    content: str
    tool_calls: list[dict[str, str]] = Field(
        sa_type=JsonText, sa_column_kwargs={"server_default": sql("'[]'")}
    )
    """Of {id, name, arguments}: what the assistant asked to have called."""
    tool_call_id: str | None
    """The call that a tool's message answers."""


# SQLModel declares VARCHAR for every str.
for _column in (column for table in Row.metadata.tables.values() for column in table.columns):
    if isinstance(_column.type, AutoString):
        _column.type = CleanText()
