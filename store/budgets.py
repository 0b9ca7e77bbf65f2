"""What a run may still spend, kept beside its rows, so that it outlives the process.

One row per run holds what was spent or is set aside. A request is sent after the statement that
sets its highest cost aside has been committed; that statement changes nothing where the ceiling
would be passed, so any number of tasks and processes may try at once. What a request really cost
is put in its place later: a process that is killed in between leaves the highest cost counted.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate, takewhile

from sqlalchemy import Connection, Update, bindparam, func, or_, select, update
from sqlmodel import col

from colloquia.core.errors import BudgetReached, StoreError
from colloquia.core.ports import Spending
from colloquia.core.recipe import Limits
from colloquia.store.rows import INSERTS, damage_told, tokens_in, usd_in
from colloquia.store.tables import BudgetRow, CallRow
from colloquia.store.writer import Writer

_PARTS = {"usd": BudgetRow.usd, "calls": BudgetRow.calls, "tokens": BudgetRow.tokens}
_MINE = col(BudgetRow.run_id) == bindparam("of_run")
_CHANGE = (
    update(BudgetRow)
    .where(_MINE)
    .values({name: part + bindparam(f"more_{name}") for name, part in _PARTS.items()})
)


class RunBudget:
    """The budget of one run, spent by one process of perhaps several: `core.ports.Budget`."""

    def __init__(self, limits: Limits) -> None:
        """Take the recipe's ceilings; `begin` says where to count."""
        caps = {"usd": limits.budget_usd, "calls": limits.calls, "tokens": limits.tokens}
        self._caps = {name: cap for name, cap in caps.items() if cap is not None}
        fits = (_PARTS[name] + bindparam(f"more_{name}") <= cap for name, cap in self._caps.items())
        self._reserve = _CHANGE.where(*fits)
        self._writer: Writer | None = None
        self._run_id = ""
        self._under_way = 0
        """Requests of this process that were not settled, and attempts to set something aside."""
        self.freed = 0
        """How often a request came to less than was set aside for it."""
        self._news = asyncio.Event()

    async def begin(self, writer: Writer, run_id: str) -> None:
        """Count in this store, on from what the run has spent so far."""
        self._writer, self._run_id = writer, run_id
        await writer.do(lambda connection: _begin_budget(connection, run_id))

    async def reserve(self, most: Spending) -> None:
        """Set aside the most that one request can cost; it is on disk when this returns.

        What this process has under way holds more than it will cost, so a request that doesn't fit
        waits for it.

        Raises:
            BudgetReached: it doesn't fit, and nothing of this process is under way.
            StoreError: the store takes no more.
        """
        while True:
            seen = self.freed
            if await self._try_to_reserve(most):
                return
            await self.wait_for_room(most, since=seen)

    async def wait_for_room(self, most: Spending, *, since: int | None = None) -> None:
        """Return when a request of this process came to less than was set aside for it.

        Args:
            most: what doesn't fit.
            since: what `freed` was when that was found; now, by default.

        Raises:
            BudgetReached: nothing of this process is under way.
        """
        seen = self.freed if since is None else since
        while self.freed == seen and self._under_way:
            await self._news.wait()
        if self.freed == seen:
            held = await self._opened_writer().do(lambda c: charged(c, self._run_id))
            raise BudgetReached(_message(self._caps, held or Spending(), most))

    def settle(self, most: Spending, spent: Spending) -> None:
        """Put what a request came to in place of what was set aside for it; don't wait for it."""
        if spent != most:
            # A store that is closed or full leaves the higher figure, which is safe.
            with suppress(StoreError):
                self._opened_writer().submit(lambda c: self.replace(c, most, spent))
        self.end_requests(1, freed=spent != most)

    def fit(self, connection: Connection, wanted: Sequence[Spending]) -> int:
        """Set aside what the first of these may cost, as many as fit, in the caller's transaction.

        Returns how many. They are under way from `begin_requests` to `end_requests`.
        """
        if self._set_aside(connection, Spending.total(wanted)):
            return len(wanted)
        held = charged(connection, self._run_id) or Spending()
        sums = accumulate(wanted, lambda so_far, most: Spending.total((so_far, most)))
        fitting = sum(1 for _ in takewhile(lambda more: self._fits(held, more), sums))
        if fitting and self._set_aside(connection, Spending.total(wanted[:fitting])):
            return fitting
        return 0

    def replace(self, connection: Connection, most: Spending, spent: Spending) -> None:
        """Put what requests came to in place of what was set aside, in the caller's transaction."""
        self._change_budget(connection, _CHANGE, _difference(most, spent))

    def begin_requests(self, number: int) -> None:
        """Count requests as under way: others that don't fit wait for them."""
        self._under_way += number

    def end_requests(self, number: int, *, freed: bool) -> None:
        """Count requests as over; `freed` where they came to less than was set aside."""
        self.freed += freed
        self._under_way -= number
        self._news.set()
        self._news = asyncio.Event()

    async def _try_to_reserve(self, most: Spending) -> bool:
        self.begin_requests(1)
        fitted = False
        try:
            fitted = await self._opened_writer().do(lambda c: self._set_aside(c, most))
            return fitted
        finally:
            if not fitted:
                self.end_requests(1, freed=False)

    def _set_aside(self, connection: Connection, most: Spending) -> bool:
        more = _difference(Spending(), most)
        return self._change_budget(connection, self._reserve, more) > 0

    def _fits(self, held: Spending, more: Spending) -> bool:
        return all(
            getattr(held, name) + getattr(more, name) <= cap for name, cap in self._caps.items()
        )

    def _change_budget(
        self, connection: Connection, statement: Update, more: dict[str, float]
    ) -> int:
        return connection.execute(statement, {"of_run": self._run_id, **more}).rowcount

    def _opened_writer(self) -> Writer:
        assert self._writer is not None, "begin() comes first"
        return self._writer


