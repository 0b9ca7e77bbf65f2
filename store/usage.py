"""What finished dialogues took: the figures that a forecast of the rest is made from."""

from collections import defaultdict

from sqlalchemy import Connection, select

from colloquia.core.types import Value
from colloquia.store.tables import table

_RUNS, _DIALOGUES, _CALLS = table("runs").c, table("dialogues").c, table("calls").c


class CallUsage(Value):
    """What one call took; None where its backend didn't say."""

    place: str
    role: str
    model: str
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    latency_s: float


def usage(connection: Connection, recipe_hash: str, *, most: int) -> list[tuple[CallUsage, ...]]:
    """Return the calls of the dialogues of a recipe that were accepted or rejected, by dialogue.

    Args:
        connection: a snapshot.
        recipe_hash: all its runs count.
        most: at most so many dialogues, the last ones planned.
    """
    finished = (
        select(_DIALOGUES.run_id, _DIALOGUES.id)
        .join(table("runs"), _RUNS.id == _DIALOGUES.run_id)
        .where(_RUNS.recipe_hash == recipe_hash, _DIALOGUES.outcome.in_(["accepted", "rejected"]))
        .order_by(_DIALOGUES.position.desc())
        .limit(most)
        .subquery()
    )
    columns = [_CALLS[name] for name in CallUsage.model_fields]
    query = select(_CALLS.run_id, _CALLS.dialogue_id, *columns).join(
        finished,
        (finished.c.run_id == _CALLS.run_id) & (finished.c.id == _CALLS.dialogue_id),
    )
    found: dict[tuple[str, str], list[CallUsage]] = defaultdict(list)
    for run_id, dialogue_id, *values in connection.execute(query.order_by(_CALLS.seq)):
        call = CallUsage(**dict(zip(CallUsage.model_fields, values, strict=True)))
        found[run_id, dialogue_id].append(call)
    return [tuple(calls) for calls in found.values()]
