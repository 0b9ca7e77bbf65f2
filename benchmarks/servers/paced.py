"""Servers to pace oneself by, in a time that passes at once: `python -m benchmarks.servers.paced`.

Dialogues of 12 calls are held through a limiter against a simulated server. Nothing waits, so the
figures are the same on any machine: which share of the server's places was at work until too few
dialogues were left to fill it, when the first dialogue ended beside what it takes alone, and how
many calls were let out in the end.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from selectors import DefaultSelector
from typing import Any, Protocol, TypeVar

from colloquia.core.ports import in_turn
from colloquia.models.pace.limiter import Limiter

Result = TypeVar("Result")

TOKEN_S = 0.01
TOKENS = 50
CALLS = 12  # of a dialogue
ALONE_S = CALLS * TOKENS * TOKEN_S


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
        """Return its time."""
        return asyncio.get_running_loop().time()

    def date(self) -> float:
        """Return seconds since it began."""
        return self.now()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def in_no_time(work: Coroutine[Any, Any, Result]) -> Result:
    """Run in a loop whose clock jumps to the next moment at which something is due."""
    nap = _Nap()
    loop = asyncio.SelectorEventLoop(nap)
    loop.time = lambda: nap.time  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work)


class Server(Protocol):
    """Tells `heard` when a reply begins, and returns when it has ended."""

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None:
        """Reply."""
        ...


class Slots:
    """Works on so many at a time, first come, first served."""

    def __init__(self, places: int, *, streams: bool = True, begins_after: float = 0.1) -> None:
        """Take the number of places, whether replies come in pieces, and when they begin."""
        self.streams = streams
        self._places = asyncio.Semaphore(places)
        self._begins_after = begins_after

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None:
        """Wait for a place, then for the reply."""
        async with self._places:
            silent_s = self._begins_after * tokens * TOKEN_S
            await asyncio.sleep(silent_s)
            if self.streams:
                heard()
            await asyncio.sleep(tokens * TOKEN_S - silent_s)


class Shared:
    """Works on all at once, each the slower the more there are; `slowed` says how much."""

    def __init__(self, slowed: Callable[[int], float], *, streams: bool = True) -> None:
        """Take how much slower so many make each, and whether replies come in pieces."""
        self._slowed = slowed
        self._streams = streams
        self._inside = 0

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None:
        """Reply, beside others."""
        self._inside += 1
        for part in range(10):
            await asyncio.sleep(tokens * TOKEN_S / 10 * self._slowed(self._inside))
            if self._streams and not part:
                heard()
        self._inside -= 1


@dataclass(slots=True)
class Course:
    """How the dialogues went."""

    limiter: Limiter
    ended: dict[int, float] = field(default_factory=dict)
    """When each dialogue ended, in the order in which they did."""
    own_s: dict[int, float] = field(default_factory=dict)
    """What the replies of each would have taken without company."""
    busy_s: float = 0.0
    """What all replies would have taken without company."""
    limit: int = 0
    """In the end, while there still was enough to do."""
    places_used: float = 0.0
    """On average, until then."""

    def look(self) -> None:
        """Note how it goes."""
        self.limit = self.limiter.limit
        self.places_used = self.busy_s / max(self.ended.values())


async def hold(
    server: Callable[[], Server],
    *,
    dialogues: int,
    at_once: int,
    left: int = 0,
    spread: float = 0.0,
) -> Course:
    """Hold dialogues of twelve calls.

    Args:
        server: makes the server.
        dialogues: how many in all.
        at_once: how many are begun before the first one ends.
        left: how many still go on when the course is looked at.
        spread: lengths of replies lie within this share of the usual.
    """
    course = Course(Limiter(clock=LoopClock()))
    numbers, draw, serving = iter(range(dialogues)), random.Random(3), server()

    async def talk() -> None:
        for number in numbers:
            in_turn.set(number + 1)
            for _ in range(CALLS):
                tokens = round(TOKENS * draw.uniform(1 - spread, 1 + spread))
                async with course.limiter.slot() as permit:
                    await serving.reply(tokens, permit.heard)
                    permit.succeeded(tokens=tokens)
                course.busy_s += tokens * TOKEN_S
                course.own_s[number] = course.own_s.get(number, 0.0) + tokens * TOKEN_S
                await asyncio.sleep(0.004)  # what the dialogue itself takes between two calls
            course.ended[number] = asyncio.get_running_loop().time()
            if len(course.ended) == dialogues - left:
                course.look()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, dialogues)):
            group.create_task(talk())
    return course


def beyond(places: int) -> Callable[[int], float]:
    """Return how much slower a reply gets where so many are worked on at full speed."""
    return lambda inside: max(1.0, inside / places)


def main() -> None:
    """Print a table."""
    print("server                   | replies   | lengths | share | first dialogue | in flight")
    for places, dialogues in ((1, 20), (4, 80), (16, 300), (64, 1000), (256, 2500)):
        for streams in (True, False):
            for spread in (0.0, 0.6):
                slots = Slots(places, streams=streams)
                show(f"{places} at a time", slots, places, dialogues, streams, spread)
    for places, dialogues in ((4, 80), (16, 300)):
        for streams in (True, False):
            shared = Shared(beyond(places), streams=streams)
            show(f"slower beyond {places}", shared, places, dialogues, streams, 0.6)
    for streams in (True, False):
        batching = Shared(lambda inside: 1 + inside / 160, streams=streams)
        show("batches up to 256", batching, 256 / (1 + 256 / 160), 2500, streams, 0.6)


def show(
    name: str, server: Server, places: float, dialogues: int, streams: bool, spread: float
) -> None:
    """Hold dialogues and print a row."""
    at_once = 256 if name.startswith("batches") else max(60, round(2 * places))
    left = min(2 * at_once, dialogues // 3)
    course = in_no_time(
        hold(lambda: server, dialogues=dialogues, at_once=at_once, left=left, spread=spread)
    )
    first = course.ended[0]
    kind, lengths = ("in pieces" if streams else "whole"), f"+-{spread:.0%}"
    print(
        f"{name:24} | {kind:9} | {lengths:>7} | {course.places_used / places:5.2f} | "
        f"{first:5.1f} s {first / course.own_s[0]:4.2f} x | {course.limit:9}",
        flush=True,
    )


if __name__ == "__main__":
    main()
