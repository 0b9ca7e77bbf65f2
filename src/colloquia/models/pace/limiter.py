"""How many calls may be in flight: found by trying, as TCP finds a network's capacity.

Additive increase, multiplicative decrease (Chiu and Jain, 1989), with CUBIC's memory of where it
hurt: below the last level that was refused it grows by one each clean round; at that level it
stays for a while before it tries again, so that a steady limit is used nearly to the full.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from colloquia.models.pace.clock import Clock

START = 256  # an endpoint that takes fewer says so at once, and a refusal costs nothing but a wait
CUT = 0.75
ROUNDS_AT_CEILING = 10  # clean rounds at the known limit before one more is tried


class Permit:
    """One call's place among those in flight; says how the call ended."""

    def __init__(self, *, epoch: int) -> None:
        """Remember after how many cuts this call was sent."""
        self.epoch = epoch
        self.outcome: bool | None = None

    def succeeded(self) -> None:
        """The endpoint served the call."""
        self.outcome = True

    def refused(self) -> None:
        """The endpoint said: too many."""
        self.outcome = False


class Limiter:
    """Calls in flight for one model at one endpoint: `async with limiter.slot() as permit`."""

    def __init__(self, *, clock: Clock, start: int = START) -> None:
        """Begin with room for `start` calls, doubling each full round until the first refusal."""
        self._clock = clock
        self._limit = float(start)
        self._ceiling: float | None = None
        self._epoch = 0
        self._clean = 0
        self._was_full = False
        self._rounds_at_ceiling = 0
        self._paused_until = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.in_flight = 0
        self.refusals = 0

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return max(1, int(self._limit))

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Permit]:
        """Wait for room, hold it, and learn from how the call ended."""
        await self._take_slot()
        permit = Permit(epoch=self._epoch)
        try:
            yield permit
        finally:
            self.in_flight -= 1
            if permit.outcome is not None:
                self._adjust_limit(permit)
            self._wake_waiting()

    def pause(self, seconds: float) -> None:
        """Send nothing new for so long, unless a call succeeds meanwhile.

        A success shows that the limit is on calls in flight, not on calls per minute.
        """
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)

    async def _take_slot(self) -> None:
        waited = False
        while True:
            if self.in_flight >= self.limit:
                self._was_full = True
                await self._wait_in_line(again=waited)
                waited = True
            elif (pause := self._paused_until - self._clock.now()) > 0:
                await self._clock.sleep(min(pause, 1.0))  # in steps: a success lifts the pause
            else:
                self.in_flight += 1
                return

    async def _wait_in_line(self, *, again: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if again:  # who was overtaken on waking keeps its place
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake_waiting()  # the room given to this one goes to the next
            raise

    def _wake_waiting(self) -> None:
        room = self.limit - self.in_flight
        while room > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                room -= 1

    def _adjust_limit(self, permit: Permit) -> None:
        if permit.outcome:
            self._paused_until = 0.0
            self._clean += 1
            if self._clean >= self.limit:
                self._end_round()
            return
        self.refusals += 1
        if permit.epoch == self._epoch:  # sent since the last cut: news, not an echo
            self._epoch += 1
            self._ceiling = self._limit
            self._limit = max(1.0, self._limit * CUT)
        self._clean = 0
        self._was_full = False
        self._rounds_at_ceiling = 0

    def _end_round(self) -> None:
        grow = self._was_full
        self._clean = 0
        self._was_full = self.in_flight >= self.limit
        if not grow:
            return
        if self._ceiling is None:
            self._limit *= 2
        elif self._limit + 1 < self._ceiling:
            self._limit += 1
        elif self._rounds_at_ceiling < ROUNDS_AT_CEILING:
            self._rounds_at_ceiling += 1
        else:
            self._rounds_at_ceiling = 0
            self._limit += 1
            self._ceiling = max(self._ceiling, self._limit + 1)
