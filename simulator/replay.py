"""A check on replay: after every call that is committed, its dialogue is made again from its rows.

What a dialogue is must hang on its rows alone. An ordinary run relies on that only after a crash;
this relies on it all the time (the idea is Restate's ALWAYS_REPLAY), so that a run which comes to
the same corpus either way shows that a crash at any call would have changed nothing.
"""

import os

from colloquia.core.types import ModelCall
from colloquia.simulator.journal import Journal


def is_wanted() -> bool:
    """Return whether the environment asks for it: `COLLOQUIA_ALWAYS_REPLAY=1`."""
    return os.environ.get("COLLOQUIA_ALWAYS_REPLAY", "") not in ("", "0")


class Rebuild(Exception):
    """A call was committed; the walk that made it is to be thrown away."""


class ReplayedCalls:
    """A call store that lets nobody use a call before it has been read back."""

    def __init__(self, journal: Journal) -> None:
        """Keep calls here."""
        self._journal = journal

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Return a dialogue's calls in the order they were made."""
        return await self._journal.calls(dialogue_id)

    async def record(self, call: ModelCall) -> None:
        """Commit one call.

        Raises:
            Rebuild: always, once it is committed.
        """
        await self._journal.record(call)
        await self._journal.written()
        raise Rebuild
