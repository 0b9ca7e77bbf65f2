"""How long a request has waited for a sign of life, seen beside those sent before it.

A server that works on few requests at a time answers them in order. So a request is not forgotten
as long as something is heard of one that was sent before it: to send it again would only make the
queue longer. Once those are through, only what is heard of the request itself counts.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

REMEMBERED = 1024  # requests that ended: older ones are out of date by far
LOOKS = 4  # within the longest silence: pieces of a reply are counted then, and not one by one


def _nothing() -> int:
    return 0


@dataclass(slots=True, kw_only=True)
class OpenRequest:
    """A request that is out."""

    number: int
    """In the order of sending."""
    heard_s: float
    """When it was heard of last, as far as known."""
    counted: Callable[[], int] = _nothing
    """Returns how many bytes of its reply have come."""
    seen: int = 0
    """How many had come at the last look."""

    def look(self, now: float) -> float:
        """Return when it was heard of last."""
        if (count := self.counted()) != self.seen:
            self.seen, self.heard_s = count, now
        return self.heard_s


class Waits:
    """The requests that are out at one endpoint."""

    def __init__(self) -> None:
        """Begin with none."""
        self._sent = 0
        self._open: dict[int, OpenRequest] = {}  # in the order of sending
        self._ended: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)

    @asynccontextmanager
    async def patience(self, limit_s: float) -> AsyncIterator[OpenRequest]:
        """Wait for a reply as long as no silence is longer than so many seconds.

        Raises:
            TimeoutError: one was.
        """
        loop = asyncio.get_running_loop()
        self._sent += 1
        request = OpenRequest(number=self._sent, heard_s=loop.time())
        self._open[request.number] = request

        timer = loop.call_later(limit_s / LOOKS, lambda: look())

        def look() -> None:
            nonlocal timer
            now = loop.time()
            rest_s = limit_s - (now - self._last_sign(request, now))
            if rest_s > 0:
                timer = loop.call_later(min(rest_s, limit_s / LOOKS), look)
            else:
                deadline.reschedule(now)

        try:
            async with asyncio.timeout(None) as deadline:
                yield request
        finally:
            timer.cancel()
            del self._open[request.number]
            self._ended.append((request.number, request.look(loop.time())))

    def _last_sign(self, request: OpenRequest, now: float) -> float:
        """Return when this request, or one sent before it, was heard of last."""
        signs = [heard_s for number, heard_s in self._ended if number < request.number]
        signs += [out.look(now) for out in self._open.values() if out.number <= request.number]
        return max(signs)
