"""Calls per second and CPU per call beside other clients: `python -m benchmarks.throughput`.

N dialogues of 4 exchanges, each a question, an answer and a review, one call after the other, so
many dialogues in flight, against an endpoint of our own that answers after a fixed time. Every
client gets prompts of the same length and runs in a process of its own, in turn with the others;
figures are medians.

- `colloquia`: our model layer (limiter, breaker, retries) with a durable ledger row for each call.
- `aiohttp`: a bare session, which keeps nothing. `litellm`: its own client, which keeps nothing.
- `autogen`: a round-robin team per dialogue over AutoGen's OpenAI client, which keeps nothing.
- `colloquia-run`: a whole run on top: templates, typed replies, fact checks, turns and reviews.
  Hardly a question comes twice, so each is parsed, as in a real run.

CPU seconds per 1,000 calls are the figure to trust on a shared machine. Memory per dialogue is how
much the peak grew after a first dialogue alone, over the dialogues in flight.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

CLIENTS = ("colloquia", "litellm", "aiohttp", "autogen", "colloquia-run")
# By a word that only that role's request holds; the empty word is for everyone else.
REPLIES = {
    "aim-0": {"question": "What do you know about the tower on the Tay?"},
    "aim-1": {"question": "When was it built?"},
    "aim-2": {"question": "Who built it?"},
    "aim-3": {"question": "On which bank of the river does it stand?"},
    "AnswererReply": {
        "answer": "The tower was built in 1851 by Anne Hart.",
        "quotes": ["The tower was built in 1851 by Anne Hart."],
    },
    "CriticReply": {
        "grounded": 1,
        "helpful": 1,
        "clear": 1,
        "rationale": "It quotes the passage and answers what was asked, in one plain sentence.",
    },
    "": {"answer": "The tower was built in 1851 by Anne Hart, on the left bank of the Tay."},
}
FRESH = REPLIES | {  # questions that no cache knows
    "aim-1": {"question": "When was this ~ tower built?"},
    "aim-2": {"question": "Who built this ~ tower?"},
    "aim-3": {"question": "On which bank of the river does this ~ tower stand?"},
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One client under one load."""

    name: str
    in_flight: int
    latency_ms: float
    calls_per_s: float
    share_of_ideal: float
    cpu_s_per_1000: float
    peak_rss_mb: float
    kb_per_dialogue: float
    """Growth of the peak over the dialogues in flight: connections, prompts and caches included."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print a list instead of a table")
    parser.add_argument("--quick", action="store_true", help="64 in flight, once: half a minute")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=CLIENTS, default=list(CLIENTS))
    parser.add_argument("--load", nargs=2, type=float, metavar=("IN_FLIGHT", "MS"))
    told = parser.parse_args()
    if "autogen" in told.only and find_spec("autogen_ext") is None:
        told.only.remove("autogen")
        print("autogen left out: pip install 'autogen-ext[openai]'", file=sys.stderr)
    loads = [(256, 500.0), (1000, 500.0)]
    if told.quick:
        loads, told.repeats = [(64, 100.0)], 1
    if told.load:
        loads = [(int(told.load[0]), told.load[1])]
    rows = []
    for in_flight, latency_ms in loads:
        rows += measure(
            told.only,
            in_flight=in_flight,
            latency_ms=latency_ms,
            repeats=told.repeats,
            loud=not told.json,
        )
    if told.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        show(rows)


def measure(
    names: list[str],
    *,
    in_flight: int,
    latency_ms: float,
    repeats: int,
    loud: bool,
) -> list[Figures]:
    """Run each client `repeats` times, in turn, and return medians."""
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for _ in range(repeats):
        for name in names:
            with endpoint(latency_ms) as url:
                made = once(name, url=url, in_flight=in_flight, latency_ms=latency_ms)
            runs[name].append(made)
            if loud:
                print(f"{name} {made.calls_per_s:.0f} calls/s", file=sys.stderr)
    return [median(made) for made in runs.values()]


def once(name: str, *, url: str, in_flight: int, latency_ms: float) -> Figures:
    """Run one client in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.clients", name, url, f"{in_flight}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stdout}{done.stderr}")
    spent = json.loads(done.stdout.splitlines()[-1])
    ideal = in_flight * 1000 / latency_ms
    rate = spent["calls"] / spent["wall_s"]
    return Figures(
        name=name,
        in_flight=in_flight,
        latency_ms=latency_ms,
        calls_per_s=round(rate, 1),
        share_of_ideal=round(rate / ideal, 3),
        cpu_s_per_1000=round(spent["cpu_s"] * 1000 / spent["calls"], 3),
        peak_rss_mb=round(spent["peak_mb"], 1),
        kb_per_dialogue=round(spent["kb_per_dialogue"], 1),
    )


def median(runs: list[Figures]) -> Figures:
    """Return the medians of several runs."""
    rows = [asdict(run) for run in runs]
    measured = (key for key in rows[0] if key not in ("name", "in_flight", "latency_ms"))
    middle = {key: round(statistics.median(row[key] for row in rows), 3) for key in measured}
    return Figures(**(rows[0] | middle))


@contextmanager
def endpoint(latency_ms: float, replies: Mapping[str, Any] = FRESH) -> Iterator[str]:
    """Start the endpoint and return its address."""
    command = [sys.executable, "-m", "benchmarks.servers.endpoint"]
    command += ["--latency-ms", f"{latency_ms}"]
    process = subprocess.Popen(
        [*command, "--replies", json.dumps(replies)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def show(rows: list[Figures]) -> None:
    """Print a table, and how our CPU per call compares."""
    print(
        "in flight | ms per call | client        | calls/s | of ideal | CPU s/1000 | peak MB | "
        "KB per dialogue"
    )
    for row in rows:
        print(
            f"{row.in_flight:9} | {row.latency_ms:11.0f} | {row.name:13} | "
            f"{row.calls_per_s:7.0f} | {row.share_of_ideal:8.2f} | {row.cpu_s_per_1000:10.2f} | "
            f"{row.peak_rss_mb:7.0f} | {row.kb_per_dialogue:15.0f}"
        )
    for in_flight in sorted({row.in_flight for row in rows}):
        cpu = {row.name: row.cpu_s_per_1000 for row in rows if row.in_flight == in_flight}
        for other in ("litellm", "aiohttp"):
            if "colloquia" in cpu and other in cpu:
                times = cpu["colloquia"] / cpu[other]
                print(f"{in_flight} in flight: colloquia takes {times:.2f} x the CPU of {other}")


if __name__ == "__main__":
    main()
