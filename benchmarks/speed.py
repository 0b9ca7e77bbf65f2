"""How fast and how small the offline teacher is.

`python -m benchmarks.speed [--sizes 300,3000] [--repeats 3] [--snippets PARAGRAPHS.jsonl]`

Each figure comes from a process of its own, so that CPU seconds and peak memory are its own too.
CPU seconds are the ones to compare: wall time on a shared machine is noise. Prints medians.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from colloquia.language.reading.sentences import split_sentences

RUN = """
import sys, time
import colloquia
from colloquia.core.recipe import Recipe
first = []
def heard(_):
    if not first:
        first.append(time.time() - float(sys.argv[4]))
import asyncio
from colloquia.runs.start import arun
recipe = Recipe.model_validate({"snippets": {"path": sys.argv[1]}})
run = asyncio.run(arun(recipe, store=sys.argv[2], on_finish=heard, workers=int(sys.argv[3])))
print(run.summary())
print(first[0])
"""
NAMES = ["Arden", "Brill", "Corley", "Denby", "Elmley", "Fenwick", "Garth", "Holme", "Ilk", "Jar"]
TRADES = ["mill", "bridge", "chapel", "school", "library", "harbour", "theatre", "observatory"]
MAKERS = ["John Pell", "Mary Lowe", "Peter Nash", "Anne Hart", "Hugh Grey", "Ruth Cole", "Sam Dow"]


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one process cost."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    out: str


def spend(*command: str) -> Spent:
    """Run a command and return what it cost; stops the benchmark if it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - started
        out.seek(0)
        text = out.read().decode()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{text}")
    return Spent(
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
        out=text,
    )


def made_up_snippets(count: int) -> Iterator[str]:
    """Return `count` distinct passages of about 60 words."""
    for n in range(count):
        name, trade, maker = NAMES[n % 10], TRADES[n // 10 % 8], MAKERS[n // 80 % 7]
        year, height, cost = 1500 + n % 400, 5 + n % 61, 100 + n
        yield (
            f"The {name} {trade} number {n} was built in {year} by {maker}. It stands on the left "
            f"bank of the river Tay and is {height} metres high. The town paid {cost} pounds for "
            f"the {trade}, because the old one had burned down. {maker} also designed the hall. "
            f"The {trade} was closed in {year + 90} and reopened as a museum in {year + 120}."
        )


def made_of(paragraphs: list[str], count: int) -> Iterator[str]:
    """Return `count` distinct passages; beyond the paragraphs, these without their beginnings."""
    left = [[sentence.text for sentence in split_sentences(text)] for text in paragraphs]
    made = (" ".join(one[cut:]) for cut in range(max(map(len, left))) for one in left if one[cut:])
    return islice(dict.fromkeys(made), count)


def measure_run(
    count: int, folder: Path, *, workers: int = 1, paragraphs: list[str] | None = None
) -> tuple[Spent, float, int]:
    """Run `count` snippets offline with the store on; cost, seconds to the first, store size."""
    snippets = folder / f"{count}.jsonl"
    texts = made_of(paragraphs, count) if paragraphs else made_up_snippets(count)
    with snippets.open("w") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
    store = folder / f"{count}-{time.time_ns()}.db"
    told = str(snippets), str(store), str(workers), str(time.time())
    spent = spend(sys.executable, "-c", RUN, *told)
    summary, first = spent.out.strip().splitlines()[-2:]
    if f"planned {count} " not in summary:
        sys.exit(f"expected {count} dialogues: {summary}")
    return spent, float(first), store.stat().st_size


def report_help(repeats: int) -> None:
    """Print what `colloquia --help` costs beside a bare Python."""
    bare = [spend(sys.executable, "-c", "pass") for _ in range(repeats)]
    helped = [spend(sys.executable, "-m", "colloquia", "--help") for _ in range(repeats)]
    cpu = statistics.median(spent.cpu_s for spent in helped)
    base = statistics.median(spent.cpu_s for spent in bare)
    wall = statistics.median(spent.wall_s for spent in helped)
    print(f"colloquia --help: {wall:.2f} s wall, {cpu:.2f} s CPU ({cpu / base:.0f}x bare Python), "
          f"n={repeats}, goal < 0.4 s")  # fmt: skip


def report_runs(sizes: list[int], repeats: int, paragraphs: list[str] | None = None) -> None:
    """Print dialogues by wall and CPU time, peak memory, and wall time to the first dialogue."""
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            times = repeats if size <= 300 else 1
            runs = [measure_run(size, Path(name), paragraphs=paragraphs) for _ in range(times)]
            wall = statistics.median(spent.wall_s for spent, _, _ in runs)
            cpu = statistics.median(spent.cpu_s for spent, _, _ in runs)
            peak = statistics.median(spent.peak_mb for spent, _, _ in runs)
            first = statistics.median(first for _, first, _ in runs)
            stored = statistics.median(stored for _, _, stored in runs)
            print(
                f"{size} snippets: {size / wall:.1f} dialogues/s, {size / cpu:.1f} per CPU second, "
                f"peak {peak:.0f} MB, first dialogue after {first:.1f} s (goal < 5), "
                f"store {stored / size / 1000:.0f} kB per dialogue, n={times}",
                flush=True,
            )


def report_workers(size: int, numbers: list[int], repeats: int) -> None:
    """Print what more processes bring, in turn, and what each dialogue then costs."""
    spent: dict[int, list[Spent]] = {workers: [] for workers in numbers}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(repeats):
            for workers, runs in spent.items():
                runs.append(measure_run(size, Path(name), workers=workers)[0])
    rates = {}
    for workers, runs in spent.items():
        wall = statistics.median(one.wall_s for one in runs)
        cpu = statistics.median(one.cpu_s for one in runs)
        rates[workers] = size / wall
        print(
            f"{workers} workers: {rates[workers]:.1f} dialogues/s, {1000 * cpu / size:.1f} ms CPU "
            f"per dialogue, {cpu / wall:.2f} cores busy, "
            f"{rates[workers] / rates[numbers[0]]:.2f} x, {size} snippets, n={repeats}",
            flush=True,
        )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="300,3000", help="so many snippets; above 300 once")
    parser.add_argument("--snippets", help="a JSONL file of paragraphs to make snippets of")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", metavar="1,2", help="only this: with so many processes each")
    parser.add_argument("--size", type=int, default=600, help="snippets for --workers")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}")
    if args.workers:
        numbers = [int(number) for number in args.workers.split(",")]
        report_workers(args.size, numbers, args.repeats)
        return
    report_help(args.repeats)
    lines = Path(args.snippets).read_text("utf-8").splitlines() if args.snippets else []
    paragraphs = [json.loads(line)["text"] for line in lines]
    report_runs([int(size) for size in args.sizes.split(",")], args.repeats, paragraphs)


if __name__ == "__main__":
    main()
