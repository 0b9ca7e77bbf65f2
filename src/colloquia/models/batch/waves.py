"""Requests of many dialogues, gathered into waves: each is handed in as one batch and followed.

A dialogue asks one thing after the other, so a wave holds about one request of each. It is handed
in when no further request has come for a while. The order of steps is what keeps each request from
being paid twice or lost, whenever the process dies:

1. the batch is noted in the store, with a mark and its money set aside;
2. it is handed in, mark and all, and the provider's id is noted;
3. it is looked at until it has ended;
4. its replies are kept in the store, in one commit with what they came to;
5. each reply goes to the dialogue that waits for it, which makes a call of it.

Who starts after 1 finds the batch by its mark, or after a while that there is none; after 2 goes on
looking; after 4 has the replies at hand.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from colloquia.core.errors import ColloquiaError, Postponed
from colloquia.core.ports import BatchLine, BatchStore, ChatReply, Spending, StoredBatch
from colloquia.models.batch.desk import (
    LEFT_OUT,
    NOT_IN_TIME,
    BatchDesk,
    BatchRequest,
    Outcome,
    Sighting,
)
from colloquia.models.batch.patience import Patience
from colloquia.models.faults.errors import CallFailed, EndpointDown, Fault
from colloquia.models.ledger.metered import NOTHING, cost_of, is_unbilled
from colloquia.models.ledger.prices import PerToken, with_cost
from colloquia.models.pace.clock import Clock
from colloquia.models.wire.shapes.shape import ModelRequest

QUIET_S = 5.0  # nothing new for so long: all dialogues wait
LONGEST_GATHERING_S = 600.0  # where some dialogues wait for a slow model that takes no batches
MOST_LINES = 20_000  # OpenAI takes 50,000, Anthropic 100,000
MOST_BYTES = 90_000_000  # OpenAI takes 200 MB, Anthropic 256
FIRST_LOOK_S = 5.0
LONGEST_LOOK_S = 120.0
LOOKS_GROW = 1.5
#: Pauses between looks for a batch whose making was cut off: then it would be listed.
LISTED_WITHIN_S = (0.0, 5.0, 10.0, 15.0)
REFUSED_PAUSE_S = 60.0  # before less is handed in where a batch was too much


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that waits for its reply."""

    request: ModelRequest
    most: Spending
    reply: "asyncio.Future[Outcome | None]"
    size: int
    """About how many bytes it takes in a file."""


