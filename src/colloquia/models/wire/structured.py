"""Sending a reply's schema along, until the model turns out not to take one."""

from abc import ABC, abstractmethod

from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed


class Structured(ABC):
    """A backend that sends the schema while `_structured` holds, and drops it once refused."""

    _structured: bool

    @property
    def sends_schema(self) -> bool:
        """Whether a request's schema is sent along; no more once the model refused one."""
        return self._structured

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request with one attempt.

        Raises:
            CallFailed: with the attempt's fault.
        """
        if not (self._structured and request.reply_schema):
            return await self._send(request, schema=False)
        try:
            return await self._send(request, schema=True)
        except CallFailed as error:
            if not causes.is_about_schema(error.fault):
                raise
        self._structured = False  # this model takes no schema: from now on the prompt must do
        return await self._send(request, schema=False)

    @abstractmethod
    async def _send(self, request: ChatRequest, *, schema: bool) -> ChatReply:
        """Send the request once, with the reply's schema or without."""
