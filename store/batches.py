"""Batches of requests that are under way at a provider, kept so that a kill loses and repeats none.

A batch is noted in the transaction that sets its money aside, and it ends in the one that keeps its
replies and says what they came to. Replies stay until calls have been made of them.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlmodel import col

from colloquia.core.ports import BatchLine, ChatReply, Spending, StoredBatch
from colloquia.store.budgets import RunBudget
from colloquia.store.columns import from_json, to_json
from colloquia.store.database import Database
from colloquia.store.tables import BatchLineRow, BatchRow, CallRow
from colloquia.store.writer import Writer


class RunBatches:
    """The batches of one run, handed in by one process: `core.batches.BatchStore`."""

    def __init__(self, budget: RunBudget) -> None:
        """Pay from this budget, also where it has no ceiling; `begin` says where to keep them."""
        self._budget = budget
        self._database: Database | None = None
        self._writer: Writer | None = None
        self._run_id = ""

    async def begin(self, database: Database, writer: Writer, run_id: str) -> None:
        """Keep batches in this store, and let go of replies that calls have been made of."""
        self._database, self._writer, self._run_id = database, writer, run_id
        await self.forget_used()

    async def forget_used(self) -> None:
        """Let go of replies that calls have been made of."""
        await self._opened_writer().do(lambda c: _forget_used(c, self._run_id))

    async def under_way(self, model: str) -> list[StoredBatch]:
        """Return a model's batches that have not ended, and count their requests as under way."""
        assert self._database is not None, "begin() comes first"
        with self._database.reading() as connection:
            batches = _under_way(connection, self._run_id, model)
        self._budget.begin_requests(sum(len(batch.lines) for batch in batches))
        return batches

    async def unused(self, model: str) -> dict[str, ChatReply]:
        """Return a model's replies, by key, that came before and that no call has been made of."""
        assert self._database is not None, "begin() comes first"
        query = (
            select(col(BatchLineRow.key), col(BatchLineRow.reply))
            .join(BatchRow, (col(BatchRow.id) == BatchLineRow.batch_id) & _same_run())
            .where(col(BatchRow.run_id) == self._run_id, col(BatchRow.model) == model)
            .where(col(BatchRow.ended), col(BatchLineRow.reply).is_not(None))
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.key: ChatReply.model_validate(from_json(row.reply)) for row in rows}

    async def intend(self, batch: StoredBatch) -> int:
        """Note a batch with the lines that fit into the budget; returns how many these are."""

        def note(connection: Connection) -> int:
            fitting = self._budget.fit(connection, [line.most for line in batch.lines])
            if fitting:
                _insert(connection, self._run_id, batch, fitting)
            return fitting

        fitting = await self._opened_writer().do(note)
        self._budget.begin_requests(fitting)
        return fitting

    async def wait_for_room(self, most: Spending) -> None:
        """Return when something under way came to less than was set aside for it.

        Raises:
            BudgetReached: nothing is under way.
        """
        await self._budget.wait_for_room(most)

    async def handed_in(self, batch: StoredBatch, remote_id: str) -> None:
        """Note the provider's id."""
        named = update(BatchRow).where(self._this(batch)).values(remote_id=remote_id)
        await self._opened_writer().do(lambda connection: connection.execute(named))

    async def end(
        self, batch: StoredBatch, replies: Mapping[str, ChatReply], spent: Spending
    ) -> None:
        """Keep replies by key; put what they came to in place of what was set aside."""
        lines = (col(BatchLineRow.run_id) == self._run_id, col(BatchLineRow.batch_id) == batch.id)
        kept = [
            {"run_id": self._run_id, "batch_id": batch.id, "key": key, "usd": 0.0, "tokens": 0}
            | {"reply": to_json(reply)}
            for key, reply in replies.items()
        ]

        def end(connection: Connection) -> None:
            connection.execute(delete(BatchLineRow).where(*lines))
            if kept:
                connection.execute(insert(BatchLineRow), kept)
            connection.execute(update(BatchRow).where(self._this(batch)).values(ended=True))
            self._budget.replace(connection, batch.most, spent)

        await self._opened_writer().do(end)
        self._budget.end_requests(len(batch.lines), freed=spent != batch.most)

    def _this(self, batch: StoredBatch) -> ColumnElement[bool]:
        return (col(BatchRow.run_id) == self._run_id) & (col(BatchRow.id) == batch.id)

    def _opened_writer(self) -> Writer:
        assert self._writer is not None, "begin() comes first"
        return self._writer


def open_batches(connection: Connection, run_id: str) -> dict[str, int]:
    """Return how many requests of a run are in batches that have not ended, by model."""
    query = (
        select(col(BatchRow.model), func.sum(BatchRow.requests).label("requests"))
        .where(col(BatchRow.run_id) == run_id, ~col(BatchRow.ended))
        .group_by(col(BatchRow.model))
    )
    return {row.model: row.requests for row in connection.execute(query)}


def _insert(connection: Connection, run_id: str, batch: StoredBatch, fitting: int) -> None:
    row = batch.model_dump(include={"id", "model", "asked_at", "remote_id"})
    row |= {"run_id": run_id, "requests": fitting, "ended": False}
    connection.execute(insert(BatchRow), row)
    mine = {"run_id": run_id, "batch_id": batch.id, "reply": None}
    lines = [
        mine | {"key": line.key, "usd": line.most.usd, "tokens": line.most.tokens}
        for line in batch.lines[:fitting]
    ]
    connection.execute(insert(BatchLineRow), lines)


def _under_way(connection: Connection, run_id: str, model: str) -> list[StoredBatch]:
    batches = select(BatchRow).where(
        col(BatchRow.run_id) == run_id, col(BatchRow.model) == model, ~col(BatchRow.ended)
    )
    found = []
    for row in connection.execute(batches.order_by(col(BatchRow.asked_at))).mappings().all():
        lines = connection.execute(
            select(BatchLineRow).where(
                col(BatchLineRow.run_id) == run_id, col(BatchLineRow.batch_id) == row["id"]
            )
        ).mappings()
        held = tuple(
            BatchLine(
                key=line["key"], most=Spending(usd=line["usd"], calls=1, tokens=line["tokens"])
            )
            for line in lines
        )
        known = {name: row[name] for name in ("id", "model", "asked_at", "remote_id")}
        found.append(StoredBatch(lines=held, **known))
    return found


def _forget_used(connection: Connection, run_id: str) -> None:
    """One pass over the run's calls, so it is done when a run begins and when it ends."""
    used = select(col(CallRow.request_hash)).where(col(CallRow.run_id) == run_id)
    connection.execute(
        delete(BatchLineRow).where(
            col(BatchLineRow.run_id) == run_id,
            col(BatchLineRow.reply).is_not(None),
            col(BatchLineRow.key).in_(used),
        )
    )


def _same_run() -> ColumnElement[bool]:
    return col(BatchRow.run_id) == BatchLineRow.run_id
