"""How long a request has waited for a sign of life, seen beside those sent before it.

A server that works on few requests at a time answers them in order. So a request is not forgotten
as long as something is heard of one that was sent before it: to send it again would only make the
queue longer. Once those are through, only what is heard of the request itself counts.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

REMEMBERED = 1024  # requests that ended: older ones are out of date by far
LOOKS = 4  # within the longest silence: pieces of a reply are counted then, and not one by one


def _nothing() -> int:
    return 0


@dataclass(slots=True, kw_only=True, eq=False)
class OpenRequest:
    """A request that is out: `async with` it, and a silence that is too long is a TimeoutError."""

    waits: "Waits"
    limit_s: float
    """The longest silence."""
    number: int
    """In the order of sending."""
    heard_s: float
    """When it was heard of last, as far as known."""
    counted: Callable[[], int] = _nothing
    """Returns how many bytes of its reply have come."""
    seen: int = 0
    """How many had come at the last look."""
    deadline: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))

    async def __aenter__(self) -> Self:
        """Begin to be watched."""
        await self.deadline.__aenter__()
        self.waits.add(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Be watched no longer."""
        self.waits.remove(self)
        await self.deadline.__aexit__(kind, error, trace)

    def look(self, now: float) -> float:
        """Return when it was heard of last."""
        if (count := self.counted()) != self.seen:
            self.seen, self.heard_s = count, now
        return self.heard_s


class Waits:
    """The requests that are out at one endpoint, and the one timer by which all are looked at."""

    def __init__(self) -> None:
        """Begin with none."""
        self._sent = 0
        self._open: dict[int, OpenRequest] = {}  # in the order of sending
        self._ended: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)
        self._timer: asyncio.TimerHandle | None = None

    def patience(self, limit_s: float) -> OpenRequest:
        """Return a request that waits as long as no silence is longer than so many seconds."""
        self._sent += 1
        now = asyncio.get_running_loop().time()
        return OpenRequest(waits=self, limit_s=limit_s, number=self._sent, heard_s=now)

    def add(self, request: OpenRequest) -> None:
        """Watch a request."""
        self._open[request.number] = request
        due = request.heard_s + request.limit_s / LOOKS
        if self._timer is None or due < self._timer.when():
            self._look_at(due)

    def remove(self, request: OpenRequest) -> None:
        """Forget a request, but not when it was heard of last."""
        del self._open[request.number]
        self._ended.append((request.number, request.look(asyncio.get_running_loop().time())))
        if not self._open:
            self._look_at(None)

    def _look_at(self, due: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if due is None else loop.call_at(due, self._look)

    def _look(self) -> None:
        """Give up the requests of which, and of all sent before them, nothing was heard."""
        now = asyncio.get_running_loop().time()
        ended = sorted(self._ended, reverse=True)  # the first sent comes last
        sign_s, due = 0.0, now + max(request.limit_s for request in self._open.values())
        for request in self._open.values():
            while ended and ended[-1][0] < request.number:
                sign_s = max(sign_s, ended.pop()[1])
            sign_s = max(sign_s, request.look(now))
            if (rest_s := request.limit_s - (now - sign_s)) > 0:
                due = min(due, now + min(rest_s, request.limit_s / LOOKS))
            else:
                request.deadline.reschedule(now)
        self._look_at(due)
