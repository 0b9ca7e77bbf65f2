"""Is a request of a batch ever paid twice, or lost (P31)? `python -m benchmarks.faults.batches`.

A run in batches is killed (`kill -9`) at points that hurt: when the provider has a file of
requests, has made a batch and hasn't said so yet, has just said so, is looked at, hands over
results, or a moment after. The same command is run again each time. Lines expire, fail and are left
out, and replies to whoever makes a batch get lost. What counts are the provider's books and the
corpus, which must be that of a run without batches.
"""

import argparse
import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Child, Nursery
from benchmarks.faults.stage import (
    Teacher,
    corpus_of,
    key_of,
    rows,
    served,
    workplace,
    write_recipe,
)
from benchmarks.servers.batches import BatchDesk, Fate, Step, lost
from benchmarks.servers.endpoint import Answer

SHAPES = {"openai": "openai/any", "anthropic": "anthropic/any"}
KEYS = {"OPENAI_API_KEY": "none", "ANTHROPIC_API_KEY": "none"}
#: Of lines, when they come for the first time.
FATES: Mapping[Fate, float] = {"expired": 0.03, "errored": 0.02, "limited": 0.02, "missing": 0.01}
LOST_REPLIES = 0.1
PRICE = {"input": 1.0, "output": 5.0}
#: Waits that are for providers, and not for a desk on loopback.
WAVES = "colloquia.models.batch.waves"
QUICK: Mapping[str, float | Sequence[float]] = {
    f"{WAVES}:QUIET_S": 0.1,
    f"{WAVES}:FIRST_LOOK_S": 0.05,
    f"{WAVES}:LONGEST_LOOK_S": 0.1,
    f"{WAVES}:LISTED_WITHIN_S": (0.0, 0.1),
}
#: When to kill: as the provider takes such a request, or so long after it has answered.
POINTS: tuple[tuple[Step, float | None], ...] = (
    ("create", None),
    ("create", 0.0),
    ("results", None),
    ("create", 0.02),
    ("look", None),
    ("upload", None),
    ("results", 0.02),
    ("look", 0.1),
    ("results", 0.1),
    ("create", 0.2),
)


@dataclass(kw_only=True)
class Killer:
    """Kills a child when its time has come; asked in the desk's own thread."""

    chance: random.Random
    step: Step = "other"
    after_s: float | None = None
    pid: int | None = None
    lost: int = 0

    def aim(self, child: Child, point: tuple[Step, float | None]) -> None:
        """Choose a child and its moment."""
        self.step, self.after_s = point
        self.pid = child.pid

    def __call__(self, step: Step, before: int) -> Answer | None:
        """Decide on a request that has been done."""
        if step == self.step and self.pid is not None:
            pid, self.pid = self.pid, None
            if self.after_s is None:
                _kill(pid)
            else:
                threading.Timer(self.after_s, _kill, [pid]).start()
        elif step == "create" and self.chance.random() < LOST_REPLIES:
            self.lost += 1
            return lost()
        return None


@dataclass(frozen=True, kw_only=True)
class BatchFigures:
    """What became of the requests of one run."""

    shape: str
    kills: int
    kill_points: dict[str, int]
    requests: int
    """Different ones that were answered, and so paid for."""
    batches: int
    lines: int
    """In all batches."""
    lost_replies: int
    """Batches that were made without the run being told."""
    paid_twice: int
    lost: int
    """Paid for, and not in the store."""
    same_corpus: bool
    billed_usd: float
    held_usd: float
    """By the store: more than was billed, by lines of which nobody knows."""
    open_batches: int

    @property
    def broken(self) -> int:
        """How many requests were paid twice or lost, and how often something else was wrong."""
        wrong = (not self.same_corpus) + (self.billed_usd > self.held_usd) + self.open_batches
        return self.paid_twice + self.lost + wrong


