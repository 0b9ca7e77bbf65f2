"""What a provider's batch interface offers, whatever its shape, and how it is spoken to.

litellm can hand in OpenAI's batches but not Anthropic's, sends a request that makes one a second
time when the reply is late, and fetches results again for an estimate of its own. What is paid for
hangs on these requests, so they are ours, over the session that all models share.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Protocol

from colloquia.core.ports import ChatReply
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.faults.redactor import redact
from colloquia.models.pace.clock import Clock
from colloquia.models.wire.bodies import HttpReply, Room
from colloquia.models.wire.pieces import parsed_json
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.shapes.shape import ChatShape, ModelRequest
from colloquia.models.wire.transport import Transport

TIMEOUT_S = 600.0  # a file of 100 MB over a slow line
MB = 2**20
LONGEST_FILE = 256 * MB  # of a batch's results, which are read one file after the other
NOT_IN_TIME = Fault(cause="rate_limit", detail="the batch ended before this request was answered")
LEFT_OUT = Fault(cause="transient", detail="the batch's results have no line for this request")

Outcome = ChatReply | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """One request of a batch, by a name of ours that comes back with its result."""

    custom_id: str
    request: ModelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A batch as it was when looked at."""

    ended: bool
    done: int = 0
    """How many of its requests have a result."""
    results: tuple[str, ...] = ()
    """Paths of what holds the results, once it has ended."""
    cut_short: bool = False
    """Whether it expired or was cancelled, so that requests without a result cost nothing."""
    refused: Fault | None = None
    """Why the provider takes the batch as a whole for no good."""


class BatchDesk(Protocol):
    """One model's batches at one provider. Everything is tried once.

    All methods raise CallFailed with the fault of what they tried.
    """

    marks: bool
    """Whether a batch carries its mark, so that `find` is sure."""

    @property
    def worked(self) -> bool:
        """Whether the endpoint ever did what was asked."""
        ...

    async def upload(self, mark: str, lines: Sequence[BatchRequest]) -> bytes:
        """Send what can be sent ahead of `create`, which has no effect alone; returns its body."""
        ...

    async def create(self, body: bytes, lines: Sequence[BatchRequest]) -> str:
        """Make a batch, and return its id; from now on it is paid for."""
        ...

    async def find(self, mark: str, *, since: float, requests: int) -> list[str]:
        """Return the batches that may be the one with this mark, the likeliest first.

        Args:
            mark: what `upload` was told.
            since: when it was made at the earliest, in seconds since 1970.
            requests: how many it has.
        """
        ...

    async def look(self, remote_id: str) -> Sighting:
        """Return how far a batch has come."""
        ...

    async def results(self, path: str) -> dict[str, Outcome]:
        """Return what a path of `Sighting.results` holds, by custom id."""
        ...


class BatchHttp:
    """Requests to one model's provider, and their faults."""

    def __init__(self, resolved: ResolvedModel, *, transport: Transport, clock: Clock) -> None:
        """Make ready; nothing is sent."""
        shape = resolved.route.shape
        assert shape is not None, "a route with batches has a shape"
        self.shape: ChatShape = shape
        self.clock = clock
        self.worked = False
        """Whether the endpoint ever did what was asked."""
        self._resolved = resolved
        self._transport = transport
        self._root = (resolved.base or "").rstrip("/").removesuffix(shape.PATH)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        request: ModelRequest | None = None,
        room: Room | None = None,
    ) -> HttpReply:
        """Send one request and return its reply, which is a 200.

        Args:
            method: as HTTP has it.
            path: behind the API's root.
            body: what to send.
            headers: beside those with key and version.
            request: one whose features the headers ask for.
            room: what the reply may take; by default as much as any.

        Raises:
            CallFailed: with the attempt's fault, its detail free of keys.
        """
        plain = request or ModelRequest(model=self._resolved.model, messages=())
        own = self.shape.headers(plain, key=self._resolved.key)
        try:
            reply = await self._transport.send(
                method,
                self._root + path,
                headers={**own, **(headers or {})},
                body=body,
                timeout_s=TIMEOUT_S,
                room=room,
            )
            if reply.status != 200:
                raise CallFailed(self.fault_of(reply.status, reply.json_or_text(), reply.headers))
        except CallFailed as error:
            raise CallFailed(replace(error.fault, detail=redact(error.fault.detail))) from None
        self.worked = True
        return reply

    async def ask_json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Send one request and return the object in its reply; see `ask`."""
        told = (await self.ask(method, path, **more)).json()
        if not isinstance(told, dict):
            raise CallFailed(causes.empty("no object"))
        return told

    async def ask_lines(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Fetch a file of results and yield the object on each of its lines.

        Raises:
            CallFailed: it can't be had, or a line is no object: it was cut, and can be asked for
                again.
        """
        room = Room(each=LONGEST_FILE, together=LONGEST_FILE)
        reply = await self.ask("GET", path, room=room)
        for line in BytesIO(reply.body):
            if line.strip():
                told = parsed_json(line, status=reply.status)
                if not isinstance(told, dict):
                    raise CallFailed(causes.empty("a line that is no object"))
                yield told

    def fault_of(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> Fault:
        """Return why a request or a line of a batch failed."""
        return causes.of_status(status, body, headers=headers or {}, date=self.clock.date())


def jsonl(lines: Iterable[Any]) -> bytes:
    """Write one JSON value a line."""
    return "\n".join(map(_encode, lines)).encode("utf-8", "replace")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
