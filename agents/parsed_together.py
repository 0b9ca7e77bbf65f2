"""Questions of many dialogues, parsed as one batch.

A parse alone takes three times what it takes in a batch of sixteen, and it is most of what the
check of a question costs. So who needs some waits until those that came meanwhile are parsed too:
for the loop's next round at least, and where several came at once a few milliseconds more.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from colloquia.language.reading.parsing import parse_all

LINGER_S = 0.03  # with 150 questions a second four to five come together; a reply takes far longer


_parse_bare = partial(parse_all, entities=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    done: "asyncio.Future[None]"
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ParsedTogether:
    """Gathers texts; what was parsed is then found by `language.reading.parsing.parse`."""

    read: Callable[[list[str]], object] = _parse_bare
    """Parses a batch."""
    _open: _Batch | None = None
    _crowded: bool = False

    async def parse(self, texts: Sequence[str]) -> None:
        """Return when these English texts are parsed, without entities."""
        if not texts:
            return
        loop, batch = asyncio.get_running_loop(), self._open
        if batch is None or batch.done.get_loop() is not loop:  # one graph may serve several loops
            self._open = batch = _Batch(done=loop.create_future())
            loop.call_later(LINGER_S if self._crowded else 0, self._parse_batch, batch)
        batch.texts.extend(texts)
        await asyncio.shield(batch.done)

    def _parse_batch(self, batch: _Batch) -> None:
        if self._open is batch:
            self._open = None
        self._crowded = len(batch.texts) > 1
        with suppress(Exception):  # whoever then parses one of them alone is told
            self.read(batch.texts)
        batch.done.set_result(None)
