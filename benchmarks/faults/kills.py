"""A run that is killed or stopped at random moments, and what it then knows."""

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.finding import Finding
from benchmarks.faults.nursery import Child, Ended, Nursery
from benchmarks.faults.stage import Teacher, corpus_of, rows, served, workplace, write_recipe

IN_FLIGHT = 8
LATENCY_S = 0.05
SETTLE_S = 0.03  # what the dead process had written to its socket reaches the endpoint
AT_ONCE_S = 5.0  # on a machine that does other things
TABLES = ("plans", "calls", "turns", "reviews")


@dataclass(kw_only=True)
class Life:
    """One store from its first process to the end of its run."""

    store: Path
    teacher: Teacher
    begun: int
    """How many requests the endpoint had seen before."""
    kept: set[tuple[str, str]] = field(default_factory=set)
    committed: set[str] = field(default_factory=set)
    lost: int = 0
    damaged: int = 0
    resent_committed: int = 0
    open_at_death: int = 0
    most_open: int = 0

    def look(self) -> int:
        """Compare the store with what was there before; returns the calls that were under way."""
        time.sleep(SETTLE_S)
        now = {
            (table, row[0])
            for table in TABLES
            for row in rows(self.store, f"SELECT id FROM {table}")
        }
        self.lost += len(self.kept - now)
        if self.store.exists():
            self.damaged += rows(self.store, "PRAGMA integrity_check") != [("ok",)]
        fresh = self.teacher.asked[self.begun :]
        self.resent_committed += len(self.committed.intersection(fresh))
        self.begun += len(fresh)
        self.kept = now
        self.committed = {row[0] for row in rows(self.store, "SELECT thought FROM calls")}
        under_way = len(set(fresh) - self.committed)
        self.open_at_death += under_way
        self.most_open = max(self.most_open, under_way)
        return under_way


@dataclass(kw_only=True)
class Ward:
    """Runs of one recipe, over and over, and the corpus they must come to."""

    nursery: Nursery
    teacher: Teacher
    recipe: Path
    lives: list[Life] = field(default_factory=list)
    repeats: int = 0
    different: int = 0
    finished: int = 0

    def __post_init__(self) -> None:
        """Run once without harm."""
        began = time.monotonic()
        store = self.recipe.parent / "unharmed.db"
        ended = self.start(store).ended()
        assert ended.code == 0, ended.err
        self.seconds = time.monotonic() - began
        assert len(set(self.teacher.asked)) == len(self.teacher.asked), "two calls look alike"
        self.expected = corpus_of(store)

    def start(self, store: Path) -> Child:
        """Start the run, or go on with it."""
        return self.nursery.start(
            "run", self.recipe, "--store", store, "--quiet", folder=self.recipe.parent
        )

    def life(self) -> Life:
        """Begin a store."""
        made = Life(
            store=self.recipe.parent / f"life{len(self.lives)}.db",
            teacher=self.teacher,
            begun=len(self.teacher.asked),
        )
        self.lives.append(made)
        return made

    def close(self, life: Life) -> None:
        """Let the run come to its end, undisturbed, and compare."""
        ended = self.start(life.store).ended()
        assert ended.code == 0, ended.err
        life.look()
        self.finished += 1
        self.different += corpus_of(life.store) != self.expected

    def count_repeats(self, since: int) -> None:
        """Count requests that were sent more than once since then."""
        counts = Counter(self.teacher.asked[since:])
        self.repeats += sum(counts.values()) - len(counts)

    def total(self, what: str) -> int:
        """Sum a figure over all lives."""
        return sum(getattr(life, what) for life in self.lives)


