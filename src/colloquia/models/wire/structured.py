"""What is asked for until a model turns out not to have it: a reply's schema, a reply in pieces."""

from abc import ABC, abstractmethod

from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed


class Structured(ABC):
    """A backend that sends schemas, asks for streams, and leaves out for good what is refused."""

    _structured: bool
    _streams: bool

    @property
    def sends_schema(self) -> bool:
        """Whether a request's schema is sent along; no more once the model refused one."""
        return self._structured

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request with one attempt.

        Raises:
            CallFailed: with the attempt's fault.
        """
        while True:
            schema, stream = self._structured and bool(request.reply_schema), self._streams
            try:
                return await self._send(request, schema=schema, stream=stream)
            except CallFailed as error:
                if schema and causes.is_about_schema(error.fault):
                    self._structured = False  # from now on the prompt must do
                elif stream and causes.is_about_streaming(error.fault):
                    self._streams = False
                else:
                    raise

    @abstractmethod
    async def _send(self, request: ChatRequest, *, schema: bool, stream: bool) -> ChatReply:
        """Send the request once, with the reply's schema or without, in pieces or whole."""