@dataclass(kw_only=True)
class _Stage:
    nursery: Nursery
    folder: Path
    recipe: Path
    killer: Killer
    points: Counter[str] = field(default_factory=Counter)

    def start(self, store: Path, *options: str) -> Child:
        command: list[str | Path] = ["run", self.recipe, "--store", store, "--quiet", *options]
        return self.nursery.start(
            *command,
            folder=self.folder,
            env=KEYS,
            constants=QUICK,
        )

    def finish(self, store: Path, *options: str) -> None:
        ended = self.start(store, *options).ended()
        assert ended.code == 0, ended.err

    def killed(self, store: Path, *, shape: str, kills: int) -> int:
        """Kill until so many are done or the run has come to its end; returns how many were."""
        # Anthropic's batches take no file first.
        points = [point for point in POINTS if shape == "openai" or point[0] != "upload"]
        for nth in range(kills):
            step, after_s = points[nth % len(points)]
            child = self.start(store, "--batch")
            self.killer.aim(child, (step, after_s))
            ended = child.ended()
            if ended.code != -signal.SIGKILL:
                assert ended.code == 0, ended.err
                return nth
            told = f"{step}, before its reply" if after_s is None else f"{step}, {after_s} s later"
            self.points[told] += 1
        return kills


def measure(
    nursery: Nursery, *, shape: str, kills: int, snippets: int, seed: int = 1
) -> BatchFigures:
    """Run in batches, kill, run again; compare with a run that sends each request by itself.

    Args:
        nursery: starts the commands.
        shape: openai or anthropic.
        kills: how often.
        snippets: about 15 requests each.
        seed: of fates and lost replies.
    """
    chance = random.Random(seed)
    killer = Killer(chance=chance)
    desk = BatchDesk(Teacher(), takes_s=0.1, key=key_of, fate=_fate(chance), trouble=killer)
    with workplace() as folder, served(desk) as endpoint:
        base = {} if shape == "openai" else {"api_base": endpoint.url}
        teacher = {"model": SHAPES[shape], "price": PRICE, **base}
        recipe = write_recipe(
            folder, endpoint.url, snippets=snippets, teacher=teacher, limits={"concurrency": "auto"}
        )
        stage = _Stage(nursery=nursery, folder=folder, recipe=recipe, killer=killer)
        stage.finish(folder / "direct.db")
        store = folder / "batches.db"
        done = stage.killed(store, shape=shape, kills=kills)
        killer.pid = None
        stage.finish(store, "--batch")
        kept = {row[0] for row in rows(store, "SELECT thought FROM calls")}
        sums = rows(store, "SELECT (SELECT sum(cost_usd) FROM calls), usd FROM budgets")
        return BatchFigures(
            shape=shape,
            kills=done,
            kill_points=dict(stage.points),
            requests=len(desk.paid),
            batches=len(desk.batches),
            lines=sum(desk.came.values()),
            lost_replies=killer.lost,
            paid_twice=sum(times > 1 for times in desk.paid.values()),
            lost=len(set(desk.paid) - kept),
            same_corpus=corpus_of(store) == corpus_of(folder / "direct.db"),
            billed_usd=round(sums[0][0], 9),
            held_usd=round(sums[0][1], 9),
            open_batches=rows(store, "SELECT count(*) FROM batches WHERE NOT ended")[0][0],
        )


def batched(
    nursery: Nursery, *, kills: int, snippets: int, shapes: Sequence[str] = tuple(SHAPES)
) -> list[Finding]:
    """P31 of the table."""
    found = [
        measure(nursery, shape=shape, kills=kills, snippets=snippets, seed=kills)
        for shape in shapes
    ]
    told = (
        f"{one.shape}: {one.kills} kills, {one.batches} batches, {one.lost_replies} made unheard, "
        f"${one.billed_usd:.4f} billed, ${one.held_usd:.4f} held"
        for one in found
    )
    return [
        Finding(
            promise="no request of a batch is paid twice or lost; the corpus is as without batches",
            fault="kill -9 around each step of a batch; lines expire, fail or are left out",
            n=sum(one.requests for one in found),
            unit="requests",
            broken=sum(one.broken for one in found),
            figures="; ".join(told),
            met=all(one.kills for one in found),
        )
    ]


def _fate(chance: random.Random) -> Any:
    def fate(key: str, before: int) -> Fate:
        fine = 1 - sum(FATES.values())
        drawn = chance.choices([*FATES, "fine"], [*FATES.values(), fine])[0]
        return "fine" if before else drawn

    return fate


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--snippets", type=int, default=75, help="about 15 requests each")
    parser.add_argument("--shape", choices=list(SHAPES), action="append")
    told = parser.parse_args()
    with Nursery() as nursery:
        for shape in told.shape or SHAPES:
            figures = measure(nursery, shape=shape, kills=told.kills, snippets=told.snippets)
            print(json.dumps(asdict(figures) | {"broken": figures.broken}, indent=1), flush=True)


if __name__ == "__main__":
    main()
