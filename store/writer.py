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
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection
from sqlalchemy.sql.dml import Insert

from colloquia.core.errors import StoreError
from colloquia.store.database import Database

Result = TypeVar("Result")
Operation = Callable[[Connection], Result]

BATCH = 256  # a batch is held back by its slowest; this many small writes take about 50 ms
CROWD = 4  # a batch of so many comes from many dialogues at once: the next is worth waiting for
LINGER_S = 0.01  # halves the commits of 256 dialogues in flight; a call takes far longer


Rows = Sequence[tuple[Insert, Sequence[dict[str, Any]]]]


@dataclass(slots=True, kw_only=True, eq=False)
class _Submission:
    work: Operation[Any] | Rows
    waiting: "Future[Any] | asyncio.Future[Any]"
    """An event loop's future, or one that plain code waits on."""
    taken_back: bool = False


class _Outcome(NamedTuple):
    submission: _Submission
    result: Any
    error: BaseException | None


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
        submission = self._submit_from_loop(operation)
        try:
            result: Result = await submission.waiting  # type: ignore[misc]
        except asyncio.CancelledError:
            submission.taken_back = True
            raise
        return result

    def begin(self, work: Operation[Any] | Rows) -> "asyncio.Future[Any]":
        """Begin an operation, or an insertion of rows; the future is done when it is on disk.

        A statement costs more than a row, so rows that are to be inserted in one batch go in
        together, one statement after the other, before all else; they may hang on nothing else
        that is waiting. All of it happens even where the caller is cancelled.
        """
        waiting = self._submit_from_loop(work).waiting
        assert isinstance(waiting, asyncio.Future)
        return waiting

    def submit(self, operation: Operation[Result]) -> Future[Result]:
        """Run an operation from plain code; the future is done when it is on disk."""
        done: Future[Result] = Future()
        self._put_in_queue(_Submission(work=operation, waiting=done))
        return done

    def _submit_from_loop(self, work: Operation[Any] | Rows) -> _Submission:
        waiting = asyncio.get_running_loop().create_future()
        return self._put_in_queue(_Submission(work=work, waiting=waiting))

    def _put_in_queue(self, submission: _Submission) -> _Submission:
        with self._lock:
            if self._closed:
                raise StoreError(f"{self._database.location.shown} has been closed")
            if self._thread is None:
                # A daemon, so that a forgotten `close` can't keep the process from ending.
                self._thread = threading.Thread(
                    target=self._write_batches, name="colloquia-writer", daemon=True
                )
                self._thread.start()
            self._waiting.put(submission)
            return submission

    def close(self) -> None:
        """Commit what was submitted and end the thread."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _write_batches(self) -> None:
        crowded = False
        while (first := self._waiting.get()) is not None:
            if crowded:
                time.sleep(LINGER_S)
            batch, is_last = self._gathered(first)
            crowded = len(batch) >= CROWD
            _tell_outcomes(self._committed([one for one in batch if not one.taken_back]))
            if is_last:
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

    def _committed(self, batch: Sequence[_Submission]) -> list[_Outcome]:
        """Commit all in one transaction or, where that fails, each in its own."""
        if not batch:
            return []
        try:
            with self._database.writing() as connection:
                _insert_rows(connection, [s.work for s in batch if not callable(s.work)])
                return [
                    _Outcome(s, s.work(connection) if callable(s.work) else None, None)
                    for s in batch
                ]
        except BaseException as error:  # told to whom it concerns
            if len(batch) == 1:
                return [_Outcome(batch[0], None, error)]
        return [outcome for submission in batch for outcome in self._committed([submission])]


def _insert_rows(connection: Connection, submitted: Iterable[Rows]) -> None:
    merged: dict[Insert, list[dict[str, Any]]] = defaultdict(list)
    for statement, rows in chain.from_iterable(submitted):
        merged[statement] += rows
    for statement, rows in merged.items():
        connection.execute(statement, rows)


def _tell_outcomes(outcomes: Iterable[_Outcome]) -> None:
    """Tell who waits; each event loop once, as a wake-up costs more than what it tells."""
    news: dict[asyncio.AbstractEventLoop, list[_Outcome]] = defaultdict(list)
    for outcome in outcomes:
        waiting = outcome.submission.waiting
        if isinstance(waiting, Future):
            _set_results([outcome])
        else:
            news[waiting.get_loop()].append(outcome)
    for loop, concerning in news.items():
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(_set_results, concerning)


def _set_results(outcomes: Iterable[_Outcome]) -> None:
    for submission, result, error in outcomes:
        if submission.waiting.done():  # cancelled
            continue
        if error is None:
            submission.waiting.set_result(result)
        else:
            submission.waiting.set_exception(error)
