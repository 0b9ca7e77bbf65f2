"""The pace follows the server: how many it works on is found, whatever kind of server it is."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from colloquia.core.ports import in_turn
from colloquia.models.pace.limiter import Limiter
from colloquia.models.pace.permit import Permit
from tests.models.parts import LoopClock, in_no_time

TOKEN_S = 0.01
TOKENS = 50
CALLS = 12  # of a dialogue
ALONE_S = CALLS * TOKENS * TOKEN_S


class Server(Protocol):
    """Tells `heard` when a reply begins, and returns when it has ended."""

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None: ...


class Slots:
    """Works on so many at a time, first come, first served."""

    def __init__(self, places: int, *, streams: bool = True) -> None:
        self._places = asyncio.Semaphore(places)
        self._streams = streams

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None:
        async with self._places:
            await asyncio.sleep(0.1 * tokens * TOKEN_S)
            if self._streams:
                heard()
            await asyncio.sleep(0.9 * tokens * TOKEN_S)


class Shared:
    """Works on all at once, each the slower the more there are; `slowed` says how much."""

    def __init__(self, slowed: Callable[[int], float], *, streams: bool = True) -> None:
        self._slowed = slowed
        self._streams = streams
        self._inside = 0

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None:
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
    busy_s: float = 0.0
    """What all replies would have taken without company."""
    limit: int = 0
    """In the end, while there still was enough to do."""
    places_used: float = 0.0
    """On average, until then."""

    def look(self) -> None:
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
                await asyncio.sleep(0.004)  # what the dialogue itself takes between two calls
            course.ended[number] = asyncio.get_running_loop().time()
            if len(course.ended) == dialogues - left:
                course.look()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, dialogues)):
            group.create_task(talk())
    return course


@pytest.mark.parametrize("spread", [0.0, 0.6])
@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize(("places", "dialogues"), [(1, 10), (4, 60), (16, 200), (64, 500)])
def test_it_finds_how_many_a_server_works_on(
    places: int, dialogues: int, streams: bool, spread: float
) -> None:
    at_once = max(60, 2 * places)
    server = lambda: Slots(places, streams=streams)  # noqa: E731
    course = in_no_time(
        hold(server, dialogues=dialogues, at_once=at_once, left=2 * places, spread=spread)
    )
    assert course.places_used >= 0.9 * places
    assert places * 0.9 <= course.limit <= places * 1.5


@pytest.mark.parametrize("streams", [True, False])
def test_where_one_is_worked_on_at_a_time_the_first_dialogue_ends_as_if_alone(
    streams: bool,
) -> None:
    course = in_no_time(hold(lambda: Slots(1, streams=streams), dialogues=10, at_once=60))
    assert course.ended[0] <= 1.3 * ALONE_S
    assert list(course.ended) == list(range(10))
    assert course.limiter.worked_on == 1


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("places", [4, 16])
def test_a_server_that_slows_down_as_it_fills_is_not_filled_further(
    places: int, streams: bool
) -> None:
    server = lambda: Shared(lambda inside: max(1.0, inside / places), streams=streams)  # noqa: E731
    course = in_no_time(hold(server, dialogues=150, at_once=64, left=2 * places))
    assert course.places_used >= 0.9 * places
    assert course.limit <= 2 * places


@pytest.mark.parametrize("streams", [True, False])
def test_a_server_that_slows_down_and_yet_does_more_is_filled(streams: bool) -> None:
    server = lambda: Shared(lambda inside: 1 + inside / 160, streams=streams)  # noqa: E731
    course = in_no_time(hold(server, dialogues=1500, at_once=256, left=300, spread=0.5))
    assert course.places_used >= 0.85 * 256 / (1 + 256 / 160)
    assert course.limit >= 200


def test_room_is_found_within_a_few_first_tokens() -> None:
    course = in_no_time(hold(lambda: Slots(1000), dialogues=512, at_once=256))
    assert max(course.ended.values()) <= 1.08 * 2 * ALONE_S


async def ends(limiter: Limiter, how: Callable[[Permit], None], *, calls: int) -> None:
    async def call() -> None:
        async with limiter.slot() as permit:
            await asyncio.sleep(1)
            how(permit)

    async with asyncio.TaskGroup() as group:
        for _ in range(calls):
            group.create_task(call())


def test_calls_of_the_dialogue_begun_first_go_first() -> None:
    async def order() -> list[int]:
        limiter, entered = Limiter(clock=LoopClock()), list[int]()

        async def call(rank: int) -> None:
            in_turn.set(rank)
            async with limiter.slot():
                entered.append(rank)
                await asyncio.sleep(1)

        async with asyncio.TaskGroup() as group:
            for rank in (9, 3, 7, 1, 5):
                group.create_task(call(rank))
        return entered

    assert in_no_time(order()) == [9, 1, 3, 5, 7]


def test_a_limiter_that_does_not_learn_stays_as_it_is() -> None:
    async def limits() -> list[int]:
        limiter = Limiter(clock=LoopClock(), start=4, learns=False)
        await ends(limiter, Permit.succeeded, calls=40)
        await ends(limiter, Permit.refused, calls=4)
        return [limiter.limit]

    assert in_no_time(limits()) == [4]
