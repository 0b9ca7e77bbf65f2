"""A provider's model over our own connections: its shape writes, we send, its shape reads."""

import json
import time
from dataclasses import replace

from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed
from colloquia.models.faults.redactor import redact
from colloquia.models.ledger.prices import with_cost
from colloquia.models.pace.clock import Clock, RealClock
from colloquia.models.pace.permit import permit_of_this_call
from colloquia.models.wire.bodies import HttpReply
from colloquia.models.wire.replies import in_shape, read_reply
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.shapes.shape import ChatShape
from colloquia.models.wire.structured import Structured
from colloquia.models.wire.transport import SILENCE_S, Transport

# After so many quick replies in a row they are asked for whole: nothing there is slow enough to be
# taken for silence, and each piece costs CPU. The first that takes longer is the last one whole.
QUICK_S = 5.0
QUICK_REPLIES = 256


class HttpModel(Structured):
    """One model at one endpoint; a raw backend, which tries once."""

    def __init__(
        self,
        resolved: ResolvedModel,
        *,
        shape: ChatShape,
        transport: Transport,
        clock: Clock | None = None,
    ) -> None:
        """Make ready; nothing is sent."""
        self.name = resolved.options.model
        self._resolved = resolved
        self._shape = shape
        self._transport = transport
        self._clock = clock or RealClock()
        self._structured = resolved.structured
        self._streams = resolved.streams
        self._quick = 0  # replies in a row that took no time to speak of
        root = (resolved.base or "").rstrip("/")
        self._url = root if root.endswith(shape.PATH) else root + shape.PATH

    async def close(self) -> None:
        """Nothing of its own; the transport is closed by who made it."""

    async def _send(self, request: ChatRequest, *, schema: bool, stream: bool) -> ChatReply:
        stream = stream and self._quick < QUICK_REPLIES
        wanted = self._resolved.own_request(request, schema=schema, stream=stream)
        began_s = time.monotonic()
        try:
            http = await self._transport.post(
                self._url,
                headers=self._shape.headers(wanted, key=self._resolved.key),
                body=_encode(self._shape.body(wanted)).encode("utf-8", "replace"),
                timeout_s=self._resolved.options.timeout_s or SILENCE_S,
                on_begun=permit_of_this_call().heard,
            )
            self._quick = self._quick + 1 if time.monotonic() - began_s < QUICK_S else 0
            reply = self._reply_in(http)
        except CallFailed as error:
            clean = replace(error.fault, detail=redact(error.fault.detail))
            raise CallFailed(clean) from None
        if stream and reply.tokens_out is None and self._resolved.price is not None:
            self._streams = False  # it tells no usage in a stream, and that is worth more
        return with_cost(reply, self._resolved.price)

    def _reply_in(self, http: HttpReply) -> ChatReply:
        date = self._clock.date()
        if http.status != 200:
            body = http.json_or_text()
            fault = causes.of_status(http.status, body, headers=http.headers, date=date)
            raise CallFailed(fault)
        data = in_shape(self._shape.whole, http.pieces()) if http.is_streamed else http.json()
        return read_reply(self._shape.read, data, headers=http.headers, date=date)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
