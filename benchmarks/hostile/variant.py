"""What is tried against the real command: a variant, the stage it plays on, and what came of it."""

import re
import signal
import time
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.faults.nursery import Child, Ended, Nursery, Stopwatch

PEAK_MB = 400.0
ENGLISH_MB = 600.0  # where English is loaded, which takes some 200
ENGLISH = ("english",)
LIMIT_S = 30.0
CROWDED = 6  # a command may take so many times its limit before it is killed: others work here too
LONGEST_LINE = 4_000  # characters on stderr
LINES = 25  # more on stderr is a dump, not a message
_DUMPS = ("Traceback (most recent", "pydantic.dev", "sqlalche.me", "validation error")
SHOWN_AS_IS = "\n\t\r"
_JOINERS = re.compile(r"(?<=[\u0600-\U0001faff])[\u200c\u200d](?=[\u0600-\U0001faff])")


@dataclass(slots=True, kw_only=True)
class Stage:
    """An empty folder and the `colloquia` command; it measures what every command took."""

    folder: Path
    nursery: Nursery
    limit_s: float
    peak_mb: float
    ends: list[Ended] = field(default_factory=list)
    stops_s: list[float] = field(default_factory=list)
    """How long each command that was told to end took for that."""

    def run(self, *arguments: str | Path, **more: Any) -> Ended:
        """Run a command to its end.

        Raises:
            AssertionError: it works longer than `limit_s`, or never ends.
        """
        child = self.nursery.start(*arguments, folder=self.folder, **more)
        if (end := child.wait(CROWDED * self.limit_s)) is None:
            raise self.killed(child, f"still running after {CROWDED * self.limit_s:.0f} s")
        self.ends.append(end)
        assert end.cpu_s <= self.limit_s, f"worked for {end.cpu_s:.0f} s"
        return end

    def killed(self, child: Child, why: str) -> AssertionError:
        """Kill a command; returns what is wrong with it."""
        child.signal(signal.SIGKILL)
        self.ends.append(child.ended())
        return AssertionError(why)

    def stopped(self, child: Child, *, second_s: float, limit_s: float) -> Ended:
        """Stop a command by a Ctrl-C, and by a second one if it hasn't ended after so long.

        Raises:
            AssertionError: it still runs after `limit_s`.
        """
        watch = Stopwatch(child)
        child.signal(signal.SIGINT)
        if (end := watch.wait(second_s)) is None:
            child.signal(signal.SIGINT)
            end = watch.wait(limit_s)
        self.stops_s.append(watch.seconds)
        if end is None:
            raise self.killed(child, f"doesn't stop within {watch.seconds:.1f} s")
        return end

    def holds(
        self, *arguments: str | Path, codes: Collection[int] = (0, 2), says: str = "", **more: Any
    ) -> Ended:
        """Run a command and judge what any command must keep to.

        Args:
            arguments: what stands behind `colloquia`.
            codes: exit codes that are right.
            says: a part of what it must print.
            more: as `Nursery.start` takes them.

        Raises:
            AssertionError: says what was broken.
        """
        return self.judge(self.run(*arguments, **more), codes=codes, says=says)

    def judge(self, end: Ended, *, codes: Collection[int] = (0, 2), says: str = "") -> Ended:
        """Judge a command that has ended; see `holds`."""
        if end not in self.ends:
            self.ends.append(end)
        told = f"{end.out}\n{end.err}"
        assert "; see colloquia" not in end.err, f"not an attack: {end.err}"
        assert end.code in codes, f"exit code {end.code}: {end.err[-300:]!r}"
        assert not any(dump in told for dump in _DUMPS), f"a dump: {end.err[-300:]!r}"
        assert end.err.count("\n") <= LINES, f"{end.err.count(chr(10))} lines of errors"
        longest = max(map(len, end.err.split("\n")))
        assert longest <= LONGEST_LINE, f"a line of {longest:,} characters"
        assert not (found := unprintable(told)), f"prints {sorted(found)}"
        assert says in told, f"doesn't say {says!r}: {end.err[-300:]!r}"
        assert end.peak_mb <= self.peak_mb, f"peak of {end.peak_mb:.0f} MB"
        return end


def unprintable(text: str) -> set[str]:
    """Return the characters that command a terminal or can't be seen, as code points."""
    odd = {
        char
        for char in set(_JOINERS.sub("", text)) - set(SHOWN_AS_IS)
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    }
    return {f"U+{ord(char):04X}" for char in odd}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One attack."""

    family: str
    name: str
    attack: Callable[[Stage], None]
    """Raises AssertionError where it isn't held."""
    short: bool = False
    """Whether the tests try it on every change."""
    limit_s: float = LIMIT_S
    """Of CPU, for one command."""
    peak_mb: float = PEAK_MB
    """Of one command's resident memory."""
    imports: tuple[str, ...] = ()
    """What its nursery imports: what takes seconds, and isn't what is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a variant."""

    family: str
    name: str
    broken: str
    """What was broken; empty if it was held."""
    peak_mb: float
    """Of its largest command."""
    cpu_s: float
    """Of its hardest working command."""
    stop_s: float | None
    """Of its slowest stop; None where none was told to stop."""


def tried(variant: Variant, nursery: Nursery, folder: Path) -> Outcome:
    """Try a variant in an empty folder."""
    stage = Stage(folder=folder, nursery=nursery, limit_s=variant.limit_s, peak_mb=variant.peak_mb)
    try:
        variant.attack(stage)
        broken = ""
    except AssertionError as found:
        broken = str(found).strip() or "an assertion without words"
    return Outcome(
        family=variant.family,
        name=variant.name,
        broken=broken,
        peak_mb=max((end.peak_mb for end in stage.ends), default=0.0),
        cpu_s=max((end.cpu_s for end in stage.ends), default=0.0),
        stop_s=max(stage.stops_s, default=None),
    )


def grows(work: Callable[[int], object], n: int, *, most: float = 3.0) -> None:
    """Hold a function to linear time: at 2n it may take `most` times what it takes at n.

    The fastest of three tries each, in CPU seconds, which other work hardly changes; below 20 ms
    nothing is told apart, and nothing needs to be. Chance doesn't strike three times in a row.

    Raises:
        AssertionError: it grows faster.
    """
    for _ in range(3):
        once, twice = (min(_seconds(work, size) for _ in range(3)) for size in (n, 2 * n))
        if twice <= max(0.02, most * once):
            return
    raise AssertionError(f"{once:.3f} s at n, {twice:.3f} s at 2n")


def _seconds(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    return time.process_time() - began


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a row per family as Markdown, then a line for each variant that wasn't held."""
    rows = [
        "| family | variants | failed | 0 rules out | peak MB | longest stop | most CPU |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in [*dict.fromkeys(one.family for one in outcomes), "all"]:
        own = [one for one in outcomes if name in ("all", one.family)]
        failed = sum(bool(one.broken) for one in own)
        bound = "" if failed else f"{min(1.0, 3 / len(own)):.2g}"
        stops = [one.stop_s for one in own if one.stop_s is not None]
        stop = f"{max(stops):.1f} s" if stops else ""
        peak, cpu = max(one.peak_mb for one in own), max(one.cpu_s for one in own)
        rows.append(
            f"| {name} | {len(own)} | {failed} | {bound} | {peak:.0f} | {stop} | {cpu:.1f} s |"
        )
    rows += [f"FAILED {one.family}: {one.name}: {one.broken}" for one in outcomes if one.broken]
    return "\n".join(rows)
