"""What is promised under faults, tried in small; `benchmarks.faults` tries it at length."""

from dataclasses import replace

import pytest

from benchmarks.faults.__main__ import PROMISES, Promise
from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Nursery
from colloquia.models.wire.providers import READ_ONLY

pytestmark = pytest.mark.filterwarnings(f"ignore:{READ_ONLY}")


IN_SMALL = [promise for promise in PROMISES if promise.short is not None]


@pytest.mark.parametrize("promise", IN_SMALL, ids=lambda promise: "+".join(promise.names))
def test_a_promise_holds_under_its_faults(promise: Promise, nursery: Nursery) -> None:
    findings = promise.findings(nursery, short=True)
    assert len(findings) == len(promise.names)
    for finding in findings:
        assert finding.holds, finding


def test_a_zero_is_told_with_what_it_rules_out() -> None:
    kept = Finding(promise="p", fault="f", unit="kills", n=200, broken=0)
    assert kept.holds and kept.bound == pytest.approx(0.015)
    broken = replace(kept, broken=1)
    assert not broken.holds and broken.bound is None
    assert not replace(kept, n=0).holds, "nothing tried is nothing shown"
