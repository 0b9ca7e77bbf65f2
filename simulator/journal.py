"""One dialogue's way into the store: what comes in one go is one commit.

A call, the turn it made and what the free checks say of that follow each other without a pause, so
they are gathered and go to disk together; a check that waits for a parse has its word in the next
commit. They are sent off as soon as the dialogue waits for anything, so that what was paid for is
never held back, and they are on disk before the next call.
"""

import asyncio

from colloquia.core.commit import Commit, joined
from colloquia.core.types import ModelCall
from colloquia.store.repository import Store


class Journal:
    """Rows of one dialogue: `core.commit.Sink` and `core.ports.CallStore`."""

    def __init__(self, store: Store, *, run_id: str, dialogue_id: str) -> None:
        """Write to this store."""
        self._store = store
        self._run_id = run_id
        self._dialogue_id = dialogue_id
        self._gathered: list[Commit] = []
        self._due: asyncio.Handle | None = None
        self._last: asyncio.Future[None] | None = None
        self._error: BaseException | None = None

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Return the dialogue's calls in the order they were made."""
        return self._store.calls(self._run_id, dialogue_id)  # under 1 ms, and waits for no writer

    async def record(self, call: ModelCall) -> None:
        """Take one call; see `put`."""
        await self.put(Commit(calls=(call,)))

    async def put(self, commit: Commit) -> None:
        """Take rows; they are sent off when the dialogue waits for anything."""
        self._gathered.append(commit)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_soon(self._send_off)

    async def written(self) -> None:
        """Return when all rows are on disk.

        Raises:
            StoreError: the store takes no more, or doesn't know the run or the dialogue.
            RunOwned: another process has taken the dialogue over.
        """
        self._send_off()
        if self._last is not None:  # the writer commits in the order in which it was given
            await asyncio.wait((self._last,))
        if self._error is not None:
            raise self._error

    def _send_off(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._gathered:
            commit, self._gathered = joined(self._gathered), []
            self._last = self._store.submit(self._run_id, self._dialogue_id, commit)
            self._last.add_done_callback(self._note_error)

    def _note_error(self, done: "asyncio.Future[None]") -> None:
        if self._last is done:
            self._last = None
        if not done.cancelled():
            self._error = self._error or done.exception()
