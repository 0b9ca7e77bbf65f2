"""Both ways between AutoGen's model clients and our port.

`FromAutogen` puts any AutoGen `ChatCompletionClient` behind our port, so that its calls get the
ledger, limiter, breaker and retries; `AsAutogen` is one of our models as such a client, so that an
AutoGen agent in the graph goes through all of that too. Text only: an agent with tools keeps a
client of its own.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelCapabilities,
    ModelFamily,
    ModelInfo,
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from colloquia.core.ports import ChatModel, ChatReply, ChatRequest, StopReason
from colloquia.core.types import Message
from colloquia.models import causes
from colloquia.models.errors import CallFailed, Fault, ModelError
from colloquia.models.redactor import redact

_STOPS: dict[str, StopReason] = {"length": "length", "content_filter": "content_filter"}
CHARS_PER_TOKEN = 4  # English prose; AutoGen asks only to trim long contexts
CONTEXT_TOKENS = 128_000


class FromAutogen:
    """An AutoGen client as a raw backend, which tries once; switch the client's own retries off."""

    def __init__(self, client: ChatCompletionClient, *, name: str) -> None:
        """Wrap a client under the name that the recipe uses."""
        self.name = name
        self._client = client

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request with one attempt.

        Raises:
            CallFailed: with the attempt's fault.
        """
        extra = {
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "seed": request.seed,
        }
        try:
            result = await self._client.create(
                [_to_autogen(message) for message in request.messages],
                extra_create_args={key: given for key, given in extra.items() if given is not None},
            )
        except Exception as error:  # each client raises its library's own
            raise CallFailed(_fault_of(error)) from None  # its text may hold a key
        return ChatReply(
            text=result.content if isinstance(result.content, str) else "",
            thought=result.thought,
            stop=_STOPS.get(result.finish_reason, "stop"),
            tokens_in=result.usage.prompt_tokens or None,
            tokens_out=result.usage.completion_tokens or None,
        )

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()


class AsAutogen(ChatCompletionClient):
    """One of our models as an AutoGen client."""

    component_type = "model"
    component_config_schema = BaseModel

    def __init__(self, model: ChatModel, *, role: str = "guest") -> None:
        """Speak for a model; `role` is written on every request."""
        self._model = model
        self._role = role
        self._used = RequestUsage(prompt_tokens=0, completion_tokens=0)

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = (),
        tool_choice: Tool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] = {},  # AutoGen's signature
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """Answer a chat.

        Raises:
            ModelError: tools were given.
        """
        if tools:
            raise ModelError(f"model {self._model.name!r} takes no tools; give the agent a client")
        typed = isinstance(json_output, type) and issubclass(json_output, BaseModel)
        reply = await self._model.complete(
            ChatRequest(
                role=self._role,
                prompt=f"{self._role}@autogen",
                messages=tuple(_from_autogen(message) for message in messages),
                reply_schema=json_output.model_json_schema() if typed else None,  # type: ignore[union-attr]
                temperature=extra_create_args.get("temperature"),
                max_tokens=extra_create_args.get("max_tokens"),
                seed=extra_create_args.get("seed"),
            )
        )
        usage = RequestUsage(
            prompt_tokens=reply.tokens_in or 0, completion_tokens=reply.tokens_out or 0
        )
        self._used.prompt_tokens += usage.prompt_tokens
        self._used.completion_tokens += usage.completion_tokens
        return CreateResult(
            finish_reason=reply.stop,
            content=reply.text,
            usage=usage,
            cached=False,
            thought=reply.thought,
        )

    async def create_stream(
        self, messages: Sequence[LLMMessage], **settings: Any
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Answer a chat in one piece: what is checked and paid for as a whole comes as a whole."""
        result = await self.create(messages, **settings)
        assert isinstance(result.content, str)
        yield result.content
        yield result

    async def close(self) -> None:
        """Leave the model open: whoever made it closes it."""

    def actual_usage(self) -> RequestUsage:
        """Return the tokens used."""
        return RequestUsage(**vars(self._used))

    def total_usage(self) -> RequestUsage:
        """Return the tokens used."""
        return self.actual_usage()

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """Return about how many tokens the messages are."""
        return sum(len(_from_autogen(message).content) for message in messages) // CHARS_PER_TOKEN

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """Return about how many tokens a usual context still holds."""
        return CONTEXT_TOKENS - self.count_tokens(messages)

    @property
    def capabilities(self) -> ModelCapabilities:
        """AutoGen's older name for `model_info`."""
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        """What the model can do."""
        return ModelInfo(
            vision=False,
            function_calling=False,
            json_output=True,
            family=ModelFamily.UNKNOWN,
            structured_output=True,
            multiple_system_messages=True,
        )


def _to_autogen(message: Message) -> LLMMessage:
    match message.role:
        case "system":
            return SystemMessage(content=message.content)
        case "user":
            return UserMessage(content=message.content, source="user")
        case "assistant":
            return AssistantMessage(content=message.content, source="assistant")


def _from_autogen(message: LLMMessage) -> Message:
    if not isinstance(message.content, str):
        raise ModelError("only text is sent on; images and tool calls need a client of their own")
    roles: dict[str, Literal["system", "user", "assistant"]] = {
        "SystemMessage": "system",
        "AssistantMessage": "assistant",
    }
    return Message(role=roles.get(message.type, "user"), content=message.content)


def _fault_of(error: Exception) -> Fault:
    detail = " ".join(redact(str(error)).split())[: causes.SHOWN_CHARS] or type(error).__name__
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return Fault(cause="transient", detail=detail)
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    fault = causes.of_status(status, {"error": {"message": detail}}, headers=headers)
    return fault
