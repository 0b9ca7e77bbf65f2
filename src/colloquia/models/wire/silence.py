"""How long a request has waited for a sign of life, seen beside those sent before it.

A server that works on few requests at a time answers them in order. So a request is not forgotten
as long as something is heard of one that was sent before it: to send it again would only make the
queue longer. Once those are through, only what is heard of the request itself counts.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

REMEMBERED = 1024  # requests that ended: older ones are out of date by far


class Waits:
    """The requests that are out at one endpoint."""

    def __init__(self) -> None:
        """Begin with none."""
        self._sent = 0
        self._heard: dict[int, float] = {}  # when each was heard of last, in the order of sending
        self._ended: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)

    @asynccontextmanager
    async def patience(self, limit_s: float) -> AsyncIterator[Callable[[], None]]:
        """Wait for a reply as long as no silence is longer than so many seconds.

        Yields what is to be called at each sign of life.

        Raises:
            TimeoutError: one was.
        """
        self._sent += 1
        number, loop = self._sent, asyncio.get_running_loop()
        self._heard[number] = loop.time()
        timer: asyncio.TimerHandle | None = None

        def look() -> None:
            nonlocal timer
            rest = limit_s - (loop.time() - self._last_sign(number))
            if rest > 0:
                timer = loop.call_later(rest, look)
            else:
                deadline.reschedule(loop.time())

        try:
            async with asyncio.timeout(None) as deadline:
                timer = loop.call_later(limit_s, look)
                yield partial(self._hear, number)
        finally:
            if timer is not None:
                timer.cancel()
            self._ended.append((number, self._heard.pop(number)))

    def _hear(self, number: int) -> None:
        self._heard[number] = asyncio.get_running_loop().time()

    def _last_sign(self, number: int) -> float:
        """Return when this request, or one sent before it, was heard of last."""
        ended = (heard for sent, heard in self._ended if sent < number)
        out = (heard for sent, heard in self._heard.items() if sent <= number)
        return max(*ended, *out, self._heard[number])