def killed(nursery: Nursery, *, kills: int, snippets: int) -> list[Finding]:
    """Kill a run `kills` times; whenever it came to its end, begin another."""
    chance = random.Random(kills)
    teacher = Teacher(latency_s=LATENCY_S)
    with workplace() as folder, served(teacher) as endpoint:
        recipe = write_recipe(folder, endpoint.url, snippets=snippets)
        ward = Ward(nursery=nursery, teacher=teacher, recipe=recipe)
        done = 0
        while done < kills:
            life = ward.life()
            since = life.begun
            while done < kills:
                child = ward.start(life.store)
                if (ended := child.wait(chance.uniform(0, ward.seconds / 2))) is not None:
                    assert ended.code == 0, ended.err
                    break
                child.signal(signal.SIGKILL)
                child.ended()
                done += 1
                life.look()
            ward.close(life)
            ward.count_repeats(since)
    fault = f"kill -9 at random moments, {IN_FLIGHT} dialogues at once"
    calls = sum(len(life.kept) for life in ward.lives)
    lost = ward.total("lost") + ward.total("damaged") + ward.different
    open_at_death = ward.total("open_at_death")
    return [
        Finding(
            promise="what was committed is never lost",
            fault=fault,
            n=kills,
            unit="kills",
            broken=lost,
            figures=f"{calls} rows, {ward.finished} runs, each corpus as without kills",
        ),
        Finding(
            promise="no paid call is made again beyond those in flight",
            fault=fault,
            n=kills,
            unit="kills",
            broken=ward.total("resent_committed"),
            figures=f"{ward.repeats} of {open_at_death} calls in flight were sent again, at most "
            f"{max(life.most_open for life in ward.lives)} at one kill",
            met=ward.repeats <= open_at_death,
        ),
    ]


def stopped(nursery: Nursery, *, stops: int, snippets: int) -> list[Finding]:
    """Stop a run with SIGINT, SIGTERM, and with SIGINT twice, in turn."""
    chance = random.Random(stops)
    teacher = Teacher(latency_s=LATENCY_S)
    heard: Counter[str] = Counter()
    slowest_s = 0.0
    with workplace() as folder, served(teacher) as endpoint:
        recipe = write_recipe(folder, endpoint.url, snippets=snippets)
        ward = Ward(nursery=nursery, teacher=teacher, recipe=recipe)
        done = 0
        while done < stops:
            life = ward.life()
            while done < stops:
                number = (signal.SIGINT, signal.SIGTERM, signal.SIGINT)[done % 3]
                child = ward.start(life.store)
                child.begun()
                if child.wait(chance.uniform(0, ward.seconds / 2)) is not None:
                    break
                child.signal(number)
                twice = done % 3 == 2
                ended, took_s = _second(child, chance) if twice else (child.ended(), 0.0)
                slowest_s = max(slowest_s, took_s)
                if ended.code == 0:  # it was just done
                    break
                done += 1
                wasted = life.look()
                right = {130, -signal.SIGINT} if twice else {130}
                heard["not 130"] += ended.code not in right
                heard["a traceback"] += "Traceback" in ended.err
                heard["calls thrown away"] += 0 if twice else wasted
            ward.close(life)
    harm = ward.total("lost") + ward.total("damaged") + ward.total("resent_committed")
    return [
        Finding(
            promise="a stop keeps the calls in flight and ends with 130; the second ends at once",
            fault="SIGINT, SIGTERM, SIGINT twice, in turn, at random moments",
            n=stops,
            unit="stops",
            broken=harm + ward.different + sum(heard.values()),
            figures=f"slowest second stop {slowest_s:.2f} s; {ward.finished} runs continued, each "
            "corpus as without stops" + "".join(f"; {v} {k}" for k, v in heard.items() if v),
            met=slowest_s < AT_ONCE_S,
        )
    ]


def _second(child: Child, chance: random.Random) -> tuple[Ended, float]:
    """Signal again before the calls in flight are done; returns the end and how long it took."""
    if (ended := child.wait(chance.uniform(0, LATENCY_S / 2))) is not None:
        return ended, 0.0
    began = time.monotonic()
    child.signal(signal.SIGINT)
    return child.ended(), time.monotonic() - began
