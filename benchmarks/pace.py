"""Servers that work on few or many requests at a time: `python benchmarks/pace.py`.

Whole runs against `slots.py`: dialogues of 12 calls, replies of 0.5 to 1.5 times the usual length,
far more dialogues begun than the server has places. Printed is which share of the time of its
places went into replies that somebody took, while there were dialogues enough to fill it; how often
a request was sent again; and when the first dialogue ended, beside what its calls take alone.

- `colloquia`: this checkout. `--python OTHER/.venv/bin/python`: another one, in its place.
- `litellm`: its own client behind a semaphore of 16, six retries; it keeps nothing and checks
  nothing, so its dialogues are nothing but their calls.

A run ends when it is done, or after twice the time that the server would need.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # as a script it finds its neighbours; last, so that it shadows nothing
    sys.path.append(str(Path(__file__).parents[1]))

HERE = Path(__file__).parent
CALLS = 12
SEMAPHORE = 16
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
    Case(places=1, service_s=2.0, dialogues=4),
    Case(places=1, service_s=2.0, dialogues=4, cancels=True),
    Case(places=4, service_s=0.5, dialogues=32),
    Case(places=16, service_s=0.5, dialogues=100),
    Case(places=16, service_s=0.5, dialogues=100, shared=True),
    Case(places=64, service_s=1.0, dialogues=250),
    Case(places=256, service_s=2.0, dialogues=800),
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="two small cases: seconds")
    parser.add_argument("--places", type=int, nargs="*", help="only servers with so many places")
    parser.add_argument(
        "--python", default=sys.executable, help="another checkout's, to measure it"
    )
    parser.add_argument("--litellm", action="store_true", help="measure litellm's client as well")
    parser.add_argument("--client", nargs=3, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.client:
        asyncio.run(client(*told.client))
        return
    print("server                          | client    | share | again | first dialogue | ended")
    for case in SHORT if told.short else CASES:
        if told.places and case.places not in told.places:
            continue
        show(measure(case, "colloquia", python=told.python))
        if told.litellm:
            show(measure(case, "litellm"))


def show(paced: Paced) -> None:
    """Print a row."""
    first = "none"
    if paced.first_s is not None and paced.alone_s is not None:
        first = f"{paced.first_s:5.1f} s {paced.first_s / paced.alone_s:5.2f} x"
    print(
        f"{paced.case.name:31} | {paced.client:9} | {paced.share:5.2f} | {paced.again:5} | "
        f"{first:>14} | {paced.ended:4} of {paced.case.dialogues}",
        flush=True,
    )


def measure(case: Case, name: str, *, python: str = sys.executable) -> Paced:
    """Let one client work at a server of its own; both are processes."""
    with server(case) as (url, process):
        command = [python, __file__, "--client", name, url, json.dumps(as_told(case))]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as working:
            try:
                working.wait(2 * case.ideal_s + 30)
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

    command = [sys.executable, str(HERE / "slots.py"), "--replies", json.dumps(REPLIES)]
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
    case = json.loads(told)
    if name == "litellm":
        await with_litellm(url, **case)
    else:
        await with_run(url, **case)


async def with_run(url: str, *, dialogues: int, at_once: int, timeout_s: float) -> None:
    """A whole run; only the plan is made without a call."""
    from benchmarks.clients import with_product, write_snippets

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snippets.jsonl"
        write_snippets(file, count=dialogues)
        store = f"{folder}/runs.db"
        sizes = {"dialogues": dialogues, "in_flight": at_once}
        await with_product(url, **sizes, store=store, file=file, timeout_s=timeout_s)


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
