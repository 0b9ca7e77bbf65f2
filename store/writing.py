"""The statements that change a store; each function runs inside the writer's transaction.

Rows are inserted or left as they are: ids are hashes of content, so a dialogue that is walked again
after a crash writes the same rows again, harmlessly.
"""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, bindparam, exists, or_, update
from sqlalchemy.sql.dml import Insert
from sqlmodel import col, select

from colloquia.core.errors import RunOwned, StoreError
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, ModelCall, Persona, Plan, Review, Snippet, Turn
from colloquia.store.rows import INSERTS, Columns, call_row, from_row, message_row, to_row
from colloquia.store.tables import (
    CallRow,
    DialogueRow,
    MessageRow,
    PersonaRow,
    PlanRow,
    ReviewRow,
    Row,
    RunRow,
    SnippetRow,
    TurnRow,
)


class Planned(NamedTuple):
    """A dialogue to add, its snippet, and how long it is expected to take beside others."""

    snippet: Snippet
    dialogue: Dialogue
    expected_length: int = 0


class Claimed(NamedTuple):
    """A dialogue that this process now works on, and its snippet."""

    dialogue: Dialogue
    snippet: Snippet


class Step(NamedTuple):
    """A statement and the rows it runs over; `missed` is called when it changes none of them."""

    statement: Executable
    rows: Sequence[Columns]
    missed: Callable[[Connection], None] | None = None


class Statements:
    """Values turned into statements of one database's dialect."""

    def __init__(self, dialect: str) -> None:
        """Speak `sqlite` or `postgresql`."""
        self._insert = INSERTS[dialect]
        shared, of_a_run = (
            (RunRow, PersonaRow, MessageRow),
            (PlanRow, DialogueRow, TurnRow, ReviewRow),
        )
        self._keep = {table: self._insert_or_keep(table, "id") for table in shared} | {
            table: self._insert_or_keep(table, "run_id", "id") for table in of_a_run
        }
        self._call = self._upsert_call()
        self._snippet = self._upsert_snippet()

    def _upsert_snippet(self) -> Insert:
        statement = self._insert(SnippetRow)
        mine = (
            col(DialogueRow.run_id) == bindparam("of_run"),
            col(DialogueRow.snippet_id) == SnippetRow.id,
        )
        labels = ("title", "source", "license", "topic", "external_id", "metadata")
        upsert: Insert = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in labels},
            where=~exists().where(*mine),
        )
        return upsert

    def run(self, manifest: RunManifest, personas: Iterable[Persona]) -> list[Step]:
        """Begin a run; one that has begun takes over what its recipe's hash leaves out."""
        row = to_row(manifest)
        return [
            Step(self._keep[RunRow], [row]),
            Step(_RELABEL, [{"of_run": row["id"], **{name: row[name] for name in _LABELS}}]),
            Step(self._keep[PersonaRow], [to_row(persona) for persona in personas]),
        ]

    def dialogues(self, run_id: str, planned: Iterable[Planned]) -> tuple[Step, Step]:
        """Add snippets and their dialogues, which keep the order they come in.

        A snippet that is known by its text takes the title, source and license it comes with now,
        unless this run has a dialogue about it: within a run, the first word stands.
        """
        snippets: dict[str, Columns] = {}
        dialogues = []
        for snippet, dialogue, expected_length in planned:
            if dialogue.run_id != run_id:
                raise StoreError(
                    f"dialogue {dialogue.id} is of run {dialogue.run_id}, not {run_id}"
                )
            snippets.setdefault(snippet.id, to_row(snippet) | {"of_run": run_id})
            dialogues.append(to_row(dialogue) | {"expected_length": expected_length})
        return Step(self._snippet, [*snippets.values()]), Step(self._keep[DialogueRow], dialogues)

    def plan(self, run_id: str, dialogue_id: str, plan: Plan) -> list[Step]:
        """Store a plan and point its dialogue at it."""
        point = {"of_run": run_id, "of_id": dialogue_id, "plan_id": plan.id}
        return [Step(self._keep[PlanRow], [to_row(plan, run_id=run_id)]), Step(_POINT, [point])]

    def turns(self, run_id: str, dialogue_id: str, turns: Iterable[Turn]) -> Step:
        """Store turns in the order given."""
        rows = [to_row(turn, run_id=run_id, dialogue_id=dialogue_id) for turn in turns]
        return Step(self._keep[TurnRow], rows)

    def reviews(self, run_id: str, dialogue_id: str, reviews: Iterable[Review]) -> Step:
        """Store reviews."""
        rows = [to_row(review, run_id=run_id, dialogue_id=dialogue_id) for review in reviews]
        return Step(self._keep[ReviewRow], rows)

    def calls(
        self, run_id: str, calls: Iterable[ModelCall], *, known: Container[str] = ()
    ) -> list[Step]:
        """Store calls; an answered one is never overwritten, an unanswered one gives way.

        Messages whose ids are `known` are there already.
        """
        rows, messages = [], []
        for call in calls:
            rows.append(call_row(call, run_id=run_id))
            messages += [message_row(sent) for sent in call.messages if sent.id not in known]
        return [Step(self._keep[MessageRow], messages), Step(self._call, rows)]

    def wasted(self, run_id: str, calls: Iterable[str]) -> Step:
        """Mark calls as made in vain."""
        return Step(_WASTE, [{"of_run": run_id, "of_id": call} for call in calls])

    def dialogue(self, dialogue: Dialogue, *, owner: str) -> Step:
        """Bring a dialogue up to date; once it has an outcome, its claim is over."""
        row = to_row(dialogue)
        keys = {"of_run": row.pop("run_id"), "of_id": row.pop("id"), "owner": owner}
        del row["snippet_id"], row["seed"]  # these never change

        def missed(connection: Connection) -> None:
            this = (DialogueRow.run_id == dialogue.run_id, DialogueRow.id == dialogue.id)
            if connection.scalar(select(DialogueRow.id).where(*this)) is None:
                raise StoreError(f"dialogue {dialogue.id} isn't in run {dialogue.run_id}")
            raise RunOwned(f"dialogue {dialogue.id} has been taken over by another process")

        return Step(_UPDATE if dialogue.outcome == "pending" else _FINISH, [row | keys], missed)

    def _insert_or_keep(self, table: type[Row], *key: str) -> Insert:
        statement: Insert = self._insert(table).on_conflict_do_nothing(index_elements=key)
        return statement

    def _upsert_call(self) -> Insert:
        statement = self._insert(CallRow)
        fixed = {"seq", "run_id", "id", "created_at"}
        changed = {name: new for name, new in statement.excluded.items() if name not in fixed}
        upsert: Insert = statement.on_conflict_do_update(
            index_elements=["run_id", "id"], set_=changed, where=col(CallRow.reply).is_(None)
        )
        return upsert


