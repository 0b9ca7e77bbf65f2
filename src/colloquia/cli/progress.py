"""How a run is doing while it runs: a live panel on a terminal, a plain line every 10 s elsewhere.

A thread of its own looks at the store about once a second: the store has the only numbers that
are right for a run that was continued or that another process works on, and a look there waits for
nobody.
"""

import contextlib
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from colloquia.cli.common import Common, console_on
from colloquia.cli.pace import Pace
from colloquia.cli.printable import one_line
from colloquia.cli.totals import cost, dollars, duration

if TYPE_CHECKING:
    from rich.live import Live

    from colloquia.core.pulse import Pulse
    from colloquia.core.types import Dialogue, RunManifest
    from colloquia.store.reading import RunCounts
    from colloquia.store.repository import Store

LOOK_EVERY_S = 1.0
LINE_EVERY_S = 10.0
PATIENCE = 10  # times as long between looks as a look takes: a large store is looked at less often


class Progress:
    """A run's numbers, kept up to date and shown on stderr inside a `with` block."""

    def __init__(self, common: Common, *, watching: bool = False) -> None:
        """Make ready; `watching` is for a run that another process works on."""
        self._common = common
        self.watching = watching
        self.manifest: RunManifest | None = None
        self.counts: RunCounts | None = None
        self.pulse: Pulse | None = None
        self.question = ""
        """What was asked last."""
        self.is_stopping = False
        self.done_here = 0
        """Dialogues that ended since the start, not those of earlier times."""
        self.pace = Pace()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._live: Live | None = None

    def begin(self, manifest: "RunManifest") -> None:
        """The run has been resolved and work begins."""
        self.manifest = manifest
        if not self._common.quiet:
            self._live = self._panel()
            self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
            self._thread.start()

    def finished(self, dialogue: "Dialogue") -> None:
        """A dialogue has ended."""
        self.done_here += 1

    def stopping(self) -> None:
        """Somebody asked the run to stop."""
        self.is_stopping = True
        if self._live is None:
            self._common.note("stopping: calls in flight finish first; Ctrl-C again ends at once")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether the run has come to its end, or to a stop."""
        return self._over.is_set()

    @property
    def cap_usd(self) -> float | None:
        """The most that the run may cost; None for no cap."""
        limits = self.manifest.recipe.get("limits", {}) if self.manifest else {}
        cap: float | None = limits.get("budget_usd")
        return cap

    def outcomes(self) -> dict[str, int]:
        """Return how many dialogues there are of each outcome."""
        counts = self.counts
        return {
            "accepted": counts.accepted if counts else 0,
            "rejected": sum(counts.rejected.values()) if counts else 0,
            "failed": sum(counts.failed.values()) if counts else 0,
            "pending": counts.pending if counts else 0,
        }

    def traffic(self) -> list[str]:
        """Return what goes over the wire: calls made, in flight, told to wait, sent again."""
        if self.counts is None:
            return []
        pulse = None if self.is_over else self.pulse
        parts = [f"{self.counts.calls:,} calls"]
        if pulse is not None and pulse.limit:
            parts.append(f"{pulse.in_flight:,} of {pulse.limit:,} in flight")
        if pulse is not None and pulse.rate_limits:
            parts.append(f"{pulse.rate_limits:,} × 429")
        if self.counts.retries:
            parts.append(f"{self.counts.retries:,} sent again")
        if self.counts.wasted_calls:
            parts.append(f"{self.counts.wasted_calls:,} in vain")
        return parts

    def spend(self) -> list[str]:
        """Return what was spent, of what, and what it will be in the end."""
        counts = self.counts
        if counts is None:
            return []
        parts = [cost(counts.cost_usd, cap=self.cap_usd)]
        done = counts.planned - counts.pending
        if counts.cost_usd and done and counts.pending and not self.is_over:
            parts.append(f"about {dollars(counts.cost_usd * counts.planned / done)} in the end")
        return parts

    def speed(self) -> list[str]:
        """Return how fast it goes, and how long the rest takes at that rate."""
        if self.pulse is not None and self.pulse.outage and not self.is_over:
            return ["an endpoint is down; calls wait for it"]
        rate = self.pace.per_second
        parts = [f"{rate:.1f} dialogues/s" if rate >= 0.1 else f"{60 * rate:.1f} dialogues/min"]
        if self.counts is not None and self.counts.pending and rate and not self.is_over:
            parts.append(f"about {duration(self.counts.pending / rate)} left")
        return parts

    def line(self) -> str:
        """Return the plain line: `212 of 324 done: accepted 208, …`."""
        if self.counts is None:
            return "starting"
        outcomes = self.outcomes()
        pending = outcomes.pop("pending")
        told = ", ".join(f"{name} {number:,}" for name, number in outcomes.items())
        done = f"{self.counts.planned - pending:,} of {self.counts.planned:,} done: {told}"
        parts = (self.traffic(), self.spend(), self.speed())
        return "; ".join([done, *(", ".join(part) for part in parts)])

    def _panel(self) -> "Live | None":
        console = console_on("stderr")
        if not console.is_terminal or console.is_dumb_terminal:
            return None
        from colloquia.cli.panel import live_panel

        return live_panel(self, console)

    def _watch(self) -> None:
        from colloquia.store.repository import Store

        # A watcher that fails must not take the run with it: the run has its own errors.
        with (
            contextlib.suppress(Exception),
            Store.open(self._common.store) as store,
            self._live or contextlib.nullcontext(),
        ):
            self._look_until_over(store)

    def _look_until_over(self, store: "Store") -> None:
        next_line = time.monotonic() + LINE_EVERY_S
        pause = 0.0
        while not self._over.wait(pause):
            pause = self._look(store)
            if self._live is None and time.monotonic() >= next_line:
                self._common.note(self.line())
                next_line += LINE_EVERY_S
        self._look(store)

    def _look(self, store: "Store") -> float:
        """Read the numbers; returns how long to leave the store alone."""
        assert self.manifest is not None
        run_id = self.manifest.id
        started = time.monotonic()
        worker = store.worker(run_id)
        self.is_stopping |= worker is not None and worker.stopping
        self.pulse = store.pulse(run_id)
        counts = store.counts(run_id)
        self.pace.note(counts.planned - counts.pending, at=started)
        self.counts = counts
        if self._live is not None:
            self.question = one_line(store.latest_question(run_id) or "")
        return max(LOOK_EVERY_S, PATIENCE * (time.monotonic() - started))
