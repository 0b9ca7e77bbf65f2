"""How long a run's end takes: `python -m benchmarks.tail [--repeats 3]`.

Whole runs against an endpoint of our own that answers after a fixed time, in turn: dialogues taken
up in file order, and the longest first (which is what a run does). The tail is the time from the
moment a worker has nothing left to take up to the end of the run. All do the same work. Prints
medians, and the ratio.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zlib import crc32

from benchmarks.clients import write_snippets
from benchmarks.throughput import REPLIES, endpoint
from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
from colloquia.core.recipe import Recipe
from colloquia.core.types import Snippet
from colloquia.models.catalogue import make_model
from colloquia.runs.start import arun
from colloquia.simulator.setup import Setup
from colloquia.store.repository import Store
from colloquia.store.writing import Claimed, Planned

FEWEST, MOST = 2, 12
ACCEPTED = {"snippet_answers": True, "label": "answered", "rationale": "Fine."}
REVISED = "Anne Hart built the tower, in 1851."
ANSWERS = {
    # The endpoint takes the first word it finds in a request, and "aim-1" begins "aim-10".
    **{f"aim-{n}": {"question": f"What is fact {n}?"} for n in reversed(range(MOST))},
    "RefusalReply": ACCEPTED,
    **REPLIES,
}


class Planner:
    """Plans as many exchanges as it is asked for, without a call."""

    name = "planner"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Make the plan."""
        kinds = ["overview"] + ["when"] * (request.variables["exchanges"] - 1)
        exchanges = [{"kind": kind, "aim": f"aim-{n}"} for n, kind in enumerate(kinds)]
        return ChatReply(text=json.dumps({"difficulty": 0.5, "exchanges": exchanges}))

    async def close(self) -> None:
        """Nothing to close."""


class Strict:
    """The endpoint, but it turns down one first answer in eight; a revision has other words."""

    name = "fake"

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Ask the endpoint, and change what it says."""
        reply = await self._inner.complete(request)
        told = request.variables
        if request.role == "answerer" and told["draft"]:
            said = {"answer": REVISED, "quotes": json.loads(reply.text)["quotes"]}
        elif request.role == "critic" and told["answer"] != REVISED and self._strict(told):
            said = json.loads(reply.text) | {"clear": 0.0, "rationale": "Say it clearly."}
        else:
            return reply
        return reply.model_copy(update={"text": json.dumps(said)})

    async def close(self) -> None:
        """Close the way to the endpoint."""
        await self._inner.close()

    @staticmethod
    def _strict(told: dict[str, Any]) -> bool:
        return crc32(f"{told['snippet']['text']} {told['question']}".encode()) % 8 == 0


@dataclass(frozen=True, kw_only=True)
class Spent:
    """One run."""

    wall_s: float
    tail_s: float
    calls: int
    wasted: int


async def run(
    url: str, *, dialogues: int, at_once: int, folder: Path, speculate: bool = False
) -> Spent:
    """Make a whole run in a new store."""
    file = folder / "snippets.jsonl"
    write_snippets(file, count=dialogues)
    role = {"model": "fake", "max_tokens": 256}
    recipe = Recipe.model_validate(
        {
            "snippets": {"path": str(file)},
            "agents": {"planner": {"model": "planner"}}
            | dict.fromkeys(("questioner", "answerer", "critic", "refusal_checker"), role)
            | {"reviewers": "panel"},
            "dialogue": {
                "exchanges": [FEWEST, MOST],
                "unanswerable_share": 0,
                "speculate": speculate,
            },
            "limits": {"concurrency": at_once},
        }
    )
    fake = make_model("openai/fake", api_base=f"{url}/v1", structured=True)
    models: dict[str, ChatModel] = {"fake": Strict(fake), "planner": Planner()}
    try:
        with watched_claims() as idle:
            done = await arun(recipe, store=str(folder / f"{time.time_ns()}.db"), models=models)
            ended = time.perf_counter()
    finally:
        await fake.close()
    counts = done.counts()
    if counts.accepted != dialogues:
        sys.exit(f"expected {dialogues} accepted dialogues: {counts.summary}")
    return Spent(
        wall_s=done.seconds, tail_s=ended - idle[0], calls=counts.calls, wasted=counts.wasted_calls
    )


@contextmanager
def watched_claims() -> Iterator[list[float]]:
    """Note when workers found nothing left to take up."""
    idle: list[float] = []
    taken = 0
    claim = Store.claim

    async def watched(self: Store, run_id: str, limit: int) -> list[Claimed]:
        nonlocal taken
        claimed = await claim(self, run_id, limit)
        taken += len(claimed)
        if taken and not claimed:
            idle.append(time.perf_counter())
        return claimed

    with patch.object(Store, "claim", watched):
        yield idle


def in_file_order(self: Setup, snippet: Snippet, *, run_id: str) -> Planned:
    """Plan a dialogue without a word on its length."""
    return Planned(snippet, self.dialogue_for(snippet, run_id=run_id))


def main() -> None:
    """Measure and print."""
    told = arguments(__doc__)
    orders = {"file order": in_file_order, "longest first": Setup.planned}
    spent: dict[str, list[Spent]] = {name: [] for name in orders}
    sizes = {"dialogues": told.dialogues, "at_once": told.at_once}
    with tempfile.TemporaryDirectory() as folder, endpoint(told.latency_ms, ANSWERS) as url:
        asyncio.run(run(url, dialogues=1, at_once=1, folder=Path(folder)))  # imports, first calls
        for _ in range(told.repeats):
            for name, planned in orders.items():
                with patch.object(Setup, "planned", planned):
                    spent[name].append(asyncio.run(run(url, **sizes, folder=Path(folder))))
    show(spent, told)


def arguments(about: str | None, **defaults: int) -> argparse.Namespace:
    """Read the command line; `defaults` by name."""
    parser = argparse.ArgumentParser(description=(about or "").split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dialogues", type=int, default=128)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--latency-ms", type=float, default=100)
    parser.set_defaults(**defaults)
    return parser.parse_args()


def show(spent: dict[str, list[Spent]], told: argparse.Namespace) -> None:
    """Print the medians and how they compare."""
    print(conditions(told))
    tails = {}
    for name, runs in spent.items():
        tails[name] = statistics.median(one.tail_s for one in runs)
        wall = statistics.median(one.wall_s for one in runs)
        print(f"{name:13}  {wall:6.1f} s, of these tail {tails[name]:5.1f} s, "
              f"{runs[0].calls} calls")  # fmt: skip
    before, after = tails.values()
    print(f"the tail is {after / before:.2f} times as long")


def conditions(told: argparse.Namespace) -> str:
    """Return what the figures were taken under."""
    return (
        f"{told.dialogues} dialogues of {FEWEST} to {MOST} exchanges, {told.at_once} at once, "
        f"{told.latency_ms:.0f} ms per call, load {os.getloadavg()[0]:.1f}, n={told.repeats}"
    )


if __name__ == "__main__":
    main()
