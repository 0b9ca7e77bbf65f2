"""Several processes on one run: this one reads and plans, each of the others takes up dialogues.

A worker (`worker.py`) is a process of its own that hears from this one through its standard input
and reports on its standard output, a line of JSON each. Its input ends when this process ends,
however that happens, and then the worker ends at once. A worker that dies is replaced: what it
committed stays, and what it had claimed is taken up by the others.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

from colloquia.core.errors import BudgetReached, ColloquiaError, WorldError
from colloquia.core.types import Dialogue, Value
from colloquia.simulator.side_by_side import side_by_side
from colloquia.store.repository import Store

MOST_DEATHS = 3  # one after the other, with no dialogue finished between them
LONGEST_LINE = 2**24

log = logging.getLogger(__name__)


class Job(Value):
    """What a worker is told first: all it takes to do a share of a run."""

    recipe: dict[str, Any]
    folder: str
    recipe_hash: str
    store: str
    run_id: str
    share: int
    """One of how many it is."""


class Order(Value):
    """What a worker is told later."""

    all_in: bool = False
    """No more dialogues will be planned."""
    stop: bool = False


class Report(Value):
    """What a worker says; one of these."""

    finished: Dialogue | None = None
    error: tuple[str, str] | None = None
    """The class of an error that ends the run, and its words."""
    traceback: str | None = None
    """Of what caused it, where that is an agent's own exception."""
    logged: tuple[str, int, str] | None = None
    """Logger, level and line."""


class RaisedInWorker(Exception):
    """An exception of another process, as its traceback tells it."""

    def __str__(self) -> str:
        """Return the traceback, below the line that names this class."""
        return f"\n{self.args[0]}"


class WorkerPool:
    """The worker processes of one run; see `simulator.runner.Workers`."""

    def __init__(self, job: Job, *, store: Store, on_finish: Callable[[Dialogue], None]) -> None:
        """Make ready; as many start as the job has shares."""
        self._job = job
        self._store = store
        self._on_finish = on_finish
        self._worker_inputs: set[asyncio.StreamWriter] = set()
        self._order = Order()
        self._deaths = 0
        self._errors: list[ColloquiaError] = []
        self._reached: BudgetReached | None = None

    async def work(self) -> None:
        """Keep the workers at work until all is done, or they were stopped.

        Raises:
            ColloquiaError: what ended the work of one of them; the others finished their calls.
        """
        await side_by_side(self._keep_one_at_work() for _ in range(self._job.share))
        if self._errors:
            raise self._errors[0]
        if self._reached is not None and not self._store.counts(self._job.run_id).finished:
            raise self._reached

    def announce(self, *, all_in: bool) -> None:
        """Tell all workers that there are more dialogues, or that these were the last."""
        self._send_order(self._order.model_copy(update={"all_in": self._order.all_in or all_in}))

    def stop(self) -> None:
        """Tell all workers to finish the calls they are in."""
        self._send_order(self._order.model_copy(update={"stop": True}))

    def _send_order(self, order: Order) -> None:
        self._order = order
        for worker_input in self._worker_inputs:
            _send_line(worker_input, order)

    async def _keep_one_at_work(self) -> None:
        while True:
            token = uuid4().hex
            code = await self._run_worker(token)
            await self._store.dismiss(self._job.run_id, token)
            if code == 0:
                return
            self._deaths += 1
            how = _how_it_ended(code)
            if self._order.stop:
                log.warning("a worker process %s; its dialogues stay pending", how)
                return
            log.warning("a worker process %s; another takes its place", how)
            if self._deaths >= MOST_DEATHS:
                self._end_with(
                    WorldError(
                        f"{self._deaths} worker processes died and finished nothing, the last "
                        f"{how}; use fewer `workers=` (is there memory for {self._job.share}?)"
                    )
                )
                return

    async def _run_worker(self, token: str) -> int:
        """Run one worker to its end; returns its exit code."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "colloquia.runs.worker", token),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # a Ctrl-C is heard here, and told from here
        )
        assert process.stdin is not None and process.stdout is not None
        _send_line(process.stdin, self._job)
        _send_line(process.stdin, self._order)
        self._worker_inputs.add(process.stdin)
        try:
            async for line in process.stdout:
                self._take_report(line)
            return await process.wait()
        finally:
            self._worker_inputs.discard(process.stdin)
            with suppress(ProcessLookupError):
                process.kill()
            process.stdin.close()
            await process.wait()

    def _take_report(self, line: bytes) -> None:
        if not line.endswith(b"\n"):
            return  # it died in the middle of a word
        report = Report.model_validate_json(line)
        if report.finished is not None:
            self._deaths = 0
            self._on_finish(report.finished)
        if report.logged is not None:
            name, level, words = report.logged
            logging.getLogger(name).log(level, "%s", words)
        if report.error is None:
            return
        error = _error_named(*report.error)
        if report.traceback is not None:
            error.__cause__ = RaisedInWorker(report.traceback)
        if isinstance(error, BudgetReached):
            # What the others have under way comes to less than was set aside: they may find room.
            self._reached = error
        else:
            self._end_with(error)

    def _end_with(self, error: ColloquiaError) -> None:
        self._errors.append(error)
        self.stop()


def _send_line(worker_input: asyncio.StreamWriter, value: Value) -> None:
    if not worker_input.is_closing():
        worker_input.write(value.model_dump_json().encode() + b"\n")


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _error_named(name: str, words: str) -> ColloquiaError:
    kinds = {kind.__name__: kind for kind in _error_classes(ColloquiaError)}
    return kinds.get(name, WorldError)(words)


def _error_classes(kind: type[ColloquiaError]) -> Iterator[type[ColloquiaError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _error_classes(narrower)