def _difference(before: Spending, after: Spending) -> dict[str, float]:
    return {f"more_{name}": getattr(after, name) - getattr(before, name) for name in _PARTS}


def charged(connection: Connection, run_id: str) -> Spending | None:
    """Return what a run has spent or set aside; None where it never had a ceiling."""
    query = select(*map(col, _PARTS.values())).where(_MINE)
    row = connection.execute(query, {"of_run": run_id}).mappings().first()
    if row is None:
        return None
    with damage_told(f"the budget of {run_id}"):  # sums of fractions may end a hair below 0
        return Spending(**{name: max(0, row[name]) for name in _PARTS})


def _begin_budget(connection: Connection, run_id: str) -> None:
    """Make the run's row, and bring it up to the calls that were made without a ceiling."""
    insert = INSERTS[connection.dialect.name]
    empty = {"run_id": run_id} | dict.fromkeys(_PARTS, 0)
    connection.execute(insert(BudgetRow).on_conflict_do_nothing(), empty)
    row = connection.execute(
        select(BudgetRow).where(_MINE).with_for_update(), {"of_run": run_id}
    ).one()
    made = connection.execute(
        select(
            func.coalesce(func.sum(usd_in(CallRow.cost_usd)), 0.0).label("usd"),
            func.count().label("calls"),
            func.coalesce(func.sum(tokens_in(CallRow.tokens_in)), 0).label("tokens_in"),
            func.coalesce(func.sum(tokens_in(CallRow.tokens_out)), 0).label("tokens_out"),
        ).where(
            col(CallRow.run_id) == run_id,
            # models in this process are free
            or_(col(CallRow.cost_usd).is_(None), col(CallRow.cost_usd) > 0),
        )
    ).one()
    known = {
        "usd": max(row.usd, made.usd),
        "calls": max(row.calls, made.calls),
        "tokens": max(row.tokens, made.tokens_in + made.tokens_out),
    }
    connection.execute(update(BudgetRow).where(_MINE).values(known), {"of_run": run_id})


def _message(caps: dict[str, float], held: Spending, most: Spending) -> str:
    """Say which ceiling is in the way, and how to go on."""
    name = next(name for name in caps if getattr(held, name) + getattr(most, name) > caps[name])
    cap, now, more = caps[name], getattr(held, name), getattr(most, name)
    again = "and run the same command again"
    if name == "usd":
        return (
            f"budget of {_dollars(cap)} reached: {_dollars(now)} spent or held, the next call may "
            f"cost {_dollars(more)}; raise limits.budget_usd (or `budget_usd=`) {again}"
        )
    return (
        f"limit of {cap:,} {name} reached: {now:,} made or held, the next call may take {more:,}; "
        f"raise limits.{name} {again}"
    )


def _dollars(usd: float) -> str:
    """Write an amount to the hundredth of a cent, so that what doesn't add up is seen."""
    whole, fraction = f"{usd:,.4f}".split(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"
