"""Dialogues read back with all that belongs to them, a chunk in memory at a time.

Each function runs inside the caller's snapshot. The order of what comes out depends on content
alone: dialogues by id, turns as their dialogue committed them, reviews by turn and reviewer (side
by side reviewers commit in any order).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import add
from typing import Any, TypeVar

from sqlalchemy import Connection, LargeBinary, RowMapping, Select, bindparam, cast, func, select
from sqlmodel import col

from colloquia.core.errors import StoreError
from colloquia.core.record import DialogueRecord
from colloquia.core.types import (
    Dialogue,
    Message,
    ModelCall,
    Outcome,
    Persona,
    Plan,
    Review,
    Snippet,
    Turn,
)
from colloquia.store.reading import check_run
from colloquia.store.rows import MOST_TOLD, TABLES, AnyValue, call_from_row, damage_told, from_row
from colloquia.store.tables import (
    CallRow,
    DialogueRow,
    MessageRow,
    PersonaRow,
    PlanRow,
    ReviewRow,
    Row,
    SnippetRow,
    TurnRow,
)

CHUNK = 100  # dialogues at a time: about 1 MB, and so few queries that their number is no matter
MOST_ROWS = 50_000  # of one kind in one dialogue; the longest that a recipe allows has fewer
MOST_BYTES = 2**26  # of a dialogue; 120 calls whose replies are as long as may be have half of it
MOST_PARAMETERS = 500  # of one statement; databases bound their number

Child = TypeVar("Child", Turn, Review)


def records(
    connection: Connection, run_id: str, outcomes: Collection[Outcome] | None
) -> Iterator[DialogueRecord]:
    """Yield a run's dialogues in the order of their ids."""
    check_run(connection, run_id)
    personas: dict[str, Persona] = {}
    id_ = col(DialogueRow.id)
    query = select(DialogueRow).where(col(DialogueRow.run_id) == run_id)
    if outcomes is not None:
        query = query.where(col(DialogueRow.outcome).in_(outcomes))
    query = query.order_by(id_).limit(CHUNK)
    last = ""
    while dialogues := _bounded(connection.execute(query.where(id_ > last)).mappings()):
        last = dialogues[-1].id
        for portion in _portions(connection, dialogues):
            yield from _assembled(connection, portion, personas)


def whole(connection: Connection, dialogue: Dialogue) -> DialogueRecord:
    """Return a dialogue with its parts."""
    (portion,) = _portions(connection, [dialogue])
    return next(_assembled(connection, portion, {}))


def _assembled(
    connection: Connection, dialogues: Sequence[Dialogue], personas: dict[str, Persona]
) -> Iterator[DialogueRecord]:
    """Yield dialogues of one run with their parts; `personas` keeps those met so far."""
    snippets = _by_id(connection, Snippet, (d.snippet_id for d in dialogues))
    plans = _by_id(
        connection, Plan, (d.plan_id for d in dialogues if d.plan_id), run_id=dialogues[0].run_id
    )
    unmet = {d.persona_id for d in dialogues} - personas.keys()
    personas.update(_by_id(connection, Persona, unmet))
    turns = _by_dialogue(connection, Turn, dialogues)
    reviews = _by_dialogue(connection, Review, dialogues)
    for dialogue in dialogues:
        its_turns = turns[dialogue.id]
        with damage_told(f"dialogue {dialogue.id}"):
            record = DialogueRecord(
                dialogue=dialogue,
                snippet=snippets[dialogue.snippet_id],
                persona=personas[dialogue.persona_id],
                plan=plans[dialogue.plan_id] if dialogue.plan_id else None,
                tree=tuple(its_turns),
                reviews=tuple(_in_order(reviews[dialogue.id], its_turns)),
            )
        yield record


def calls(connection: Connection, run_id: str, dialogue_id: str) -> list[ModelCall]:
    """Return a dialogue's calls, with their messages, in the order they were made.

    Raises:
        StoreError: they are damaged, or are more than any dialogue has.
    """
    sizes = _sizes(connection, CallRow, "dialogue_id", [dialogue_id], run_id=run_id)
    _refuse_endless(dialogue_id, sum(sizes.values()))
    where = {"of_run": run_id, "of_dialogue": dialogue_id}
    rows = connection.execute(_CALLS_OF, where).mappings().all()
    with damage_told(f"a call of dialogue {dialogue_id}"):
        sent = {str(message) for row in rows for message in row["messages"]}
    _refuse_endless(dialogue_id, sum(_sizes(connection, MessageRow, "id", sent).values()))
    messages = _by_id(connection, Message, sent)
    return [call_from_row(row, messages) for row in rows]


# Asked for each dialogue that is taken up, so it is built once.
_CALLS_OF = (
    select(CallRow)
    .where(col(CallRow.run_id) == bindparam("of_run"))
    .where(col(CallRow.dialogue_id) == bindparam("of_dialogue"))
    .order_by(col(CallRow.seq))
)


