"""Servers that work on few or many requests at a time: `python -m benchmarks.pace`.

Whole runs against `slots.py`: dialogues of 12 calls, replies of 0.5 to 1.5 times the usual length,
far more dialogues begun than the server has places. Printed is which share of the time of its
places went into replies that somebody took, while there were dialogues enough to fill it; how often
a request was sent again; and when the first dialogue ended, beside what its calls take alone.

- `colloquia`: the pace is found out.
- `fixed`: the same run with 64 calls in flight, as it was before, whoever answers.
- `litellm`: its own client behind a semaphore of 16, six retries; it keeps nothing and checks
  nothing, so its dialogues are nothing but their calls.

A run ends when it is done, or after twice the time that the server would need, and a minute. All
of it takes about ten minutes on a quiet machine.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLS = 12
CLIENTS = ("colloquia", "fixed", "litellm")
SEMAPHORE = 16
FIXED = 64
SILENCES = 33  # usual replies: as 132 s are to 4 s on a laptop


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A server, and how many dialogues are held."""

    places: int
    service_s: float
    dialogues: int
    shared: bool = False
    cancels: bool = False

    @property
    def name(self) -> str:
        """How the table calls it."""
        kind = "slows down beyond" if self.shared else "first come first served,"
        return f"{kind} {self.places}" + (", cancels" if self.cancels else "")

    @property
    def at_once(self) -> int:
        """Dialogues begun before the first one ends."""
        return max(60, 2 * self.places)

    @property
    def ideal_s(self) -> float:
        """What the server needs for all calls."""
        return self.dialogues * CALLS * self.service_s / self.places


