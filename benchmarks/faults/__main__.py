"""Try to break what is promised: `python -m benchmarks.faults [--only P1 P4] [--short] [--json]`.

Each promise is measured by a function that takes its sizes; the tests call the same functions with
small ones. Long forms take about an hour, most of it waiting. A result of 0 is
printed with the rate that it rules out at 95 % confidence, 3/n.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.faults.finding import Finding
    from benchmarks.faults.nursery import Nursery


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is measured, and how much of it."""

    names: tuple[str, ...]
    measure: str
    """`module.function` here; takes the sizes and returns findings."""
    short: dict[str, Any] | None
    """None: a test of its own tries it in small."""
    long: dict[str, Any]
    forks: bool = True
    """Whether it starts processes, and is given the nursery."""

    def findings(self, nursery: "Nursery | None", *, short: bool) -> "list[Finding]":
        """Measure."""
        module, _, function = self.measure.partition(".")
        measure = getattr(import_module(f"benchmarks.faults.{module}"), function)
        sizes = self.short if short else self.long
        if sizes is None:
            return []
        found: list[Finding] = measure(*([nursery] if self.forks else []), **sizes)
        return found


PROMISES = (
    Promise(
        names=("P1", "P2"),
        measure="kills.killed",
        short={"kills": 6, "snippets": 10},
        long={"kills": 200, "snippets": 40},
    ),
    Promise(
        names=("P3",),
        measure="kills.stopped",
        short={"stops": 3, "snippets": 10},
        long={"stops": 60, "snippets": 40},
    ),
    Promise(
        names=("P4",),
        measure="replies.mixed",
        short={"snippets": 12},
        long={"snippets": 300},
    ),
    Promise(
        names=("P5",),
        measure="matrix.matrix",
        short={"routes": "same_requests and openai"},
        long={"routes": ""},
        forks=False,
    ),
    Promise(
        names=("P6",),
        measure="waits.outage",
        short={"speed": 10, "snippets": 12},  # slow enough for a busy machine
        long={"speed": 1, "snippets": 100},
        forks=False,
    ),
    Promise(
        names=("P7",),
        measure="waits.retry_after",
        short={"speed": 300, "calls": 5},
        long={"speed": 1, "calls": 100},
        forks=False,
    ),
    Promise(
        names=("P8",),
        measure="waits.limits",
        short=None,  # tests/models/test_limiter.py, by a clock that other work can't slow down
        long={"seconds": 60, "speed": 1},
        forks=False,
    ),
    Promise(
        names=("P9",),
        measure="spending.capped",
        short=None,  # tests/models/test_budget_is_a_ceiling.py
        long={"kills": 20},
        forks=False,
    ),
    Promise(
        names=("P10",),
        measure="replies.looped",
        short={"snippets": 3},
        long={"snippets": 100},
    ),
    Promise(
        names=("P11", "P11", "P11"),
        measure="workers.measure",
        short={"dialogues": 300, "kills": 3, "snippets": 12, "workers": 2},
        long={"dialogues": 10_000, "kills": 30, "snippets": 40},
    ),
    Promise(
        names=("P15",),
        measure="replay.edited",
        short={"rounds": 1, "snippets": 4},
        long={"rounds": 4, "snippets": 8},
    ),
    Promise(
        names=("P16",),
        measure="replay.replayed",
        short={"runs": 2, "snippets": 4},
        long={"runs": 10, "snippets": 12},
        forks=False,
    ),
    Promise(
        names=("P21",),
        measure="keys.searched",
        short={"snippets": 6},
        long={"snippets": 40},
    ),
    Promise(
        names=("P31",),
        measure="batches.batched",
        short={"kills": 3, "snippets": 2, "shapes": ("anthropic",)},
        long={"kills": 20, "snippets": 75},
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    known = [name for promise in PROMISES for name in promise.names]
    parser.add_argument("--only", nargs="*", choices=known, default=known, metavar="P1")
    parser.add_argument("--short", action="store_true", help="the sizes of the tests")
    parser.add_argument("--json", action="store_true", help="print a list instead of a table")
    told = parser.parse_args(arguments)
    chosen = [promise for promise in PROMISES if set(promise.names) & set(told.only)]
    found: list[Finding] = []
    with ExitStack() as stack:
        nursery = None
        if any(promise.forks for promise in chosen):
            from benchmarks.faults.nursery import Nursery

            nursery = stack.enter_context(Nursery())
        for promise in chosen:
            began = time.monotonic()
            findings = promise.findings(nursery, short=told.short)
            found += findings
            if not told.json:
                show(promise, findings, seconds=time.monotonic() - began)
    if told.json:
        rows = [asdict(one) | {"bound": one.bound, "holds": one.holds} for one in found]
        print(json.dumps(rows, indent=1))
    return 0 if all(one.holds for one in found) else 1


def show(promise: Promise, findings: "Sequence[Finding]", *, seconds: float) -> None:
    """Print a promise's part of the table."""
    for name, one in zip(promise.names, findings, strict=bool(findings)):
        bound = f", so below {one.bound:.2g} of them (95 %)" if one.bound is not None else ""
        print(f"{name:4}{'holds ' if one.holds else 'BROKEN'} {one.promise}")
        print(f"           against: {one.fault}")
        print(f"           broken by {one.broken} of {one.n} {one.unit}{bound}")
        print(f"           {one.figures}")
    print(f"           {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
