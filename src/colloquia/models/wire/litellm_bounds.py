"""What a reply may take where litellm's own client reads it.

litellm reads with httpx, which unpacks and gathers without end. All its asynchronous clients send
through one transport; there the replies to our own calls are counted. Who else uses litellm in this
process notices nothing.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from importlib import import_module
from typing import Any

from colloquia.models.wire.bodies import LONGEST_ERROR, MB, Room

LONGEST = 4 * MB  # unpacked; litellm makes objects of it that take some hundred times as much
_ROOM = Room(each=LONGEST, together=3 * LONGEST)
_OURS: ContextVar[bool] = ContextVar("ours", default=False)
_PACKED = {"content-encoding", "content-length", "transfer-encoding"}


@contextmanager
def bounded() -> Iterator[None]:
    """Bound what litellm reads inside the block; for more, it meets a `TooLong`."""
    _bound_transport()
    token = _OURS.set(True)
    try:
        yield
    finally:
        _OURS.reset(token)


@cache
def _bound_transport() -> None:
    transport = import_module("litellm.llms.custom_httpx.aiohttp_transport").LiteLLMAiohttpTransport
    plain = transport.handle_async_request

    @wraps(plain)
    async def handle(self: Any, request: Any) -> Any:
        response = await plain(self, request)
        return _counted(response) if _OURS.get() else response

    transport.handle_async_request = handle


def _counted(response: Any) -> Any:
    """Return httpx's reply as one that is unpacked and counted while it is read."""
    fields = [field for field in response.headers.multi_items() if field[0] not in _PACKED]
    return type(response)(response.status_code, headers=fields, stream=_stream()(response))


@cache
def _stream() -> Any:
    base: Any = import_module("httpx").AsyncByteStream

    class Counted(base):  # type: ignore[misc]
        def __init__(self, response: Any) -> None:
            self._response = response

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            with _ROOM.taking() as take:
                async for piece in self._response.aiter_bytes():
                    take(len(piece))
                    yield piece
                    size += len(piece)
                    if self._response.is_error and size >= LONGEST_ERROR:
                        return

        async def aclose(self) -> None:
            await self._response.aclose()

    return Counted