@dataclass(slots=True, kw_only=True)
class Waves:
    """The batches of one model."""

    name: str
    desk: BatchDesk
    store: BatchStore
    clock: Clock
    price: PerToken | None
    """In batches; None where it is unknown."""
    looks: dict[str, Sighting] = field(default_factory=dict)
    """The batches that are under way, by our ids, as last seen."""
    sizes: dict[str, int] = field(default_factory=dict)
    """How many requests each of them has."""
    _waiting: dict[str, Waiting] = field(default_factory=dict)
    _queue: dict[str, None] = field(default_factory=dict)
    """Keys of requests for the next wave, in the order they came."""
    _sent: set[str] = field(default_factory=set)
    _ready: dict[str, Outcome | None] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _arrivals: int = 0
    _most_lines: int = MOST_LINES
    _not_before: float = 0.0
    _error: ColloquiaError | None = None
    _patience: Patience = field(init=False)
    _group: asyncio.TaskGroup = field(init=False)
    _cancellable: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find patience."""
        self._patience = Patience(name=self.name, clock=self.clock, worked=lambda: self.desk.worked)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Gather, hand in and follow for the length of a block; take up what is under way."""
        async with asyncio.TaskGroup() as self._group:
            self._ready |= await self.store.unused(self.name)
            for batch in await self.store.under_way(self.name):
                self._start_following(batch)
            self._start(self._gather())
            try:
                yield
            finally:
                self.stop()
                for task in self._cancellable:
                    task.cancel()

    async def reply(
        self, key: str, request: Callable[[], tuple[ModelRequest, Spending, int]]
    ) -> Outcome | None:
        """Return what came of a request, waiting for its batch; None where it is to be asked anew.

        Args:
            key: what tells it from others.
            request: writes it, where it isn't on its way.

        Raises:
            Postponed: the run stops; the batch goes on at the provider.
            BudgetReached: it doesn't fit, and nothing is under way.
            WorldError, UserError: what is wrong with provider, store or setup.
        """
        if self._error is not None:
            raise self._error
        if key in self._ready:
            return self._ready.pop(key)
        if key in self._waiting:  # the same thing asked twice at once
            return await asyncio.shield(self._waiting[key].reply)
        future: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        wanted, most, size = request()
        self._waiting[key] = Waiting(request=wanted, most=most, reply=future, size=size)
        if key not in self._sent:
            self._queue[key] = None
            self._arrivals += 1
            self._came.set()
        try:
            return await future
        finally:
            self._waiting.pop(key, None)
            self._queue.pop(key, None)

    def stop(self) -> None:
        """Let nobody wait any longer."""
        self._end_with(Postponed("the run was stopped; its batches go on at the provider"))

    def _end_with(self, error: ColloquiaError) -> None:
        self._error = self._error or error
        self._patience.stopped = True
        for waiting in self._waiting.values():
            if not waiting.reply.done():
                waiting.reply.set_exception(self._error)

    async def _gather(self) -> None:
        try:
            while True:
                await self._came.wait()
                await self._until_quiet()
                if not self._queue:
                    self._came.clear()
                    continue
                # Not to be interrupted: what was noted is handed in, or it would be looked for.
                wave = self._group.create_task(self._hand_in_wave())
                fitted = await asyncio.shield(wave)
                if not fitted and self._queue and self._error is None:
                    first = self._waiting[next(iter(self._queue))]
                    await self.store.wait_for_room(first.most)
        except ColloquiaError as error:
            self._end_with(error)

    async def _until_quiet(self) -> None:
        began, seen = self.clock.now(), -1
        while seen != self._arrivals and len(self._queue) < self._most_lines:
            if self.clock.now() - began >= LONGEST_GATHERING_S:
                return
            seen = self._arrivals
            await self.clock.sleep(QUIET_S)
        await self.clock.sleep(max(0.0, self._not_before - self.clock.now()))

    async def _hand_in_wave(self) -> bool:
        """Hand in the first requests of the queue; False where none fits into the budget."""
        try:
            return await self._try_to_hand_in(uuid4().hex[:16])
        except ColloquiaError as error:
            self._end_with(error)
            return False

    async def _try_to_hand_in(self, mark: str) -> bool:
        keys = self._first_of_the_queue()
        if not keys or self._error is not None:
            return True
        noted = StoredBatch(
            id=mark,
            model=self.name,
            asked_at=self.clock.date(),
            lines=tuple(BatchLine(key=key, most=self._waiting[key].most) for key in keys),
        )
        lines = [
            BatchRequest(custom_id=_custom_id(mark, key), request=self._waiting[key].request)
            for key in keys
        ]
        fitting = await self.store.intend(noted)
        if not fitting:
            return False
        batch = noted.model_copy(update={"lines": noted.lines[:fitting]})
        for line in batch.lines:
            self._queue.pop(line.key, None)
            self._sent.add(line.key)
        try:
            remote_id = await self._made(batch, lines[:fitting])
        except ColloquiaError:
            await self.store.end(batch, {}, NOTHING)  # it was surely not made
            raise
        self._start_following(batch.model_copy(update={"remote_id": remote_id}))
        return True

    def _first_of_the_queue(self) -> list[str]:
        keys: list[str] = []
        size = 0
        for key in self._queue:
            size += self._waiting[key].size
            if keys and (size > MOST_BYTES or len(keys) >= self._most_lines):
                break
            keys.append(key)
        return keys

    async def _made(self, batch: StoredBatch, lines: list[BatchRequest]) -> str | None:
        """Make a batch; returns its id, or None where nobody knows whether there is one."""
        body = await self._patience.until_done(lambda: self.desk.upload(batch.id, lines))
        try:
            remote_id = await self._patience.until_done(
                lambda: self.desk.create(body, lines), again=is_unbilled
            )
        except CallFailed:
            return None
        await self.store.handed_in(batch, remote_id)
        return remote_id

    def _start_following(self, batch: StoredBatch) -> None:
        if self._error is not None:  # it is taken up when the run goes on
            return
        self._sent.update(line.key for line in batch.lines)
        self.sizes[batch.id] = len(batch.lines)
        self._start(self._follow(batch))

    def _start(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = self._group.create_task(work)
        self._cancellable.add(task)
        task.add_done_callback(self._cancellable.discard)

    async def _follow(self, batch: StoredBatch) -> None:
        """See a batch through to its replies."""
        try:
            outcomes = await self._outcomes(batch)
            replies = {k: one for k, one in outcomes.items() if isinstance(one, ChatReply)}
            spent = (_spent(outcomes.get(line.key), line.most) for line in batch.lines)
            await self.store.end(batch, replies, Spending.total(spent))
        except ColloquiaError as error:
            self._end_with(error)
            return
        finally:
            self.looks.pop(batch.id, None)
            self.sizes.pop(batch.id, None)
        for line in batch.lines:
            self._sent.discard(line.key)
            self._deliver(line.key, outcomes.get(line.key))

    def _deliver(self, key: str, outcome: Outcome | None) -> None:
        waiting = self._waiting.get(key)
        if waiting is None:
            self._ready[key] = outcome
        elif not waiting.reply.done():
            waiting.reply.set_result(outcome)

    async def _outcomes(self, batch: StoredBatch) -> Mapping[str, Outcome]:
        """Return what came of each request, by key; of a batch that was never made, nothing."""
        if batch.remote_id is not None:
            return await self._results(batch, batch.remote_id) or {}
        for pause in LISTED_WITHIN_S:
            await self.clock.sleep(pause)
            found = await self._patience.until_done(
                lambda: self.desk.find(batch.id, since=batch.asked_at, requests=len(batch.lines))
            )
            for remote_id in found:
                if self.desk.marks:
                    await self.store.handed_in(batch, remote_id)
                outcomes = await self._results(batch, remote_id)
                if outcomes is not None:
                    return outcomes
        return {}

    async def _results(self, batch: StoredBatch, remote_id: str) -> dict[str, Outcome] | None:
        """Wait for a batch and return its outcomes by key; None where it is somebody else's."""
        wait = FIRST_LOOK_S
        while True:
            look = await self._patience.until_done(lambda: self.desk.look(remote_id))
            self.looks[batch.id] = look
            if look.ended:
                break
            await self.clock.sleep(wait)
            wait = min(LONGEST_LOOK_S, wait * LOOKS_GROW)
        if look.refused is not None:
            return self._refused(batch, look.refused)
        self._most_lines = min(MOST_LINES, 2 * self._most_lines)
        named: dict[str, Outcome] = {}
        for path in look.results:
            named |= await self._patience.until_done(partial(self.desk.results, path))
        if batch.remote_id is None and not any(name.startswith(batch.id) for name in named):
            return None
        rest = NOT_IN_TIME if look.cut_short else LEFT_OUT
        outcomes = {
            line.key: named.get(_custom_id(batch.id, line.key), rest) for line in batch.lines
        }
        return {key: self._priced(outcome) for key, outcome in outcomes.items()}

    def _refused(self, batch: StoredBatch, refusal: Fault) -> dict[str, Outcome]:
        """Ask for less, later, where a batch was too much; else let each request fail so."""
        if refusal.cause != "rate_limit":
            return {line.key: refusal for line in batch.lines}
        if len(batch.lines) == 1 and len(self.sizes) == 1:
            raise EndpointDown(f"{self.name}: {refusal.detail}; run the same command again later")
        self._most_lines = max(1, len(batch.lines) // 2)
        self._not_before = self.clock.now() + REFUSED_PAUSE_S
        return {}

    def _priced(self, outcome: Outcome) -> Outcome:
        return with_cost(outcome, self.price) if isinstance(outcome, ChatReply) else outcome


def _custom_id(mark: str, key: str) -> str:
    return f"{mark}_{key}"


def _spent(outcome: Outcome | None, most: Spending) -> Spending:
    if isinstance(outcome, ChatReply):
        return cost_of(outcome, most)
    return NOTHING if outcome is None or is_unbilled(outcome) else most
