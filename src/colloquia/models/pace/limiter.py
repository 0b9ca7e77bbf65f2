"""Who may send, and when: what an endpoint can't work on waits here, and not in its queue.

The call of the dialogue begun first goes first, so that dialogues end one after another. Where only
one call may be in flight, its place is kept for a moment for the next call of the same dialogue,
which is about to come; without that two dialogues would take turns (Iyer and Druschel 2001 call it
deceptive idleness).
"""

import asyncio
from heapq import heappop, heappush
from itertools import count

from colloquia.core.ports import in_turn
from colloquia.models.pace.capacity import Capacity
from colloquia.models.pace.clock import Clock
from colloquia.models.pace.permit import Permit

START = 1
KEPT_SHARE = 0.25  # of what a call takes; most dialogues need milliseconds between two calls


class Limiter:
    """Calls in flight for one model at one endpoint: `async with limiter.slot() as permit`."""

    def __init__(self, *, clock: Clock, start: int = START, learns: bool = True) -> None:
        """Begin with room for `start` calls, and stay there unless it `learns`."""
        self._learns = learns
        self._clock = clock
        self._capacity = Capacity(start=start)
        self._paused_until = 0.0
        self._kept_until = 0.0
        self._kept_for = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._called = 0  # woken, and not there yet
        self._tickets = count()
        self._silent = 0
        self._streams = False
        self.in_flight = 0
        self.refusals = 0

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return self._capacity.places

    @property
    def worked_on(self) -> int:
        """How many the endpoint was found to work on at once; 0 while it isn't known to be few."""
        return self._capacity.worked_on

    def slot(self) -> "Slot":
        """Wait for room, hold it, and learn from how the call ended."""
        return Slot(self)

    async def take_place(self) -> Permit:
        """Wait for room and return a permit to use it."""
        await self._take_slot()
        return Permit(
            now=self._clock.now,
            sent_s=self._clock.now(),
            rank=in_turn.get(),
            epoch=self._capacity.epoch,
            on_heard=self._hear,
        )

    def give_back(self, permit: Permit) -> None:
        """Learn from how the call ended, and let the next one go."""
        self._learn(permit)
        self.in_flight -= 1
        self._silent -= permit.heard_s is None
        self._wake_waiting()

    def pause(self, seconds: float) -> None:
        """Send nothing new for so long, unless a call succeeds meanwhile.

        A success shows that the limit is on calls in flight, not on calls per minute.
        """
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)

    @property
    def _has_room(self) -> bool:
        if self.in_flight + self._called >= self.limit:
            return False
        if not (self._streams and self._capacity.trusts):
            return True
        # Those sent last, and still silent, may be the ones that are too many.
        return self._silent + self._called < max(1, self.limit * 3 // 4)

    async def _take_slot(self) -> None:
        rank, ticket = in_turn.get(), next(self._tickets)
        while True:
            if not self._has_room:
                await self._wait_in_line(rank, ticket)
            elif (pause := self._paused_until - self._clock.now()) > 0:
                await self._clock.sleep(min(pause, 1.0))  # in steps: a success lifts the pause
            elif rank > self._kept_for and (kept := self._kept_until - self._clock.now()) > 0:
                await self._clock.sleep(kept)
            else:
                self.in_flight += 1
                self._silent += 1
                return

    async def _wait_in_line(self, rank: int, ticket: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (rank, ticket, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._called -= 1
                self._wake_waiting()  # the room given to this one goes to the next
            raise
        self._called -= 1

    def _wake_waiting(self) -> None:
        while self._waiting and self._has_room:
            _, _, turn = heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                self._called += 1

    def _hear(self, after_s: float) -> None:
        self._silent -= 1
        if self._learns:
            self._capacity.heard(
                after_s=after_s,
                silent=self._silent + self._called,
                in_flight=self.in_flight + self._called,
                waiting=bool(self._waiting),
            )
            self._wake_waiting()

    def _learn(self, permit: Permit) -> None:
        if not self._learns:
            return
        now = self._clock.now()
        match permit.outcome:
            case "served":
                self._paused_until = 0.0
                self._streams = permit.heard_s is not None
                self._capacity.served(
                    permit, now=now, in_flight=self.in_flight, waiting=bool(self._waiting)
                )
                if self.limit == 1:
                    kept = KEPT_SHARE * (now - permit.sent_s)
                    self._kept_for, self._kept_until = permit.rank, now + kept
            case "congested":
                self.refusals += 1
                self._capacity.congested(permit)
            case None:
                pass


class Slot:
    """Room for one call, by `async with`."""

    __slots__ = ("_limiter", "_permit")

    def __init__(self, limiter: Limiter) -> None:
        """Ask this limiter."""
        self._limiter = limiter

    async def __aenter__(self) -> Permit:
        """Wait for room."""
        self._permit = await self._limiter.take_place()
        return self._permit.__enter__()

    async def __aexit__(self, *_: object) -> None:
        """Give it back."""
        self._permit.__exit__()
        self._limiter.give_back(self._permit)
