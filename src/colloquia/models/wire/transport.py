"""The wire: one shared, tuned aiohttp session for every chat completion that we send ourselves.

It sends bytes and returns bytes. A status is not judged here; what keeps a whole reply from coming
back is: `CallFailed` with a transient fault. What is limited is silence, never a whole reply.
"""

import asyncio
import importlib
import json
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.pieces import STREAMED, is_stream, pieces_in, says_something
from colloquia.models.wire.silence import Waits

CONNECT_S = 5.0
# Before the first token of a long prompt, two cores of a laptop take minutes.
SILENCE_S = 300.0
# Below the 5 s after which uvicorn (vLLM) drops an idle connection: a request on a connection that
# the other side is just closing would fail for nothing.
KEEPALIVE_S = 4.0
LONGEST_REPLY = 2**26  # bytes that may have come unread: a reply is read when it is whole


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
        try:
            return json.loads(self.body)
        except ValueError:
            text = self.body.decode("utf-8", "replace")
            raise CallFailed(causes.not_json(text, status=self.status)) from None

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
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


class Transport:
    """Sends requests; made once per run and shared by all models."""

    def __init__(self) -> None:
        """Make ready; the session is opened by the first request, inside the running loop."""
        self._session: Any = None
        self._waits: defaultdict[str, Waits] = defaultdict(Waits)

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
        on_begun: Callable[[], None],
    ) -> HttpReply:
        """Send one request, once.

        Args:
            url: where to.
            headers: with the key.
            body: what to send.
            timeout_s: the longest silence: no byte of this reply, nor of one asked for before it.
            on_begun: hears of the first piece of a reply that comes in pieces.

        Raises:
            CallFailed: no whole reply came back; a transient fault.
        """
        return await self.send(
            "POST", url, headers=headers, body=body, timeout_s=timeout_s, on_begun=on_begun
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float,
        on_begun: Callable[[], None] = lambda: None,
    ) -> HttpReply:
        """Send one request by any method, once; see `post`."""
        aiohttp = _aiohttp()
        session = self._session or self._open_session()
        waits = self._waits[_origin(url)]
        try:
            async with (
                waits.patience(timeout_s) as waiting,
                session.request(
                    method,
                    _parsed_url(url),
                    data=body,
                    headers=headers,
                    timeout=_client_timeout(),
                    proxy=_proxy_for(url),
                    allow_redirects=False,
                ) as response,
            ):
                waiting.counted = lambda: response.content.total_bytes
                read = await _read(response, on_begun)
                return HttpReply(status=response.status, headers=response.headers, body=read)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            fault = _fault_of(error, url=url, timeout_s=timeout_s, read=waiting.seen)
            raise CallFailed(fault) from None

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # lets the sockets' close callbacks run before the loop ends

    def _open_session(self) -> Any:
        aiohttp = _aiohttp()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=LONGEST_REPLY,
            # Replies are a few KB: unpacking them would cost more than it saves.
            headers={"Accept-Encoding": "identity", "Content-Type": "application/json"},
            skip_auto_headers={"Accept"},
            auto_decompress=True,  # for the proxies that compress all the same
            raise_for_status=False,
        )
        return self._session


async def _read(response: Any, on_begun: Callable[[], None]) -> bytes:
    """Return a whole body: one waking up for its first piece, and one for all that follow."""
    content, start = response.content, b""
    if response.content_type in STREAMED:
        while not says_something(start) and (piece := await content.readany()):
            start += piece
        on_begun()
    if content.exception() is None:
        await content.wait_eof()
    rest: bytes = content.read_nowait()
    return start + rest


@cache
def _aiohttp() -> Any:
    """Return aiohttp; only who talks to a real endpoint pays for its import."""
    return importlib.import_module("aiohttp")


@lru_cache(maxsize=256)
def _parsed_url(url: str) -> Any:
    return importlib.import_module("yarl").URL(url)


@lru_cache(maxsize=256)
def _origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


@cache
def _client_timeout() -> Any:
    return _aiohttp().ClientTimeout(total=None, sock_connect=CONNECT_S)


@lru_cache(maxsize=64)
def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for this URL, asked once and not per call."""
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _fault_of(error: Exception, *, url: str, timeout_s: float, read: int) -> Fault:
    """Say what happened; never quotes the exception, whose repr may hold headers."""
    aiohttp = _aiohttp()
    where = _origin(url)
    unreachable = False
    if isinstance(error, aiohttp.InvalidURL):
        detail = f"{where}: not a URL; write api_base as https://host/v1"
        return Fault(cause="fatal", detail=detail)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        unreachable, what = True, "no such host"
    elif isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        unreachable, what = True, "its TLS certificate is not trusted, or it doesn't speak TLS"
    elif isinstance(error, aiohttp.ClientConnectorError):
        unreachable, what = True, "connection refused"
    elif isinstance(error, aiohttp.ConnectionTimeoutError):
        unreachable, what = True, f"no connection within {CONNECT_S:.0f} s"
    elif isinstance(error, TimeoutError):
        seen = f"after {read:,} bytes of a reply" if read else "before any reply"
        what = f"silent for {timeout_s:g} s {seen}; if it is only slow, raise timeout_s"
        return Fault(cause="transient", detail=f"{where}: {what}", silent=True)
    elif isinstance(error, aiohttp.ClientPayloadError):
        what = "the connection broke in the middle of the reply"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        what = "the connection was closed before a reply"
    elif isinstance(error, aiohttp.ClientResponseError):
        what = "the reply isn't HTTP"
    else:
        what = "the connection broke"
    return Fault(cause="transient", detail=f"{where}: {what}", unreachable=unreachable)
