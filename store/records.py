"""Dialogues read back with all that belongs to them, a chunk in memory at a time.

Each function runs inside the caller's snapshot. The order of what comes out depends on content
alone: dialogues by id, turns as their dialogue committed them, reviews by turn and reviewer (side
by side reviewers commit in any order).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, bindparam, select

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
from colloquia.store.rows import AnyValue, call_from_row, from_row, message_ids
from colloquia.store.tables import table

CHUNK = 100  # dialogues at a time: about 1 MB, and so few queries that their number is no matter

_DIALOGUES, _CALLS = table("dialogues").c, table("calls").c

Child = TypeVar("Child", Turn, Review)


def records(
    connection: Connection, run_id: str, outcomes: Collection[Outcome] | None
) -> Iterator[DialogueRecord]:
    """Yield a run's dialogues in the order of their ids."""
    check_run(connection, run_id)
    personas: dict[str, Persona] = {}
    query = select(table("dialogues")).where(_DIALOGUES.run_id == run_id)
    if outcomes is not None:
        query = query.where(_DIALOGUES.outcome.in_(outcomes))
    query = query.order_by(_DIALOGUES.id).limit(CHUNK)
    last = ""
    while rows := connection.execute(query.where(_DIALOGUES.id > last)).mappings().all():
        last = rows[-1]["id"]
        yield from assembled(connection, [from_row(Dialogue, row) for row in rows], personas)


def assembled(
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
        yield DialogueRecord(
            dialogue=dialogue,
            snippet=snippets[dialogue.snippet_id],
            persona=personas[dialogue.persona_id],
            plan=plans.get(dialogue.plan_id or ""),
            tree=tuple(its_turns),
            reviews=tuple(_in_order(reviews[dialogue.id], its_turns)),
        )


def calls(connection: Connection, run_id: str, dialogue_id: str) -> list[ModelCall]:
    """Return a dialogue's calls, with their messages, in the order they were made."""
    where = {"of_run": run_id, "of_dialogue": dialogue_id}
    rows = connection.execute(_CALLS_OF, where).mappings().all()
    sent = {message for row in rows for message in message_ids(row)}
    messages = _by_id(connection, Message, sent)
    return [call_from_row(row, messages) for row in rows]


# Asked for each dialogue that is taken up, so it is built once.
_CALLS_OF = (
    select(table("calls"))
    .where(_CALLS.run_id == bindparam("of_run"), _CALLS.dialogue_id == bindparam("of_dialogue"))
    .order_by(_CALLS.seq)
)

_TABLE_OF = {
    Snippet: "snippets",
    Persona: "personas",
    Plan: "plans",
    Message: "messages",
    Turn: "turns",
    Review: "reviews",
}


def _by_id(
    connection: Connection, kind: type[AnyValue], ids: Iterable[str], **keys: str
) -> dict[str, AnyValue]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    source = table(_TABLE_OF[kind])
    query = select(source).where(*(source.c[name] == key for name, key in keys.items()))
    found: dict[str, AnyValue] = {}
    for start in range(0, len(wanted), 500):  # databases bound the number of parameters
        part = query.where(source.c.id.in_(wanted[start : start + 500]))
        found |= {row["id"]: from_row(kind, row) for row in connection.execute(part).mappings()}
    return found


def _by_dialogue(
    connection: Connection, kind: type[Child], dialogues: Sequence[Dialogue]
) -> Mapping[str, list[Child]]:
    source = table(_TABLE_OF[kind])
    query = (
        select(source)
        .where(
            source.c.run_id == dialogues[0].run_id,
            source.c.dialogue_id.in_([dialogue.id for dialogue in dialogues]),
        )
        .order_by(source.c.seq)
    )
    found: dict[str, list[Child]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["dialogue_id"]].append(from_row(kind, row))
    return found


def _in_order(reviews: Iterable[Review], turns: Iterable[Turn]) -> list[Review]:
    place = {turn.id: number for number, turn in enumerate(turns)}
    # A review of the dialogue itself comes after those of its turns.
    return sorted(reviews, key=lambda r: (place.get(r.subject_id, len(place)), r.reviewer))