CASES = (
    Case(places=1, service_s=0.5, dialogues=3),
    Case(places=1, service_s=0.5, dialogues=3, cancels=True),
    Case(places=4, service_s=0.3, dialogues=20),
    Case(places=16, service_s=0.3, dialogues=60),
    Case(places=16, service_s=0.3, dialogues=60, shared=True),
    Case(places=64, service_s=0.6, dialogues=160),
    Case(places=256, service_s=1.5, dialogues=480),
)
SHORT = (Case(places=1, service_s=0.1, dialogues=3), Case(places=4, service_s=0.1, dialogues=10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """One client at one server."""

    case: Case
    client: str
    share: float
    """Of the time of the server's places."""
    again: int
    first_s: float | None
    """When the first dialogue ended; None if none did."""
    alone_s: float | None
    """How long its replies were worked on."""
    ended: int
    """Dialogues that came to their last call."""

    @property
    def times_alone(self) -> float | None:
        """How much longer the first dialogue took than alone; None if none ended."""
        if self.first_s is None or self.alone_s is None:
            return None
        return self.first_s / self.alone_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="two small cases: seconds")
    parser.add_argument("--places", type=int, nargs="*", help="only servers with so many places")
    parser.add_argument("--clients", nargs="*", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--client", nargs=3, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.client:
        asyncio.run(client(*told.client))
        return
    print("server                          | client    | share | again | first dialogue | ended")
    made = []
    for case in SHORT if told.short else CASES:
        if told.places and case.places not in told.places:
            continue
        for name in told.clients:
            made.append(measure(case, name))
            show(made[-1])
    show_goals([paced for paced in made if paced.client == "colloquia"])


def show(paced: Paced) -> None:
    """Print a row."""
    first = "none"
    if paced.times_alone is not None:
        first = f"{paced.first_s:5.1f} s {paced.times_alone:5.2f} x"
    print(
        f"{paced.case.name:31} | {paced.client:9} | {paced.share:5.2f} | {paced.again:5} | "
        f"{first:>14} | {paced.ended:4} of {paced.case.dialogues}",
        flush=True,
    )


def show_goals(rows: Sequence[Paced]) -> None:
    """Print what runs at the server's pace came to, beside what they are to come to."""
    if not rows:
        return
    least, again = min(paced.share for paced in rows), sum(paced.again for paced in rows)
    print(f"least share {least:.2f}: goal >= 0.95: {_verdict(least >= 0.95)}")
    print(f"{again} sent again: goal 0: {_verdict(not again)}")
    for paced in rows:
        if paced.case.places == 1 and paced.times_alone is not None:
            met = _verdict(paced.times_alone <= 1.3)
            print(f"first dialogue of one place {paced.times_alone:.2f} x: goal <= 1.30: {met}")


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def measure(case: Case, name: str) -> Paced:
    """Let one client work at a server of its own; both are processes."""
    with server(case) as (url, process):
        command = [sys.executable, "-m", "benchmarks.pace", "--client", name]
        command += [url, json.dumps(as_told(case))]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as working:
            assert working.stdout is not None
            working.stdout.readline()  # it has imported all it needs
            try:
                working.wait(2 * case.ideal_s + 60)
            except subprocess.TimeoutExpired:
                working.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        seen = json.loads(process.stdout.readline())
    ended = seen["ended_s"]
    return Paced(
        case=case,
        client=name,
        share=seen["useful_s"] / max(seen["until_s"] * case.places, 1e-9),
        again=seen["repeats"],
        first_s=next(iter(ended), None),
        alone_s=next(iter(seen["own_s"]), None),
        ended=len(ended),
    )


def as_told(case: Case) -> dict[str, Any]:
    """Return what a client is told."""
    told = {"dialogues": case.dialogues, "at_once": case.at_once}
    return told | {"timeout_s": SILENCES * case.service_s}


@contextmanager
def server(case: Case) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Start a server; its address, and its process."""
    from benchmarks.throughput import REPLIES

    command = [sys.executable, "-m", "benchmarks.slots", "--replies", json.dumps(REPLIES)]
    for name in ("places", "service_s", "dialogues"):
        command += [f"--{name.replace('_', '-')}", str(getattr(case, name))]
    command += [f"--{name}" for name in ("shared", "cancels") if getattr(case, name)]
    with subprocess.Popen(
        [*command, "--calls", str(CALLS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


async def client(name: str, url: str, told: str) -> None:
    """Hold all dialogues."""
    from colloquia.models.wire.providers import import_litellm

    import_litellm()
    print("ready", flush=True)
    case = json.loads(told)
    if name == "litellm":
        await with_litellm(url, **case)
    else:
        await with_run(url, fixed=FIXED if name == "fixed" else None, **case)


async def with_run(
    url: str, *, dialogues: int, at_once: int, timeout_s: float, fixed: int | None
) -> None:
    """A whole run; only the plan is made without a call."""
    from benchmarks.clients import with_product, write_snippets

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snippets.jsonl"
        write_snippets(file, count=dialogues)
        store = f"{folder}/runs.db"
        sizes = {"dialogues": dialogues, "in_flight": at_once}
        limits: Any = {"timeout_s": timeout_s, "fixed": fixed}
        await with_product(url, **sizes, store=store, file=file, **limits)


async def with_litellm(url: str, *, dialogues: int, at_once: int, timeout_s: float) -> None:
    """Hold back litellm's own client, as is usually done."""
    from benchmarks.clients import messages, side_by_side
    from colloquia.models.wire.providers import import_litellm

    litellm, room = import_litellm(), asyncio.Semaphore(SEMAPHORE)

    async def talk(number: int) -> None:
        for call in range(CALLS):
            said = messages(number, call)
            said[1]["content"] += f" It has the number {number}."
            async with room:
                await litellm.acompletion(
                    model="openai/fake",
                    api_base=f"{url}/v1",
                    api_key="none",
                    messages=said,
                    max_tokens=256,
                    num_retries=6,
                    timeout=timeout_s,
                )

    await side_by_side(talk, dialogues=dialogues, in_flight=at_once)


if __name__ == "__main__":
    main()