def _bounded(rows: Iterable[RowMapping]) -> list[Dialogue]:
    dialogues, size = [], 0
    for row in rows:
        size += sum(len(content) for content in row.values() if isinstance(content, str))
        _refuse_endless(row["id"], size)
        dialogues.append(from_row(Dialogue, row))
    return dialogues


def _portions(
    connection: Connection, dialogues: Sequence[Dialogue]
) -> Iterator[Sequence[Dialogue]]:
    """Yield the dialogues, as many at once as memory takes.

    Raises:
        StoreError: one has more than any that was ever made.
    """
    sizes = _sizes_of(connection, dialogues)
    portion: list[Dialogue] = []
    size = 0
    for dialogue in dialogues:
        _refuse_endless(dialogue.id, sizes[dialogue.id])
        size += sizes[dialogue.id]
        if portion and size > MOST_BYTES:
            yield portion
            portion, size = [], sizes[dialogue.id]
        portion.append(dialogue)
    yield portion


def _sizes_of(connection: Connection, dialogues: Sequence[Dialogue]) -> Counter[str]:
    """Return how many bytes each dialogue and all that it is read with have."""
    ids, run_id = [dialogue.id for dialogue in dialogues], dialogues[0].run_id
    sizes: Counter[str] = Counter()
    for kind in (TurnRow, ReviewRow):
        sizes.update(_sizes(connection, kind, "dialogue_id", ids, run_id=run_id))
    for table, key in _SHARED.items():
        shared = _sizes(connection, table, "id", {str(getattr(one, key)) for one in dialogues})
        for dialogue in dialogues:
            sizes[dialogue.id] += shared.get(getattr(dialogue, key), 0)
    return sizes


_SHARED: dict[type[Row], str] = {
    SnippetRow: "snippet_id",
    PersonaRow: "persona_id",
    PlanRow: "plan_id",
}


def _sizes(
    connection: Connection, kind: type[Row], key: str, ids: Iterable[str], *, run_id: str = ""
) -> dict[str, int]:
    """Return how many bytes a file has for each id; a server's rows are no stranger's."""
    if connection.dialect.name != "sqlite":
        return {}
    wanted = sorted(ids)
    return {
        name: size
        for start in range(0, len(wanted), MOST_PARAMETERS)
        for name, size in connection.execute(
            _size_query(kind, key),
            {"of_run": run_id, "ids": wanted[start : start + MOST_PARAMETERS]},
        )
    }


@cache
def _size_query(kind: Any, key: str) -> Select[Any]:
    columns, wanted = kind.__table__.c, kind.__table__.c[key]
    # As bytes, since the length of a text ends where it has a NUL.
    lengths = (func.coalesce(func.length(cast(column, LargeBinary)), 0) for column in columns)
    query = select(wanted, func.sum(reduce(add, lengths))).group_by(wanted)
    if key == "dialogue_id":
        query = query.where(columns.run_id == bindparam("of_run"))
    return query.where(wanted.in_(bindparam("ids", expanding=True)))


def _refuse_endless(dialogue_id: str, size: int) -> None:
    if size > MOST_BYTES:
        raise StoreError(
            f"dialogue {dialogue_id[:MOST_TOLD]} is damaged: it holds {size:,} bytes, and "
            f"{MOST_BYTES:,} are the most; put a backup in its place"
        )


def _by_id(
    connection: Connection, kind: type[AnyValue], ids: Iterable[str], *, run_id: str | None = None
) -> dict[str, AnyValue]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    source: Any = TABLES[kind]
    query = select(source)
    if run_id is not None:
        query = query.where(source.run_id == run_id)
    values: dict[str, AnyValue] = {}
    for start in range(0, len(wanted), MOST_PARAMETERS):
        part = query.where(source.id.in_(wanted[start : start + MOST_PARAMETERS]))
        values |= {row["id"]: from_row(kind, row) for row in connection.execute(part).mappings()}
    return values


def _by_dialogue(
    connection: Connection, kind: type[Child], dialogues: Sequence[Dialogue]
) -> Mapping[str, list[Child]]:
    source: Any = TABLES[kind]
    query = (
        select(source)
        .where(source.run_id == dialogues[0].run_id)
        .where(source.dialogue_id.in_([dialogue.id for dialogue in dialogues]))
        .order_by(source.seq)
    )
    values: dict[str, list[Child]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        values[row["dialogue_id"]].append(from_row(kind, row))
        if len(values[row["dialogue_id"]]) > MOST_ROWS:
            raise StoreError(
                f"dialogue {row['dialogue_id']} is damaged: more than {MOST_ROWS:,} "
                f"{kind.__name__.lower()}s"
            )
    return values


def _in_order(reviews: Iterable[Review], turns: Iterable[Turn]) -> list[Review]:
    place = {turn.id: number for number, turn in enumerate(turns)}
    # A review of the dialogue itself comes after those of its turns.
    return sorted(reviews, key=lambda r: (place.get(r.subject_id, len(place)), r.reviewer))
