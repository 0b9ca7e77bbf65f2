"""What finished dialogues took: the figures that a forecast of the rest is made from."""

from collections import defaultdict

from sqlalchemy import Connection, select
from sqlmodel import col

from colloquia.core.types import Tokens, Usd, Value
from colloquia.store.tables import CallRow, DialogueRow, RunRow


class CallUsage(Value):
    """What one call took; None where its backend didn't say."""

    place: str
    role: str
    model: str
    tokens_in: Tokens
    tokens_out: Tokens
    cost_usd: Usd
    latency_s: float


def usage(connection: Connection, recipe_hash: str, *, most: int) -> list[tuple[CallUsage, ...]]:
    """Return the calls of the dialogues of a recipe that were accepted or rejected, by dialogue.

    Args:
        connection: a snapshot.
        recipe_hash: all its runs count.
        most: at most so many dialogues, the last ones planned.
    """
    finished = (
        select(col(DialogueRow.run_id), col(DialogueRow.id))
        .join(RunRow, col(RunRow.id) == DialogueRow.run_id)
        .where(col(RunRow.recipe_hash) == recipe_hash)
        .where(col(DialogueRow.outcome).in_(["accepted", "rejected"]))
        .order_by(col(DialogueRow.position).desc())
        .limit(most)
        .subquery()
    )
    columns = [
        getattr(CallRow, name) for name in ("run_id", "dialogue_id", *CallUsage.model_fields)
    ]
    query = select(*columns).join(
        finished,
        (finished.c.run_id == CallRow.run_id) & (finished.c.id == CallRow.dialogue_id),
    )
    used: dict[tuple[str, str], list[CallUsage]] = defaultdict(list)
    for row in connection.execute(query.order_by(col(CallRow.seq))).mappings():
        call = CallUsage(**{name: row[name] for name in CallUsage.model_fields})
        used[row["run_id"], row["dialogue_id"]].append(call)
    return [tuple(calls) for calls in used.values()]
