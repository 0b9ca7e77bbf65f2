"""How a run is doing while it runs: a live panel on a terminal, a plain line every 10 s elsewhere.

A thread of its own looks at the store about once a second: the store has the only numbers that
are right for a run that was continued, and a look there waits for nobody.
"""

import contextlib
import threading
import time
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Self

from colloquia.cli.common import Common, console_on
from colloquia.cli.printable import one_line
from colloquia.cli.totals import duration

if TYPE_CHECKING:
    from rich.live import Live

    from colloquia.core.types import Dialogue, RunManifest
    from colloquia.store.reading import RunCounts
    from colloquia.store.repository import Store

LOOK_EVERY_S = 1.0
LINE_EVERY_S = 10.0
PATIENCE = 10  # times as long between looks as a look takes: a large store is looked at less often
WINDOW_S = 30.0  # the speed shown is that of the last half minute


class Progress:
    """A run's numbers, kept up to date and shown on stderr inside a `with` block."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self.manifest: RunManifest | None = None
        self.counts: RunCounts | None = None
        self.opening = ""
        """The first words of the dialogue that finished last."""
        self.is_stopping = False
        self.done_here = 0
        """Dialogues that ended since the start, not those of earlier times."""
        self._last: Dialogue | None = None
        self._seen: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
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
        self._last = dialogue

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
    def rate(self) -> float:
        """Dialogues per second, lately."""
        (then, before), now = self._seen[0], time.monotonic()
        return (self.done_here - before) / (now - then) if now > then else 0.0

    @property
    def left(self) -> str:
        """How long the rest takes at this rate; empty where nobody can say."""
        if self.is_over or self.counts is None or not self.counts.pending or not self.rate:
            return ""
        return f"about {duration(self.counts.pending / self.rate)} left"

    def line(self) -> str:
        """Return the plain line: `212 of 324 done: accepted 208, …`."""
        counts = self.counts
        if counts is None:
            return "starting"
        rejected, failed = sum(counts.rejected.values()), sum(counts.failed.values())
        parts = [
            f"{counts.planned - counts.pending:,} of {counts.planned:,} done: "
            f"accepted {counts.accepted:,}, rejected {rejected:,}, failed {failed:,}",
            f"{self.rate:.1f}/s",
            self.left,
        ]
        return "; ".join(part for part in parts if part)

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
        started = time.monotonic()
        self.counts = store.counts(self.manifest.id)
        last, self._last = self._last, None
        if last is not None and self._live is not None:
            path = store.record(last.id, self.manifest.id).turns
            self.opening = one_line(path[0].text) if path else ""
        now = time.monotonic()
        self._seen.append((now, self.done_here))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
            self._seen.popleft()
        return max(LOOK_EVERY_S, PATIENCE * (now - started))
