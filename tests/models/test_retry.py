"""When a call is sent again, and when no more."""

import random

import pytest

from colloquia.models.retry.retry import ATTEMPTS, LONGEST_REFUSAL_S, GiveUp, Tries, Wait, jittered
from tests.models.parts import fault


def steps(*faults: object) -> list[Wait | GiveUp]:
    tries, taken, draw = Tries(), [], random.Random(1)
    for one in faults:
        tries, step = tries.after(one, draw=draw)  # type: ignore[arg-type]
        taken.append(step)
    return taken


def test_a_transient_fault_is_tried_six_times() -> None:
    taken = steps(*[fault("transient")] * ATTEMPTS)
    assert [type(step) for step in taken] == [Wait] * (ATTEMPTS - 1) + [GiveUp]


def test_rate_limits_use_no_attempt() -> None:
    taken = steps(*[fault("rate_limit")] * 40, *[fault("transient")] * (ATTEMPTS - 1))
    assert all(isinstance(step, Wait) for step in taken)


def test_failed_connections_use_no_attempt() -> None:
    taken = steps(*[fault("transient", unreachable=True)] * 50)
    assert all(isinstance(step, Wait) for step in taken)


def test_half_an_hour_of_refusals_is_an_outage() -> None:
    taken = steps(*[fault("rate_limit", retry_after_s=600.0)] * 4)
    assert taken[-1] == GiveUp(outage=True)
    assert sum(step.seconds for step in taken if isinstance(step, Wait)) >= LONGEST_REFUSAL_S


@pytest.mark.parametrize("asked", [0.2, 7.0, 300.0, 600.0])
@pytest.mark.parametrize("cause", ["rate_limit", "transient"])
def test_nothing_is_sent_before_the_endpoint_said(asked: float, cause: str) -> None:
    taken = steps(*[fault(cause, retry_after_s=asked)] * 3)  # type: ignore[arg-type]
    assert all(isinstance(step, Wait) and step.seconds >= asked for step in taken)


@pytest.mark.parametrize("cause", ["content", "refused", "fatal"])
def test_what_would_fail_again_is_not_sent_again(cause: str) -> None:
    assert steps(fault(cause)) == [GiveUp()]  # type: ignore[arg-type]


def test_the_ceiling_doubles_from_half_a_second_to_a_minute() -> None:
    most = [max(jittered(n, draw=random.Random(s)) for s in range(200)) for n in (0, 1, 3, 7, 99)]
    for wait, ceiling in zip(most, (0.5, 1.0, 4.0, 60.0, 60.0), strict=True):
        assert 0.9 * ceiling < wait <= ceiling
