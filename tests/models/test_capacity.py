"""The pace follows the server: how many it works on is found, whatever kind of server it is."""

import asyncio
from collections.abc import Callable

import pytest

from benchmarks.servers.paced import (
    ALONE_S,
    LoopClock,
    Shared,
    Slots,
    beyond,
    hold,
    in_no_time,
)
from colloquia.core.ports import in_turn
from colloquia.models.pace.limiter import Limiter
from colloquia.models.pace.permit import Permit


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
    server = lambda: Shared(beyond(places), streams=streams)  # noqa: E731
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


def test_room_is_found_where_a_reply_takes_its_time_to_begin() -> None:
    server = lambda: Slots(1000, begins_after=0.4)  # noqa: E731
    course = in_no_time(hold(server, dialogues=256, at_once=128))
    assert max(course.ended.values()) <= 1.15 * 2 * ALONE_S


class QuickSlots(Slots):
    """After so many replies in pieces they come whole."""

    left = 80

    async def reply(self, tokens: int, heard: Callable[[], None]) -> None:
        self.left -= 1
        self.streams = self.left >= 0
        await super().reply(tokens, heard)


def test_replies_that_begin_to_come_whole_do_not_look_like_a_queue() -> None:
    server = lambda: QuickSlots(1000, begins_after=0.4)  # noqa: E731
    course = in_no_time(hold(server, dialogues=128, at_once=64))
    assert course.limiter.limit >= 64
    assert max(course.ended.values()) <= 1.15 * 2 * ALONE_S


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
