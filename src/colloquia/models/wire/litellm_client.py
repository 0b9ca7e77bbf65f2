"""A litellm provider's model through litellm's own client: slower, and able to reach them all.

Used where a provider signs requests, trades tokens or speaks an API of its own. litellm's retries
are off, and what it raises is judged by the same table as everything else.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from typing import Any

from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault, ModelError
from colloquia.models.faults.redactor import redact
from colloquia.models.ledger.prices import with_cost
from colloquia.models.pace.clock import Clock, RealClock
from colloquia.models.pace.permit import permit_of_this_call
from colloquia.models.wire.bodies import TooLong
from colloquia.models.wire.litellm_bounds import bounded
from colloquia.models.wire.providers import import_litellm
from colloquia.models.wire.replies import read_reply
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.shapes import openai
from colloquia.models.wire.silence import SILENCES
from colloquia.models.wire.structured import Structured
from colloquia.models.wire.transport import SILENCE_S

NO_KEY = "none"  # for servers without keys; some clients inside litellm refuse to send nothing


class LitellmClientModel(Structured):
    """One model behind litellm's client; a raw backend, which tries once."""

    def __init__(self, resolved: ResolvedModel, *, clock: Clock | None = None) -> None:
        """Make ready; nothing is sent."""
        self.name = resolved.options.model
        self._resolved = resolved
        self._clock = clock or RealClock()
        self._structured = resolved.structured
        self._streams = resolved.streams

    async def close(self) -> None:
        """Close the clients that litellm keeps for the whole process."""
        await import_litellm().close_litellm_async_clients()

    async def _send(self, request: ChatRequest, *, schema: bool, stream: bool) -> ChatReply:
        resolved = self._resolved
        wanted = resolved.plain_request(request, schema=schema, stream=stream)
        silence_s = resolved.options.timeout_s or SILENCE_S
        litellm = import_litellm()
        try:
            with bounded():
                async with asyncio.timeout(SILENCES * silence_s):  # a reply may come drop by drop
                    response = await litellm.acompletion(
                        model=resolved.options.model,
                        messages=[openai.message_of(message) for message in request.messages],
                        api_base=resolved.options.api_base,
                        api_key=resolved.key or (NO_KEY if resolved.options.api_base else None),
                        drop_params=True,
                        max_retries=0,
                        num_retries=0,
                        timeout=silence_s,
                        **openai.settings(wanted),
                    )
                    data = await _gathered(response) if stream else response.model_dump()
        except CallFailed:
            raise
        except TimeoutError:
            what = f"no whole reply within {SILENCES * silence_s:g} s"
            raise CallFailed(Fault(cause="transient", detail=what)) from None
        except Exception as error:  # whatever the provider's library raises
            self._stop_if_incomplete(error)
            raise CallFailed(self._fault_of(error)) from None  # its text may hold a key
        reply = read_reply(openai.read, data, headers={}, date=self._clock.date())
        return with_cost(reply, resolved.price)

    def _stop_if_incomplete(self, error: Exception) -> None:
        """Raise where litellm lacks a package: from 1.106 to 1.108 mcp for tools, boto3 at AWS."""
        for cause in _chain(error):
            if isinstance(cause, ModuleNotFoundError) and cause.name:
                package = cause.name.partition(".")[0]
                fix = f"litellm needs the package {package!r} for this; run: pip install {package}"
                raise ModelError(f"model {self.name!r}: {fix}") from None

    def _fault_of(self, error: Exception) -> Fault:
        if long := next((one for one in _chain(error) if isinstance(one, TooLong)), None):
            return Fault(cause="transient", detail=str(long))
        detail = redact(str(error))
        chain = {type(cause).__name__ for cause in _chain(error)}
        if chain & _UNREACHABLE:
            return Fault(cause="transient", detail=detail, unreachable=True)
        if "Exception" in chain:  # bare: litellm found an error inside a 200
            return causes.of_error_body({"message": detail}, headers={})
        status = getattr(error, "status_code", None)
        if chain & _BROKEN or not isinstance(status, int):
            return Fault(cause="transient", detail=detail, silent=bool(chain & _SILENT))
        body = {"error": {"message": detail}}
        headers = _headers_of(error)
        return causes.of_status(status, body, headers=headers, date=self._clock.date())


_UNREACHABLE = frozenset({"ConnectError", "ConnectTimeout", "ClientConnectorError"})
_SILENT = frozenset({"ReadTimeout", "Timeout"})
_BROKEN = frozenset(
    {
        "APIResponseValidationError",
        "JSONDecodeError",
        "ReadError",
        "ReadTimeout",
        "RemoteProtocolError",
        "ServerDisconnectedError",
        "Timeout",
    }
)


async def _gathered(stream: Any) -> dict[str, Any]:
    """Return the body that the pieces make together; usage only where the provider told it."""
    pieces = []
    async with aclosing(stream):
        async for piece in stream:
            permit_of_this_call().heard()
            pieces.append(piece)
    if not pieces:
        raise CallFailed(causes.empty("nothing"))
    body: dict[str, Any] = import_litellm().stream_chunk_builder(pieces).model_dump()
    if not any(getattr(piece, "usage", None) for piece in pieces):
        body["usage"] = None  # litellm's own count
    return body


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _headers_of(error: Exception) -> Mapping[str, str]:
    response: Any = getattr(error, "response", None)
    kept = getattr(error, "litellm_response_headers", None) or getattr(error, "headers", None)
    return kept or getattr(response, "headers", None) or {}