def execute(connection: Connection, steps: Iterable[Step]) -> int:
    """Run steps in order; return how many rows the last one inserted or changed."""
    changed = 0
    for step in steps:
        if not step.rows:
            changed = 0
            continue
        result = connection.execute(
            step.statement, step.rows, execution_options={"preserve_rowcount": True}
        )
        changed = result.rowcount
        if changed == 0 and step.missed is not None:
            step.missed(connection)
    return changed


def claim_dialogues(
    connection: Connection, run_id: str, *, limit: int, owner: str
) -> list[Claimed]:
    """Take up to `limit` pending dialogues that nobody works on, the longest first.

    A long one that is begun last is worked on alone while all else is done. Equals are taken in the
    order they came in.
    """
    taken = connection.execute(_CLAIM, {"of_run": run_id, "most": limit, "owner": owner})
    rows = sorted(taken.mappings(), key=lambda row: (-row["expected_length"], row["position"]))
    if not rows:
        return []
    their = connection.execute(_SNIPPETS, {"ids": [row["snippet_id"] for row in rows]})
    snippets = {row["id"]: from_row(Snippet, row) for row in their.mappings()}
    return [Claimed(from_row(Dialogue, row), snippets[row["snippet_id"]]) for row in rows]


def release_claims(connection: Connection, run_id: str, owner: str | None = None) -> None:
    """Free every claimed dialogue of a run, or those that one process claimed."""
    claimed_by = col(DialogueRow.claimed_by)
    whose = claimed_by == owner if owner else claimed_by.is_not(None)
    held = (col(DialogueRow.run_id) == run_id, whose)
    connection.execute(update(DialogueRow).where(*held).values(claimed_by=None))


def retry_failed(connection: Connection, run_id: str, causes: Collection[str] | None) -> int:
    """Make failed dialogues pending again, with these causes or with any."""
    failed = [col(DialogueRow.run_id) == run_id, col(DialogueRow.outcome) == "failed"]
    if causes is not None:
        failed.append(col(DialogueRow.reason).in_(causes))
    again = {
        "outcome": "pending",
        "attempt": DialogueRow.attempt + 1,
        "reason": None,
        "stop_reason": None,
        "tip_id": None,
        "claimed_by": None,
    }
    return connection.execute(update(DialogueRow).where(*failed).values(again)).rowcount


_FREE = (
    select(DialogueRow.position)
    .where(
        col(DialogueRow.run_id) == bindparam("of_run"),
        col(DialogueRow.outcome) == "pending",
        col(DialogueRow.claimed_by).is_(None),
    )
    .order_by(col(DialogueRow.expected_length).desc(), col(DialogueRow.position))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
)
_CLAIM = (
    update(DialogueRow)
    .where(col(DialogueRow.position).in_(_FREE.scalar_subquery()))
    .values(claimed_by=bindparam("owner"))
    .returning(DialogueRow)
)
_SNIPPETS = select(SnippetRow).where(col(SnippetRow.id).in_(bindparam("ids", expanding=True)))
_LABELS = ("name", "recipe")
_RELABEL = (
    update(RunRow)
    .where(col(RunRow.id) == bindparam("of_run"))
    .values({name: bindparam(name) for name in _LABELS})
)
_MINE = (col(DialogueRow.run_id) == bindparam("of_run"), col(DialogueRow.id) == bindparam("of_id"))
_UNDISPUTED = or_(
    col(DialogueRow.claimed_by).is_(None), col(DialogueRow.claimed_by) == bindparam("owner")
)
_CHANGING: dict[str, Any] = {
    name: bindparam(name)
    for name in (
        "persona_id",
        "plan_id",
        "tip_id",
        "outcome",
        "reason",
        "stop_reason",
        "attempt",
    )
}
_POINT = update(DialogueRow).where(*_MINE).values(plan_id=bindparam("plan_id"))
_UPDATE = update(DialogueRow).where(*_MINE, _UNDISPUTED).values(_CHANGING)
_THIS_CALL = (col(CallRow.run_id) == bindparam("of_run"), col(CallRow.id) == bindparam("of_id"))
_WASTE = update(CallRow).where(*_THIS_CALL).values(wasted=True)
_FINISH = _UPDATE.values(claimed_by=None)
