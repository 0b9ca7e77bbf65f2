"""A litellm provider's model through litellm's own client: slower, and able to reach them all.

Used where a provider signs requests, trades tokens or speaks an API of its own. litellm's retries
are off, and what it raises is judged by the same table as everything else.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from colloquia.core.clock import Clock, RealClock
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.faults.redactor import redact
from colloquia.models.ledger.prices import cost_usd
from colloquia.models.wire.frame import small_seed
from colloquia.models.wire.litellm_door import Resolved, import_litellm
from colloquia.models.wire.litellm_model import sampling_of
from colloquia.models.wire.replies import read_reply
from colloquia.models.wire.structured import Structured
from colloquia.models.wire.tools import sent_message
from colloquia.models.wire.transport import read_timeout

NO_KEY = "none"  # for servers without keys; some clients inside litellm refuse to send nothing


class LitellmClientModel(Structured):
    """One model behind litellm's client; a raw backend, which tries once."""

    def __init__(self, resolved: Resolved, *, clock: Clock | None = None) -> None:
        """Make ready; nothing is sent."""
        self.name = resolved.options.model
        self._resolved = resolved
        self._clock = clock or RealClock()
        self._structured = resolved.structured

    async def close(self) -> None:
        """Close the clients that litellm keeps for the whole process."""
        await import_litellm().close_litellm_async_clients()

    async def _ask(self, request: ChatRequest, *, schema: bool) -> ChatReply:
        resolved = self._resolved
        sampling = sampling_of(request, resolved=resolved, schema=schema)
        try:
            response = await import_litellm().acompletion(
                model=resolved.options.model,
                messages=[sent_message(message) for message in request.messages],
                api_base=resolved.options.api_base,
                api_key=resolved.key or (NO_KEY if resolved.options.api_base else None),
                drop_params=True,
                max_retries=0,
                num_retries=0,
                timeout=resolved.options.timeout_s or read_timeout(request.max_tokens),
                **sampling.arguments(seed=small_seed(request.seed)),
            )
        except Exception as error:  # whatever the provider's library raises
            raise CallFailed(self._fault_of(error)) from None  # its text may hold a key
        reply = read_reply("openai", response.model_dump(), headers={}, date=self._clock.date())
        return reply.model_copy(update={"cost_usd": cost_usd(resolved.price, reply)})

    def _fault_of(self, error: Exception) -> Fault:
        detail = redact(str(error))
        chain = {type(cause).__name__ for cause in _chain(error)}
        if chain & _UNREACHABLE:
            return Fault(cause="transient", detail=detail, unreachable=True)
        if "Exception" in chain:  # bare: litellm found an error inside a 200
            return causes.of_error_body({"message": detail}, headers={})
        status = getattr(error, "status_code", None)
        if chain & _BROKEN or not isinstance(status, int):
            return Fault(cause="transient", detail=detail)
        body = {"error": {"message": detail}}
        headers = _headers_of(error)
        return causes.of_status(status, body, headers=headers, date=self._clock.date())


_UNREACHABLE = frozenset({"ConnectError", "ConnectTimeout", "ClientConnectorError"})
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


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _headers_of(error: Exception) -> Mapping[str, str]:
    response: Any = getattr(error, "response", None)
    kept = getattr(error, "litellm_response_headers", None) or getattr(error, "headers", None)
    return kept or getattr(response, "headers", None) or {}
