"""Is a budget a ceiling (P9)? `python -m benchmarks.faults.budget --kills 20`.

A run with 64 dialogues in flight and a cap of $1 against an endpoint that keeps its own books: it
bills every request it answers, and also those whose reply it loses (connection reset, cut in the
middle, HTTP 500); only 429 is free. The process is killed with `kill -9` inside, over and over, and
the same command run again until it says that the budget is reached. Then the cap is raised, and the
run must come to its end. What counts is the endpoint's bill.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.servers.endpoint import Answer, Endpoint, Received, completion

IN_FLIGHT = 64
EXCHANGES = 2
CALLS = 1 + 4 * EXCHANGES  # a plan; per exchange a question, an answer and two reviews
MAX_TOKENS = 256
OUTPUT_TIMES = 5  # an output token costs five input tokens, as is usual
# About the most one call may cost, in input tokens: prompts of 3 to 4 KB, margins, a full reply.
WORST_TOKENS = 5500 + MAX_TOKENS * OUTPUT_TIMES
LATENCY_S = (0.01, 0.08)
#: Share of requests; what is left is answered.
FAULTS = {"429": 0.04, "500": 0.03, "reset": 0.03, "cut": 0.03}
PASSAGE = (
    "The tower of {place} was built in 1851 by Anne Hart. It stands on the left bank of the river "
    "Tay and is thirty metres high. It was closed in 1923 and is a museum since 1950."
)
QUOTE = "It stands on the left bank of the river Tay and is thirty metres high."
REPLIES: dict[str, Any] = {
    "PlannerReply": {
        "difficulty": 0.5,
        "exchanges": [{"kind": "overview", "aim": "aim-0"}, {"kind": "where", "aim": "aim-1"}],
    },
    "aim-0": {"question": "What do you know about the tower?"},
    "aim-1": {"question": "On which bank of the river does it stand?"},
    "AnswererReply": {"answer": QUOTE, "quotes": [QUOTE]},
    "CriticReply": {
        "grounded": 1,
        "helpful": 1,
        "clear": 1,
        "rationale": "It quotes the passage.",
    },
    "RefusalReply": {
        "snippet_answers": True,
        "label": "answered",
        "rationale": "The passage says so.",
    },
}


@dataclass(frozen=True, kw_only=True)
class BudgetFigures:
    """What a run was billed under a cap, and after the cap was raised."""

    cap_usd: float
    in_flight: int
    kills: int
    requests: int
    lost_replies: int
    """Billed, but never received."""
    billed_usd: float
    """By the endpoint, when the budget was reached."""
    charged_usd: float
    """By the store, at that moment: spent or held."""
    exit_code: int
    """Of the command that reached the budget: 3."""
    raised_cap_usd: float
    raised_billed_usd: float
    raised_exit_code: int
    """Of the command with the raised cap: 0."""
    finished: bool
    """Whether every dialogue came to its outcome then."""

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return (
            self.billed_usd <= self.charged_usd <= self.cap_usd
            and self.raised_billed_usd <= self.raised_cap_usd
            and (self.exit_code, self.raised_exit_code) == (3, 0)
            and self.finished
        )


class Till:
    """Answers as the five roles would, breaks some replies, and keeps the books."""

    def __init__(self, *, usd_per_token: float, seed: int) -> None:
        """Bill so much for a token of input."""
        self.usd_per_token = usd_per_token
        self.billed_usd = 0.0
        self.lost = 0
        self._draw = random.Random(seed)
        self._awaited = 0
        self._come = asyncio.Event()

    async def come(self, number: int) -> None:
        """Return when so many more requests have come."""
        self._awaited = number
        self._come.clear()
        await self._come.wait()

    def __call__(self, request: Received) -> Answer:
        """Decide on one request."""
        self._awaited -= 1
        if self._awaited == 0:
            self._come.set()
        kind = self._draw.choices([*FAULTS, "fine"], [*FAULTS.values(), 1 - sum(FAULTS.values())])
        delay_s = self._draw.uniform(*LATENCY_S)
        if kind == ["429"]:
            return Answer(status=429, body=b'{"error":{"message":"slow down"}}', delay_s=delay_s)
        asked = request.json()
        sent = sum(len(message["content"].encode()) for message in asked["messages"])
        # From about four bytes per token, as in English, to one byte per token, the worst there is.
        usage = {
            "tokens_in": self._draw.randint(sent // 4, sent),
            "tokens_out": self._draw.randint(1, asked["max_tokens"]),
        }
        priced = usage["tokens_in"] + OUTPUT_TIMES * usage["tokens_out"]
        self.billed_usd += priced * self.usd_per_token
        body = completion(request, json.dumps(_reply(request.body)), **usage)
        if kind == ["fine"]:
            return Answer(body=body, delay_s=delay_s)
        self.lost += 1
        if kind == ["500"]:
            return Answer(status=500, body=b'{"error":{"message":"oops"}}', delay_s=delay_s)
        return Answer(body=body, delay_s=delay_s, fault="reset" if kind == ["reset"] else "cut")


def _reply(body: bytes) -> Any:
    """Return what the role says whose schema, or whose aim, the request holds."""
    titles = ("PlannerReply", "AnswererReply", "CriticReply", "RefusalReply", "aim-1", "aim-0")
    return REPLIES[next(word for word in titles if word.encode() in body)]


def measure(
    *, kills: int, cap_usd: float = 1.0, in_flight: int = IN_FLIGHT, seed: int = 1
) -> BudgetFigures:
    """Run, kill and resume under a cap until it is reached; then raise it and finish.

    Args:
        kills: how often; what each leaves held takes its part of the cap, so prices are scaled to
            let about half of it be lost to them.
        cap_usd: the cap.
        in_flight: dialogues at once.
        seed: of faults, usage and the moments of death.
    """
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(
            _measure(Path(folder), kills=kills, cap_usd=cap_usd, in_flight=in_flight, seed=seed)
        )


async def _measure(
    folder: Path, *, kills: int, cap_usd: float, in_flight: int, seed: int
) -> BudgetFigures:
    worst_usd = cap_usd / (2 * in_flight * (kills + 1))
    till = Till(usd_per_token=worst_usd / WORST_TOKENS, seed=seed)
    # Enough to cost the cap more than once, at a third of the worst per call.
    dialogues = round(4 * cap_usd / worst_usd / CALLS)
    draw = random.Random(seed)
    async with Endpoint(till, keep=False) as endpoint:
        _write_project(folder, endpoint.url, till, dialogues=dialogues, in_flight=in_flight)
        for _ in range(kills):
            async with _command(folder, cap_usd) as running:
                await _killed(till, running, after=draw.randint(8, 3 * in_flight))
        reached = await _finished(folder, cap_usd)
        billed, requests, lost = till.billed_usd, endpoint.seen, till.lost
        raised_cap = 8 * cap_usd
        raised = await _finished(folder, raised_cap)
    return BudgetFigures(
        cap_usd=cap_usd,
        in_flight=in_flight,
        kills=kills,
        requests=requests,
        lost_replies=lost,
        billed_usd=billed,
        charged_usd=reached["charged"]["usd"],
        exit_code=reached["code"],
        raised_cap_usd=raised_cap,
        raised_billed_usd=till.billed_usd,
        raised_exit_code=raised["code"],
        finished=raised["pending"] == 0 and raised["planned"] == dialogues,
    )


@contextlib.asynccontextmanager
async def _command(folder: Path, cap_usd: float) -> AsyncIterator[asyncio.subprocess.Process]:
    arguments = ("run", "recipe.yaml", "--budget", f"{cap_usd}", "--json", "--quiet")
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "colloquia", *arguments),
        cwd=folder,
        env=os.environ | {"BUDGET_KEY": "none"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
        await running.communicate()


async def _killed(till: Till, running: asyncio.subprocess.Process, *, after: int) -> None:
    """Kill -9 once so many more requests have come; a command that ends by itself is left alone."""
    come, ended = asyncio.create_task(till.come(after)), asyncio.create_task(running.wait())
    _, pending = await asyncio.wait({come, ended}, return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        running.kill()
    for task in pending - {ended}:
        task.cancel()
    await ended


async def _finished(folder: Path, cap_usd: float) -> dict[str, Any]:
    async with _command(folder, cap_usd) as running:
        out, _ = await running.communicate()
    document: dict[str, Any] = json.loads(out)
    return document | {"code": running.returncode}


def _write_project(folder: Path, url: str, till: Till, *, dialogues: int, in_flight: int) -> None:
    with (folder / "snippets.jsonl").open("w") as out:
        for number in range(dialogues):
            out.write(json.dumps({"text": PASSAGE.format(place=f"Place {number}")}) + "\n")
    million = till.usd_per_token * 1_000_000
    teacher = {
        "model": "openai/fake",
        "api_base": f"{url}/v1",
        "structured": True,
        "max_tokens": MAX_TOKENS,
        "price": {"input": million, "output": million * OUTPUT_TIMES},
    }
    roles = ("planner", "questioner", "answerer", "critic", "refusal_checker")
    recipe = {
        "snippets": {"path": "snippets.jsonl"},
        "models": {"teacher": teacher},
        "agents": {role: {"model": "teacher"} for role in roles} | {"reviewers": "panel"},
        "dialogue": {"exchanges": EXCHANGES, "unanswerable_share": 0},
        "limits": {"concurrency": in_flight},
    }
    (folder / "recipe.yaml").write_text(json.dumps(recipe))  # JSON is YAML


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    figures = measure(kills=told.kills, seed=told.seed)
    print(json.dumps(asdict(figures) | {"holds": figures.holds}, indent=1))


if __name__ == "__main__":
    main()
