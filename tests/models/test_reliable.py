"""One place retries: how often a call is sent, when, and what becomes of it in the end."""

import asyncio
from itertools import pairwise

import pytest

from colloquia.models.faults.errors import CallFailed, EndpointDown, ModelError
from colloquia.models.retry.breaker import GIVE_UP_AFTER_S, PROBE_EVERY_S, TRIP_AFTER
from colloquia.models.retry.retry import ATTEMPTS, FIRST_CEILING_S
from colloquia.simulator.side_by_side import side_by_side
from tests.models.parts import Backend, Hourglass, fault, patient, request


async def test_a_transient_fault_is_outlived() -> None:
    clock = Hourglass()
    inner = Backend([fault("transient")] * (ATTEMPTS - 1), clock=clock)
    reply = await patient(inner, clock).complete(request())
    assert (reply.text, reply.attempts) == ("ok", ATTEMPTS)
    assert len(inner.sent_at) == ATTEMPTS


async def test_six_transient_faults_fail_the_call() -> None:
    clock = Hourglass()
    inner = Backend([fault("transient")] * 99, clock=clock)
    with pytest.raises(CallFailed) as failed:
        await patient(inner, clock).complete(request())
    assert (failed.value.cause, failed.value.attempts) == ("transient", ATTEMPTS)
    assert len(inner.sent_at) == ATTEMPTS


async def test_a_fatal_fault_fails_the_call_at_once() -> None:
    clock = Hourglass()
    inner = Backend([fault("fatal", status=400)])
    with pytest.raises(CallFailed) as failed:
        await patient(inner, clock).complete(request())
    assert (failed.value.cause, len(inner.sent_at)) == ("fatal", 1)


async def test_a_filtered_reply_is_a_result() -> None:
    clock = Hourglass()
    inner = Backend([fault("refused", detail="blocked")])
    reply = await patient(inner, clock).complete(request())
    assert (reply.text, reply.stop, len(inner.sent_at)) == ("", "content_filter", 1)


@pytest.mark.parametrize(("tokens", "most"), [(16, 100_000), (4096, 262_144), (None, 4_194_304)])
async def test_a_reply_longer_than_its_tokens_is_a_fault(tokens: int | None, most: int) -> None:
    asked = request().model_copy(update={"max_tokens": tokens})
    clock = Hourglass()
    inner = Backend(["x" * (most + 1), "x" * most], clock=clock)
    reply = await patient(inner, clock).complete(asked)
    assert (len(reply.text), reply.attempts) == (most, 2)


async def test_retry_after_is_waited_for_and_others_wait_too() -> None:
    clock = Hourglass()
    inner = Backend([fault("rate_limit", status=429, retry_after_s=30.0)], clock=clock)
    model = patient(inner, clock)
    async with asyncio.TaskGroup() as group:
        group.create_task(model.complete(request()))
        await asyncio.sleep(0)
        group.create_task(model.complete(request("Where?")))
    first, *later = inner.sent_at
    assert first == 0.0
    assert min(later) >= 30.0


async def test_an_outage_of_a_minute_fails_nothing() -> None:
    clock = Hourglass()

    class Down(Backend):
        async def complete(self, request):  # type: ignore[no-untyped-def]
            self.deeds = [fault("transient", status=503)] if clock.now() < 60 else []
            return await super().complete(request)

    inner = Down(clock=clock)
    model = patient(inner, clock)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(model.complete(request(str(n)))) for n in range(16)]
    assert {task.result().text for task in asked} == {"ok"}
    down = [at for at in inner.sent_at if at < 60]
    probes = down[TRIP_AFTER + 16 :]  # those already on their way when it tripped aside
    assert all(later - sooner >= PROBE_EVERY_S for sooner, later in pairwise(probes))
    assert len(down) <= TRIP_AFTER + 16 + 60 / PROBE_EVERY_S


async def test_an_endpoint_that_stays_away_ends_the_run() -> None:
    clock = Hourglass()
    inner = Backend([fault("transient", status=None, unreachable=True)] * 999, clock=clock)
    with pytest.raises(EndpointDown, match=r"30 minutes.*again"):
        await patient(inner, clock).complete(request())
    assert clock.now() >= GIVE_UP_AFTER_S
    assert len(inner.sent_at) <= TRIP_AFTER + GIVE_UP_AFTER_S / PROBE_EVERY_S + 1


async def test_an_endpoint_that_never_worked_is_told_of_soon() -> None:
    clock = Hourglass()
    inner = Backend([fault("transient", status=None, unreachable=True)] * 99, clock=clock)
    with pytest.raises(EndpointDown, match="start the server"):
        await patient(inner, clock, worked=False).complete(request())
    assert len(inner.sent_at) == 3


async def test_a_proxy_that_answers_for_an_endpoint_that_never_worked_is_told_of_soon() -> None:
    clock = Hourglass()
    inner = Backend([fault("transient", status=502)] * 999, clock=clock)
    model = patient(inner, clock, worked=False)
    with pytest.raises(EndpointDown, match="check api_base"):
        await side_by_side(model.complete(request()) for _ in range(8))
    assert clock.now() < 2 * sum(FIRST_CEILING_S * 2**n for n in range(ATTEMPTS))


@pytest.mark.parametrize(
    ("status", "fix"), [(401, "api_key_env"), (403, "key"), (404, "name and api_base")]
)
async def test_a_wrong_key_or_name_shows_on_the_first_call(status: int, fix: str) -> None:
    clock = Hourglass()
    inner = Backend([fault("fatal", status=status)])
    with pytest.raises(ModelError, match=fix) as error:
        await patient(inner, clock, worked=False).complete(request())
    assert error.value.exit_code == 2
    assert len(inner.sent_at) == 1


async def test_a_filter_that_says_403_to_the_first_call_is_not_taken_for_a_wrong_key() -> None:
    clock = Hourglass()
    inner = Backend([fault("refused", status=403)])
    reply = await patient(inner, clock, worked=False).complete(request())
    assert (reply.text, reply.stop, reply.attempts) == ("", "content_filter", 1)


async def test_a_wrong_key_stops_everything_however_many_calls_found_out_at_once() -> None:
    clock = Hourglass()
    inner = Backend([fault("fatal", status=401)] * 99)
    model = patient(inner, clock, worked=False)
    with pytest.raises(ModelError, match="set api_key_env"):
        await side_by_side(model.complete(request(f"Who {n}?")) for n in range(64))
    with pytest.raises(ModelError, match="set api_key_env"):
        await model.complete(request("Late?"))


async def test_a_key_that_runs_dry_stops_the_run_instead_of_failing_every_dialogue() -> None:
    clock = Hourglass()
    inner = Backend([fault("fatal", status=402, exhausted=True)])
    with pytest.raises(EndpointDown, match="what is done is kept"):
        await patient(inner, clock).complete(request())
