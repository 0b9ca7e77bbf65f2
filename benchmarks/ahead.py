"""What asking ahead gains and wastes: `python -m benchmarks.ahead [--repeats 3]`.

The whole runs of `tail.py`, without and with `dialogue.speculate`, in turn. One first answer in
eight is turned down, so some questions are asked in vain. Prints medians, their ratio, and the
share of calls that were wasted.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from benchmarks.tail import ANSWERS, Spent, arguments, conditions, run
from benchmarks.throughput import endpoint


def main() -> None:
    """Measure and print."""
    told = arguments(__doc__, dialogues=48, at_once=16, latency_ms=400)
    sizes = {"dialogues": told.dialogues, "at_once": told.at_once}
    spent: dict[bool, list[Spent]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder, endpoint(told.latency_ms, ANSWERS) as url:
        asyncio.run(run(url, dialogues=1, at_once=1, folder=Path(folder)))  # imports, first calls
        for _ in range(told.repeats):
            for speculate, runs in spent.items():
                runs.append(
                    asyncio.run(run(url, **sizes, folder=Path(folder), speculate=speculate))
                )
    show(spent, told)


def show(spent: dict[bool, list[Spent]], told: argparse.Namespace) -> None:
    """Print the medians and how they compare."""
    print(conditions(told))
    walls = {}
    for speculate, runs in spent.items():
        walls[speculate] = statistics.median(one.wall_s for one in runs)
        name = "speculate" if speculate else "one by one"
        print(f"{name:11} {walls[speculate]:6.1f} s, {runs[0].calls} calls")
    made, vain = spent[True][0].calls, spent[True][0].wasted
    print(f"{walls[True] / walls[False]:.2f} of the time; {vain} calls in vain, {vain / made:.1%}")


if __name__ == "__main__":
    main()
