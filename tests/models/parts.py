"""What the model tests share: a clock that needs no waiting, a request, and a patient model."""

import asyncio
import random
from collections.abc import Coroutine, Iterable
from selectors import DefaultSelector
from typing import Any, TypeVar

from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.types import Message
from colloquia.models.faults.errors import CallFailed, Cause, Fault
from colloquia.models.pace.limiter import Limiter
from colloquia.models.retry.breaker import Breaker
from colloquia.models.retry.reliable import ReliableModel, RequestCounts

DATE = 1_700_000_000.0
Result = TypeVar("Result")


class _Nap(DefaultSelector):
    """A selector that doesn't wait: it lets the time that it should have waited have passed."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.time += max(0.0, timeout or 0.0)
        return super().select(0)


class LoopClock:
    """The time of the loop that runs."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def date(self) -> float:
        return DATE + self.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def in_no_time(work: Coroutine[Any, Any, Result]) -> Result:
    """Run in a loop whose clock jumps to the next moment at which something is due."""
    nap = _Nap()
    loop = asyncio.SelectorEventLoop(nap)
    loop.time = lambda: nap.time  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work)


class Hourglass:
    """A clock whose sleepers wake in order, as soon as everyone else has had their say."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.time

    def date(self) -> float:
        return DATE + self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        due = (self.time + seconds, len(self.slept), asyncio.get_running_loop().create_future())
        self._sleepers.append(due)
        while not due[2].done():
            for _ in range(3):
                await asyncio.sleep(0)
            first = min(self._sleepers, key=lambda sleeper: sleeper[:2], default=None)
            if first is due:
                self._sleepers.remove(due)
                self.time = max(self.time, due[0])
                due[2].set_result(None)


def request(text: str = "When?", **changes: object) -> ChatRequest:
    fields = {
        "role": "answerer",
        "prompt": "answerer@1",
        "messages": (
            Message(role="system", content="Be brief."),
            Message(role="user", content=text),
        ),
        "max_tokens": 64,
        "seed": 2**50 + 5,
    }
    return ChatRequest.model_validate(fields | changes)


def fault(cause: Cause, **changes: object) -> Fault:
    fields: dict[str, object] = {"cause": cause, "detail": cause, "status": 500}
    return Fault(**(fields | changes))  # type: ignore[arg-type]


Deed = Fault | str


class Backend:
    """A raw backend that does as it is told, once per attempt; then it answers `ok`."""

    name = "backend"

    def __init__(self, deeds: Iterable[Deed] = (), *, clock: Hourglass | None = None) -> None:
        self.deeds = list(deeds)
        self.sent_at: list[float] = []
        self.closed = False
        self._clock = clock

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.sent_at.append(self._clock.now() if self._clock else 0.0)
        deed = self.deeds.pop(0) if self.deeds else "ok"
        if isinstance(deed, Fault):
            raise CallFailed(deed)
        return ChatReply(text=deed)

    async def close(self) -> None:
        self.closed = True


def patient(inner: Backend, clock: Hourglass, *, worked: bool = True) -> ReliableModel:
    """Wrap a backend; `worked` says whether it has served a call before."""
    breaker = Breaker(endpoint="http://e", clock=clock)
    if worked:
        breaker.note(None)
    return ReliableModel(
        inner=inner,
        limiter=Limiter(clock=clock),
        breaker=breaker,
        clock=clock,
        draw=random.Random(7),
        counts=RequestCounts(calls=int(worked)),
    )
