"""The wire: one shared, tuned aiohttp session for every chat completion that we send ourselves.

It sends bytes and returns bytes. A status is not judged here; what keeps a whole reply from coming
back is: `CallFailed` with a transient fault.
"""

import asyncio
import importlib
import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault

CONNECT_S = 5.0
READ_S = 30.0
READ_PER_TOKEN_S = 0.1  # ten tokens a second is slow even for a laptop
LONGEST_READ_S = 300.0
# Below the 5 s after which uvicorn (vLLM) drops an idle connection: a request on a connection that
# the other side is just closing would fail for nothing.
KEEPALIVE_S = 4.0


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

    def json_or_text(self) -> Any:
        """Return the parsed body, or its text where it isn't JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


def read_timeout(max_tokens: int | None) -> float:
    """Return how long a reply of that length may take, in seconds."""
    return min(LONGEST_READ_S, READ_S + READ_PER_TOKEN_S * (max_tokens or 1024))


class Transport:
    """Sends requests; made once per run and shared by all models."""

    def __init__(self) -> None:
        """Make ready; the session is opened by the first request, inside the running loop."""
        self._session: Any = None

    async def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpReply:
        """Send one request, once.

        Raises:
            CallFailed: no whole reply came back; a transient fault.
        """
        return await self.send("POST", url, headers=headers, body=body, timeout_s=timeout_s)

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        timeout_s: float,
    ) -> HttpReply:
        """Send one request by any method, once; see `post`."""
        aiohttp = _aiohttp()
        session = self._session or self._open_session()
        try:
            async with session.request(
                method,
                _parsed_url(url),
                data=body,
                headers=headers,
                timeout=_client_timeout(timeout_s),
                proxy=_proxy_for(url),
                allow_redirects=False,
            ) as response:
                return HttpReply(
                    status=response.status, headers=response.headers, body=await response.read()
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise CallFailed(_fault_of(error, url=url, timeout_s=timeout_s)) from None

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


@lru_cache(maxsize=64)
def _client_timeout(total_s: float) -> Any:
    # One timer for a request: a further one between reads would go off no sooner.
    return _aiohttp().ClientTimeout(total=total_s, sock_connect=CONNECT_S)


@lru_cache(maxsize=64)
def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for this URL, asked once and not per call."""
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _fault_of(error: Exception, *, url: str, timeout_s: float) -> Fault:
    """Say what happened; never quotes the exception, whose repr may hold headers."""
    aiohttp = _aiohttp()
    where = "{0.scheme}://{0.netloc}".format(urlsplit(url))
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
        what = f"no reply within {timeout_s:.0f} s"
    elif isinstance(error, aiohttp.ClientPayloadError):
        what = "the connection broke in the middle of the reply"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        what = "the connection was closed before a reply"
    elif isinstance(error, aiohttp.ClientResponseError):
        what = "the reply isn't HTTP"
    else:
        what = "the connection broke"
    return Fault(cause="transient", detail=f"{where}: {what}", unreachable=unreachable)
