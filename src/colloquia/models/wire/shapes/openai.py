"""OpenAI's chat completions, which most servers and providers speak too."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from colloquia.core.ports import ChatReply, ToolSpec
from colloquia.core.types import Message, ToolCall
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.pieces import DONE
from colloquia.models.wire.replies import reply_of, usage_in
from colloquia.models.wire.shapes.shape import Dialect, ModelRequest, given
from colloquia.models.wire.tools import UNREADABLE, arguments_object

PATH = "/chat/completions"


def headers(request: ModelRequest, *, key: str | None) -> dict[str, str]:
    """Return the key as a bearer token."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def body(request: ModelRequest) -> dict[str, Any]:
    """Return the request as JSON."""
    dialect = request.dialect
    messages: Iterable[Message] = request.messages
    if dialect.skips_empty:
        messages = (m for m in messages if m.content or m.tool_calls or m.role == "tool")
    written = [message_of(message) for message in messages]
    if dialect.system != "system":
        for message in written:
            if message["role"] == "system":
                message["role"] = dialect.system
    return {"model": request.model, "messages": written, **settings(request)}


def settings(request: ModelRequest) -> dict[str, Any]:
    """Return all but model and messages, which is also what litellm's client is told."""
    dialect = request.dialect
    return given(
        {
            "temperature": request.temperature,
            "top_p": request.top_p,
            dialect.max_tokens: request.max_tokens,
            dialect.seed: request.seed,
            "response_format": _response_format(request.schema),
            "tools": [_tool(tool, dialect) for tool in request.tools] or None,
            "tool_choice": _tool_choice(request),
            "stream": request.stream or None,
            "stream_options": {"include_usage": True} if request.stream_usage else None,
        }
    )


def message_of(message: Message) -> dict[str, Any]:
    """Return a message as JSON."""
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id is not None:
        return plain | {"tool_call_id": message.tool_call_id}
    if message.tool_calls:
        plain["tool_calls"] = [_tool_call(call) for call in message.tool_calls]
        if not message.content:
            del plain["content"]
    return plain


def whole(pieces: Sequence[Any]) -> dict[str, Any]:
    """Return the body that a streamed reply would have been; see `ChatShape`."""
    parts: list[dict[str, Any]] = []
    stop = usage = None
    for piece in pieces:
        if piece == DONE:
            continue
        if piece.get("error"):
            return dict(piece)
        usage = piece.get("usage") or usage
        for choice in piece.get("choices") or ():
            parts.append(choice.get("delta") or choice.get("message") or {})
            stop = choice.get("finish_reason") or stop
    if parts and stop is None and DONE not in pieces:
        raise CallFailed(causes.broken_off())
    message = {"content": _gathered(parts, "content"), "tool_calls": _gathered_calls(parts)}
    for name in ("reasoning_content", "reasoning", "refusal"):
        message[name] = _gathered(parts, name)
    choices = [{"message": message, "finish_reason": stop}] if parts else []
    return {"choices": choices, "usage": usage}


def read(data: dict[str, Any]) -> ChatReply:
    """Return the reply in a parsed 200 body; see `ChatShape`."""
    choices = data.get("choices")
    if not choices:
        raise CallFailed(causes.empty("no choices"))
    choice = choices[0]
    message = choice["message"]
    content, refusal = message.get("content"), message.get("refusal")
    text = content if isinstance(content, str) else _joined(content)
    thought = message.get("reasoning_content") or message.get("reasoning") or _thought_in(content)
    usage = usage_in(data)
    stop = "content_filter" if refusal and not text else str(choice.get("finish_reason") or "stop")
    return reply_of(
        text or refusal or "",
        thought=thought if thought and isinstance(thought, str) else None,
        calls=message.get("tool_calls"),
        stop=stop,
        tokens_in=usage.get("prompt_tokens"),
        tokens_out=usage.get("completion_tokens"),
    )


def _gathered(parts: Sequence[dict[str, Any]], name: str) -> Any:
    """Return what the pieces say under a name: texts as one, lists of parts as one; else None."""
    said = [part[name] for part in parts if part.get(name)]
    if said and all(isinstance(piece, list) for piece in said):
        return [part for piece in said for part in piece]
    return "".join(piece for piece in said if isinstance(piece, str)) or None


def _gathered_calls(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tool calls: each begins with an id and a name, its arguments come in pieces."""
    calls: list[dict[str, Any]] = []
    places: dict[int, dict[str, Any]] = {}
    for piece in (call for part in parts for call in part.get("tool_calls") or ()):
        place, told = piece.get("index") or 0, piece.get("function") or {}
        call = places.get(place)
        if call is None or (told.get("name") and piece.get("id") not in (None, call["id"])):
            call = {"id": piece.get("id"), "function": {"name": "", "arguments": ""}}
            places[place] = call
            calls.append(call)
        call["function"]["name"] += told.get("name") or ""
        given = told.get("arguments") or ""
        call["function"]["arguments"] += given if isinstance(given, str) else json.dumps(given)
    return calls


def _response_format(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    if schema is None:
        return None
    # Not strict: OpenAI's strict mode takes only a part of JSON Schema, and agents check anyway.
    named = {"name": "reply", "schema": schema, "strict": False}
    return {"type": "json_schema", "json_schema": named}


def _tool(tool: ToolSpec, dialect: Dialect) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": _opened(tool.parameters) if dialect.open_tools else tool.parameters,
    }
    if tool.strict and not dialect.open_tools:
        function["strict"] = True
    return {"type": "function", "function": function}


def _opened(schema: Any) -> Any:
    match schema:
        case dict():
            shut = ("additionalProperties", "strict")
            return {key: _opened(value) for key, value in schema.items() if key not in shut}
        case list():
            return [_opened(value) for value in schema]
        case _:
            return schema


def _tool_choice(request: ModelRequest) -> str | dict[str, Any] | None:
    match request.tool_choice:
        case "auto":
            return None
        case "required":
            return request.dialect.any_tool
        case "none":
            return "none"
        case name:
            return {"type": "function", "function": {"name": name}}


def _tool_call(call: ToolCall) -> dict[str, Any]:
    arguments = arguments_object(call.arguments)
    unreadable = UNREADABLE in arguments
    written = json.dumps(arguments, ensure_ascii=False) if unreadable else call.arguments
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": written},
    }


def _joined(content: Any) -> str:
    """Some servers answer in parts, as multimodal requests are written."""
    parts = content if isinstance(content, list) else []
    return "".join(part.get("text") or "" for part in parts if part.get("type") == "text")


def _thought_in(content: Any) -> str:
    """Mistral's models that reason answer in parts, and the first is their thought."""
    parts = content if isinstance(content, list) else []
    return "".join(_joined(part["thinking"]) for part in parts if part.get("type") == "thinking")
