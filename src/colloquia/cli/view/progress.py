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

from rich.live import Live

from colloquia.cli.view.panel import live_panel
from colloquia.cli.view.printable import one_line
from colloquia.cli.view.run_figures import RunFigures
from colloquia.cli.view.terminal import Terminal, console_on

if TYPE_CHECKING:
    from colloquia.core.run_manifest import RunManifest
    from colloquia.core.types import Dialogue
    from colloquia.store.repository import Store

LOOK_EVERY_S = 1.0
LINE_EVERY_S = 10.0
PATIENCE = 10  # times as long between looks as a look takes: a large store is looked at less often


class RunProgress:
    """A run's numbers, kept up to date and shown on stderr inside a `with` block."""

    def __init__(
        self, terminal: Terminal, *, watching: bool = False, in_batches: bool = False
    ) -> None:
        """Make ready.

        Args:
            terminal: where to show it.
            watching: for a run that another process works on.
            in_batches: whether it waits for batches, so that stopping takes no time.
        """
        self._terminal = terminal
        self.run = RunFigures(watching=watching, in_batches=in_batches)
        self.done_here = 0
        """Dialogues that ended since the start, not those of earlier times."""
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._live: Live | None = None

    def begin(self, manifest: "RunManifest") -> None:
        """The run has been resolved and work begins."""
        self.run.manifest = manifest
        if not self._terminal.quiet:
            self._live = self._make_panel()
            self._thread = threading.Thread(target=self._watch_store, name="progress", daemon=True)
            self._thread.start()

    def finished(self, dialogue: "Dialogue") -> None:
        """A dialogue has ended."""
        self.done_here += 1

    def stopping(self) -> None:
        """Somebody asked the run to stop."""
        self.run.is_stopping = True
        if self._live is None:
            self._terminal.note(f"{self.run.how_it_stops}; Ctrl-C again ends at once")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self.run.is_over = True
        if self._thread is not None:
            self._thread.join()

    def _make_panel(self) -> Live | None:
        console = console_on("stderr")
        if not console.is_terminal or console.is_dumb_terminal:
            return None
        return live_panel(self.run, console)

    def _watch_store(self) -> None:
        from colloquia.store.repository import Store

        # A watcher that fails must not take the run with it: the run has its own errors.
        with (
            contextlib.suppress(Exception),
            Store.open(self._terminal.store) as store,
            self._live or contextlib.nullcontext(),
        ):
            self._watch_until_over(store)

    def _watch_until_over(self, store: "Store") -> None:
        next_line = time.monotonic() + LINE_EVERY_S
        pause = 0.0
        while not self._over.wait(pause):
            pause = self._read_figures(store)
            if self._live is None and time.monotonic() >= next_line:
                self._terminal.note(self.run.line())
                next_line += LINE_EVERY_S
        self._read_figures(store)

    def _read_figures(self, store: "Store") -> float:
        """Read the numbers; returns how long to leave the store alone."""
        assert self.run.manifest is not None
        run_id = self.run.manifest.id
        started = time.monotonic()
        worker = store.worker(run_id)
        self.run.is_stopping |= worker is not None and worker.stopping
        self.run.heartbeat = store.heartbeat(run_id)
        counts = store.counts(run_id)
        self.run.pace.note(counts.planned - counts.pending, at=started)
        self.run.counts = counts
        if self._live is not None:
            self.run.question = one_line(store.latest_question(run_id) or "")
        return max(LOOK_EVERY_S, PATIENCE * (time.monotonic() - started))
