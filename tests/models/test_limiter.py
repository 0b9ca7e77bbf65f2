"""The limiter finds how many calls an endpoint takes, and keeps to it."""

import asyncio

import pytest

from benchmarks.servers.paced import LoopClock, in_no_time
from colloquia.models.pace.limiter import Limiter


class Busy:
    """An endpoint that takes `room` calls at once, each for a second."""

    def __init__(self, clock: LoopClock, room: int) -> None:
        self.room, self.served, self.refused, self.inside = room, 0, 0, 0
        self._clock = clock

    async def serve(self) -> bool:
        if self.inside >= self.room:
            self.refused += 1
            return False
        self.inside += 1
        await self._clock.sleep(1.0)
        self.inside -= 1
        self.served += 1
        return True


async def work(limiter: Limiter, endpoint: Busy, clock: LoopClock, *, until: float) -> None:
    while clock.now() < until:
        async with limiter.slot() as permit:
            if await endpoint.serve():
                permit.succeeded()
                continue
            permit.refused()
        await clock.sleep(0.5)


@pytest.mark.parametrize("start", [1, 64])
def test_it_finds_a_limit_and_a_lower_one(start: int) -> None:
    in_no_time(find_a_limit_and_a_lower_one(start))


async def find_a_limit_and_a_lower_one(start: int) -> None:
    clock = LoopClock()
    limiter, endpoint = Limiter(clock=clock, start=start), Busy(clock, 20)
    async with asyncio.TaskGroup() as group:
        for _ in range(40):
            group.create_task(work(limiter, endpoint, clock, until=300))
        await clock.sleep(60)
        settled = (endpoint.served, endpoint.refused)
        await clock.sleep(100)
        served, refused = endpoint.served - settled[0], endpoint.refused - settled[1]
        assert served >= 0.85 * 20 * 100
        assert refused <= 0.05 * served
        endpoint.room = 5
        await clock.sleep(60)
        settled = (endpoint.served, endpoint.refused)
        await clock.sleep(70)
        served, refused = endpoint.served - settled[0], endpoint.refused - settled[1]
        assert served >= 0.85 * 5 * 70
        assert refused <= 0.05 * served


async def test_one_burst_of_refusals_cuts_once() -> None:
    limiter = Limiter(clock=LoopClock(), start=8)

    async def refused() -> None:
        async with limiter.slot() as permit:
            await asyncio.sleep(0)
            permit.refused()

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(refused())
    assert (limiter.limit, limiter.refusals) == (6, 8)


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    async def limit() -> int:
        limiter = Limiter(clock=LoopClock(), start=4)
        for _ in range(100):
            async with limiter.slot() as permit:
                await asyncio.sleep(1)
                permit.succeeded()
        return limiter.limit

    assert in_no_time(limit()) == 4


async def test_room_of_the_cancelled_goes_to_the_next() -> None:
    limiter = Limiter(clock=LoopClock(), start=1)
    entered: list[str] = []

    async def enter(name: str) -> None:
        async with limiter.slot():
            entered.append(name)
            await asyncio.sleep(0)

    async with limiter.slot():
        first, second = (asyncio.create_task(enter(name)) for name in ("first", "second"))
        await asyncio.sleep(0)
        first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert entered == ["second"]
    assert limiter.in_flight == 0
