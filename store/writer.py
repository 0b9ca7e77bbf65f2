"""One thread that writes, and commits many submissions at once.

A commit to disk takes milliseconds, whatever it holds. So the thread takes all that has been
submitted since the last commit into one transaction, and tells each submitter when that is on
disk; in a crowd it waits a few milliseconds for others first. If one of them fails, the transaction
is undone and each is done again alone, so that only the guilty one hears of it; operations must
therefore bear being run twice.
"""

import asyncio
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from colloquia.core.errors import StoreError
from colloquia.store.database import Database

Result = TypeVar("Result")
Operation = Callable[[Connection], Result]

BATCH = 256  # a batch is held back by its slowest; this many small writes take about 50 ms
CROWD = 8  # a batch of so many comes from many dialogues at once: the next is worth waiting for
LINGER_S = 0.004  # halves the commits of 256 dialogues in flight; a call takes a hundred times that


@dataclass(frozen=True, slots=True, kw_only=True)
class _Submission:
    operation: Operation[Any]
    done: Future[Any] = field(default_factory=Future)
    bell: "asyncio.Future[None] | None" = None
    """What an event loop waits on; None for plain code, which waits on `done` itself."""


class Writer:
    """The one door for writes to a store; starts its thread with the first of them."""

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database = database
        self._waiting: queue.SimpleQueue[_Submission | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._lock = threading.Lock()

    async def do(self, operation: Operation[Result]) -> Result:
        """Run an operation in a transaction; returns when it is on disk.

        A caller that is cancelled takes back an operation that hasn't begun; one that has begun is
        committed.
        """
        bell = asyncio.get_running_loop().create_future()
        done = self._put(_Submission(operation=operation, bell=bell))
        try:
            await bell
        except asyncio.CancelledError:
            done.cancel()
            raise
        result: Result = done.result()
        return result

    def submit(self, operation: Operation[Result]) -> Future[Result]:
        """Run an operation from plain code; the future is done when it is on disk."""
        return self._put(_Submission(operation=operation))

    def _put(self, submission: _Submission) -> Future[Any]:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._database.location.shown} has been closed")
            if self._thread is None:
                # A daemon, so that a forgotten `close` can't keep the process from ending.
                self._thread = threading.Thread(
                    target=self._work, name="colloquia-writer", daemon=True
                )
                self._thread.start()
            self._waiting.put(submission)
            return submission.done

    def close(self) -> None:
        """Commit what was submitted and end the thread."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _work(self) -> None:
        crowded = False
        while (first := self._waiting.get()) is not None:
            if crowded:
                time.sleep(LINGER_S)
            batch, last = self._gathered(first)
            crowded = len(batch) >= CROWD
            started = [s for s in batch if s.done.set_running_or_notify_cancel()]
            try:
                self._commit(started)
            except BaseException:  # each is told its own below
                for submission in started:
                    self._commit_alone(submission)
            _ring(started)
            if last:
                return

    def _gathered(self, first: _Submission) -> tuple[list[_Submission], bool]:
        batch = [first]
        while len(batch) < BATCH:
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    def _commit(self, batch: list[_Submission]) -> None:
        if not batch:
            return
        with self._database.writing() as connection:
            results = [submission.operation(connection) for submission in batch]
        for submission, result in zip(batch, results, strict=True):
            submission.done.set_result(result)

    def _commit_alone(self, submission: _Submission) -> None:
        try:
            self._commit([submission])
        except BaseException as error:
            submission.done.set_exception(error)


def _ring(submissions: Iterable[_Submission]) -> None:
    """Wake who waits, each event loop once: a wake-up costs more than what it tells."""
    bells: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = defaultdict(list)
    for submission in submissions:
        if submission.bell is not None:
            bells[submission.bell.get_loop()].append(submission.bell)
    for loop, waiting in bells.items():
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(_wake, waiting)


def _wake(bells: Iterable["asyncio.Future[None]"]) -> None:
    for bell in bells:
        if not bell.done():  # cancelled
            bell.set_result(None)
