"""Bodies of replies as they come in: whole or in pieces, and never more than there is room for."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.pieces import (
    STREAMED,
    is_stream,
    is_whole,
    parsed_json,
    pieces_in,
    says_something,
)

MB = 2**20
LONGEST_REPLY = 16 * MB  # unpacked; 40,000 tokens in pieces of 400 bytes
LONGEST_ERROR = MB // 4  # what is beyond isn't read, nor needed to know what went wrong
MOST_AT_ONCE = 48 * MB  # of all replies under way; few are longer than some KB
LOOK_S = 0.25  # how often the pieces of a reply are fetched: each alone would cost a waking up


class TooLong(Exception):
    """A reply for which there is no room."""


class Room:
    """How many bytes replies may take, each of them and all that are under way."""

    def __init__(self, *, each: int = LONGEST_REPLY, together: int = MOST_AT_ONCE) -> None:
        """Begin empty."""
        self._each = each
        self._together = together
        self._taken = 0

    @contextmanager
    def taking(self) -> Iterator[Callable[[int], None]]:
        """Yield what a reply must call with the size of each piece; it gives all back at the end.

        Raises:
            TooLong: by the call, for a reply that got too long.
        """
        own = 0

        def take(size: int) -> None:
            nonlocal own
            own += size
            self._taken += size
            if own > self._each:
                raise TooLong(f"a reply of more than {self._each // MB} MB")
            if self._taken > self._together:
                raise TooLong(f"replies of more than {self._together // MB} MB at once")

        try:
            yield take
        finally:
            self._taken -= own


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """A whole reply."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the parsed body.

        Raises:
            CallFailed: the body isn't JSON; the fault says what it looks like instead.
        """
        return parsed_json(self.body, status=self.status)

    @property
    def is_streamed(self) -> bool:
        """Whether it came in pieces."""
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        return kind in STREAMED or is_stream(self.body)

    def pieces(self) -> list[Any]:
        """Return the parsed pieces of a streamed body.

        Raises:
            CallFailed: one of them isn't JSON.
        """
        return pieces_in(self.body, status=self.status)

    def json_or_text(self) -> Any:
        """Return the parsed body, or its text where it isn't JSON."""
        try:
            return self.json()
        except CallFailed:
            return self.body.decode("utf-8", "replace")


async def read_body(response: Any, *, on_begun: Callable[[], None], room: Room) -> bytes:
    """Return the whole body of a reply, or the beginning of one whose status is an error.

    Args:
        response: aiohttp's.
        on_begun: hears of the first piece that says something, of a reply that comes in pieces.
        room: what the body may take.

    Raises:
        TooLong: there is no room for it.
    """
    content, pieces, size = response.content, list[bytes](), 0
    waits = response.content_type in STREAMED
    with room.taking() as take:
        while piece := await content.readany():
            take(len(piece))
            pieces.append(piece)
            if waits and says_something(piece):
                on_begun()
                waits = False
            size += len(piece)
            if response.status != 200 and size >= LONGEST_ERROR:
                response.close()
                return b"".join(pieces)[:LONGEST_ERROR]
            if response.content_type in STREAMED and not waits:
                await _gather(content)
                nothing_came = not content.is_eof() and content.total_bytes == size
                if nothing_came and is_whole(b"".join(pieces[-2:])):
                    response.close()  # held open, it would be waited out and paid for again
                    break
        return b"".join(pieces)


async def _gather(content: Any) -> None:
    """Let further pieces come, until the end or for a moment."""
    if content.exception() is None and not content.is_eof():
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await content.wait_eof()
