"""Both ways between AutoGen's model clients and our port.

`FromAutogen` puts any AutoGen `ChatCompletionClient` behind our port, so that its calls get the
ledger, limiter, breaker and retries; `AsAutogen` is one of our models as such a client, so that an
AutoGen agent goes through all of that too. Tools and their calls go both ways; images don't.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelCapabilities,
    ModelFamily,
    ModelInfo,
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel, ValidationError

from colloquia.core.ports import ChatModel, ChatReply, ChatRequest, StopReason, ToolSpec
from colloquia.core.types import Message, ToolCall
from colloquia.core.wording import misfit
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault, ModelError
from colloquia.models.faults.redactor import redact
from colloquia.models.wire.thoughts import thought_apart
from colloquia.models.wire.tools import arguments_text

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
            ModelError: the client takes no tools.
        """
        if request.tools and not self._client.model_info["function_calling"]:
            raise ModelError(f"model {self.name!r} takes no tools, says its model_info")
        extra = {
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "seed": request.seed,
        }
        try:
            result = await self._client.create(
                list(_to_autogen(request.messages)),
                **_tools_to_autogen(request),
                extra_create_args={key: given for key, given in extra.items() if given is not None},
            )
        except Exception as error:  # each client raises its library's own
            raise CallFailed(_fault_of(error)) from None  # its text may hold a key
        said = result.content if isinstance(result.content, str) else ""
        aloud = thought_apart(said)
        return ChatReply(
            text=aloud.answer if aloud else said,
            thought=result.thought or (aloud.thought if aloud else None),
            tool_calls=_calls_of(result.content),
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
            ModelError: an image, or a tool whose name no provider takes.
        """
        typed = isinstance(json_output, type) and issubclass(json_output, BaseModel)
        reply = await self._model.complete(
            ChatRequest(
                role=self._role,
                prompt=f"{self._role}@autogen",
                messages=tuple(_all_from_autogen(messages)),
                reply_schema=json_output.model_json_schema() if typed else None,  # type: ignore[union-attr]
                tools=tuple(_tool_from_autogen(tool) for tool in tools),
                tool_choice=tool_choice if isinstance(tool_choice, str) else tool_choice.name,
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
        calls = _function_calls(reply.tool_calls)
        return CreateResult(
            finish_reason="function_calls" if calls else reply.stop,
            content=calls or reply.text,
            usage=usage,
            cached=False,
            # AutoGen sends it back as what the assistant said beside its calls.
            thought=reply.text or None if calls else reply.thought,
        )

    async def create_stream(
        self, messages: Sequence[LLMMessage], **settings: Any
    ) -> AsyncGenerator[str | CreateResult, None]:
        """Answer a chat in one piece: what is checked and paid for as a whole comes as a whole."""
        result = await self.create(messages, **settings)
        if isinstance(result.content, str):
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
        """Return about how many tokens messages and tools are."""
        texts = [message.model_dump_json() for message in _all_from_autogen(messages)]
        texts += [_tool_from_autogen(tool).model_dump_json() for tool in tools]
        return sum(map(len, texts)) // CHARS_PER_TOKEN

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """Return about how many tokens a usual context still holds."""
        return CONTEXT_TOKENS - self.count_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> ModelCapabilities:
        """AutoGen's older name for `model_info`."""
        return self.model_info

    @property
    def model_info(self) -> ModelInfo:
        """What the model can do."""
        return ModelInfo(
            vision=False,
            function_calling=getattr(self._model, "calls_tools", True),
            json_output=True,
            family=ModelFamily.UNKNOWN,
            structured_output=True,
            multiple_system_messages=True,
        )


def _to_autogen(messages: Sequence[Message]) -> Iterator[LLMMessage]:
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    for message in messages:
        match message.role:
            case "system":
                yield SystemMessage(content=message.content)
            case "user":
                yield UserMessage(content=message.content, source="user")
            case "assistant" if message.tool_calls:
                calls = _function_calls(message.tool_calls)
                said = message.content or None
                yield AssistantMessage(content=calls, thought=said, source="assistant")
            case "assistant":
                yield AssistantMessage(content=message.content, source="assistant")
            case "tool":
                called = message.tool_call_id or ""
                result = FunctionExecutionResult(
                    content=message.content, name=names.get(called, ""), call_id=called
                )
                yield FunctionExecutionResultMessage(content=[result])


def _tools_to_autogen(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    choice, tools = request.tool_choice, request.tools
    if choice not in ("auto", "required", "none"):  # AutoGen names a tool by the object that it is
        choice, tools = "required", tuple(tool for tool in tools if tool.name == choice)
    return {"tools": [tool.model_dump() for tool in tools], "tool_choice": choice}


def _function_calls(calls: Sequence[ToolCall]) -> list[FunctionCall]:
    return [FunctionCall(id=call.id, name=call.name, arguments=call.arguments) for call in calls]


def _calls_of(content: str | Sequence[FunctionCall]) -> tuple[ToolCall, ...]:
    calls = () if isinstance(content, str) else content
    return tuple(
        ToolCall(id=call.id, name=call.name, arguments=arguments_text(call.arguments))
        for call in calls
    )


def _all_from_autogen(messages: Sequence[LLMMessage]) -> Iterator[Message]:
    for message in messages:
        match message:
            case SystemMessage():
                yield Message(role="system", content=message.content)
            case AssistantMessage():
                calls = _calls_of(message.content)
                said = message.content if isinstance(message.content, str) else message.thought
                yield Message(role="assistant", content=said or "", tool_calls=calls)
            case FunctionExecutionResultMessage():
                for result in message.content:
                    yield Message(role="tool", content=result.content, tool_call_id=result.call_id)
            case UserMessage():
                yield Message(role="user", content=_text_of(message))


def _text_of(message: UserMessage) -> str:
    parts = [message.content] if isinstance(message.content, str) else message.content
    if not all(isinstance(part, str) for part in parts):
        raise ModelError("only text is sent on; an image needs a client of the agent's own")
    return "\n".join(str(part) for part in parts)


def _tool_from_autogen(tool: Tool | ToolSchema) -> ToolSpec:
    schema = tool.schema if isinstance(tool, Tool) else tool
    try:
        return ToolSpec.model_validate(dict(schema))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ModelError(f"tool {schema['name']!r}: {where}: {misfit(problem)}") from None


def _fault_of(error: Exception) -> Fault:
    detail = " ".join(redact(str(error)).split())[: causes.SHOWN_CHARS] or type(error).__name__
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return Fault(cause="transient", detail=detail)
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    fault = causes.of_status(status, {"error": {"message": detail}}, headers=headers)
    return fault
