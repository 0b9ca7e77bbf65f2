"""The wire: one shared, tuned aiohttp session for every chat completion that we send ourselves.

It sends bytes and returns bytes. A status is not judged here; what keeps a whole reply from coming
back is: `CallFailed` with a transient fault. Limited are silence, bytes, and how long bytes drip.
"""

import asyncio
import importlib
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.bodies import HttpReply, Room, TooLong, read_body
from colloquia.models.wire.silence import OpenRequest, Waits

CONNECT_S = 5.0
# Before the first token of a long prompt, two cores of a laptop take minutes.
SILENCE_S = 300.0
# Below the 5 s after which uvicorn (vLLM) drops an idle connection: a request on a connection that
# the other side is just closing would fail for nothing.
KEEPALIVE_S = 4.0
UNREAD = 2**18  # bytes that may lie unread in a connection, and half of the most that do


class Transport:
    """Sends requests; made once per run and shared by all models."""

    def __init__(self) -> None:
        """Make ready; the session is opened by the first request, inside the running loop."""
        self._session: Any = None
        self._waits: defaultdict[str, Waits] = defaultdict(Waits)
        self._room = Room()

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
        room: Room | None = None,
    ) -> HttpReply:
        """Send one request by any method, once; see `post`.

        `room` is what its reply may take; by default what all replies share.
        """
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
                read = await read_body(response, on_begun=on_begun, room=room or self._room)
                return HttpReply(status=response.status, headers=response.headers, body=read)
        except _failures() as error:
            raise CallFailed(_fault_of(error, url=url, waiting=waiting)) from None

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
            read_bufsize=UNREAD,
            # Replies are a few KB: unpacking them would cost more than it saves.
            headers={"Accept-Encoding": "identity", "Content-Type": "application/json"},
            skip_auto_headers={"Accept"},
            auto_decompress=True,  # for the proxies that compress all the same
            raise_for_status=False,
        )
        return self._session


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


def _fault_of(error: Exception, *, url: str, waiting: OpenRequest) -> Fault:
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
        what = f"{waiting.verdict}; if it is only slow, raise timeout_s"
        return Fault(cause="transient", detail=f"{where}: {what}", silent=not waiting.drips)
    elif isinstance(error, TooLong):
        what = str(error)
    else:
        what = _how_it_broke(error)
    return Fault(cause="transient", detail=f"{where}: {what}", unreachable=unreachable)


_CUT = "the connection broke in the middle of the reply, or its parts aren't HTTP"


def _how_it_broke(error: Exception) -> str:
    aiohttp = _aiohttp()
    for kind, what in (
        (aiohttp.http_exceptions.ContentEncodingError, "the reply isn't packed as it says"),
        (aiohttp.http_exceptions.PayloadEncodingError, _CUT),
        (aiohttp.http_exceptions.HttpProcessingError, "the reply isn't HTTP"),
        (aiohttp.ClientPayloadError, _CUT),
        (aiohttp.ServerDisconnectedError, "the connection was closed before a reply"),
        (aiohttp.ClientResponseError, "the reply isn't HTTP"),
    ):
        if isinstance(error, kind) or isinstance(error.__cause__, kind):
            return what
    return "the connection broke"


@cache
def _failures() -> tuple[type[Exception], ...]:
    aiohttp = _aiohttp()
    unfit = aiohttp.http_exceptions.HttpProcessingError  # some come as they are
    return (aiohttp.ClientError, unfit, TooLong, TimeoutError, OSError, ValueError)
