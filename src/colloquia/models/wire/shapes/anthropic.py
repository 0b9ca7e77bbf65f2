"""Anthropic's messages: instructions apart, roles that take turns, blocks instead of texts."""

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from typing import Any

from colloquia.core.ports import ChatReply, ToolSpec
from colloquia.core.types import Message
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.replies import reply_of, token_count, usage_in
from colloquia.models.wire.shapes.shape import ModelRequest, given
from colloquia.models.wire.tools import arguments_object

PATH = "/v1/messages"

_VERSION = "2023-06-01"
_FORMATS_OUTPUT = "structured-outputs-2025-11-13"
_REPLY_TOOL = "json_tool_call"  # stands for the reply, where its schema has no field of its own
_EMPTY = "(empty)"  # a text of nothing but space is refused
# A request whose messages hold calls is refused without tools.
_NO_TOOL = ToolSpec(name="none", description="There is nothing to call.")
_CHOICES = {"required": "any", "none": "none"}


def headers(request: ModelRequest, *, key: str | None) -> dict[str, str]:
    """Return the key, the API's version and the one feature that is asked for apart."""
    formatted = request.schema is not None and request.dialect.formats_output
    named = {"anthropic-version": _VERSION, "x-api-key": key}
    return given(named | {"anthropic-beta": _FORMATS_OUTPUT if formatted else None})


def body(request: ModelRequest) -> dict[str, Any]:
    """Return the request as JSON."""
    instructions = [m.content for m in request.messages if m.role == "system" and m.content]
    written = {
        "model": request.model,
        "max_tokens": request.max_tokens or request.dialect.longest_reply,
        "system": [_text(content) for content in instructions] or None,
        "messages": _turns(request),
        "temperature": request.temperature,
        "top_p": request.top_p,
        "tools": _tools(request) or None,
        "tool_choice": _tool_choice(request.tool_choice),
        "stream": request.stream or None,
    }
    return given(written | _held_to_schema(request))


def whole(pieces: Sequence[Any]) -> dict[str, Any]:
    """Return the body that a streamed reply would have been; see `ChatShape`."""
    message: dict[str, Any] = {"content": None, "usage": {}}
    blocks: dict[int, dict[str, Any]] = {}
    for piece in pieces:
        match piece["type"]:
            case "error":
                return dict(piece)
            case "message_start":
                message |= piece["message"]
            case "content_block_start":
                blocks[piece["index"]] = dict(piece["content_block"])
            case "content_block_delta":
                _append(blocks[piece["index"]], piece["delta"])
            case "message_delta":
                message |= given(piece["delta"])
                message["usage"] = message["usage"] | given(piece.get("usage") or {})
    if not message.get("stop_reason") and not any(p["type"] == "message_stop" for p in pieces):
        raise CallFailed(causes.broken_off())
    content = [_closed(blocks[place]) for place in sorted(blocks)]
    return message | {"content": content or message["content"]}


def read(data: dict[str, Any]) -> ChatReply:
    """Return the reply in a parsed 200 body; see `ChatShape`."""
    blocks = data["content"]
    if not isinstance(blocks, list):
        raise CallFailed(causes.empty("no content blocks"))
    texts = [block["text"] for block in blocks if block["type"] == "text"]
    thoughts = [block["thinking"] for block in blocks if block["type"] == "thinking"]
    used = [block for block in blocks if block["type"] == "tool_use"]
    typed = [block["input"] for block in used if block["name"] == _REPLY_TOOL]
    calls = [
        {"id": block.get("id"), "function": {"name": block["name"], "arguments": block["input"]}}
        for block in used
        if block["name"] != _REPLY_TOOL
    ]
    usage = usage_in(data)
    kinds = ("cache_read_input_tokens", "cache_creation_input_tokens")
    cached = [token_count(usage.get(kind) or 0) for kind in kinds]
    said = [token_count(usage.get("input_tokens")), *cached]
    return reply_of(
        _written(typed[0]) if typed else "".join(texts),
        thought="".join(thoughts) or None,
        calls=calls,
        stop=str(data.get("stop_reason") or "stop"),
        tokens_in=None if None in said else sum(filter(None, said)),
        tokens_out=usage.get("output_tokens"),
    )


def _append(block: dict[str, Any], delta: dict[str, Any]) -> None:
    for name in ("text", "thinking", "partial_json"):
        if name in delta:
            block[name] = (block.get(name) or "") + delta[name]


def _closed(block: dict[str, Any]) -> dict[str, Any]:
    """Return a block whose input, which came as pieces of JSON, is read if it can be."""
    if "partial_json" in block:
        written = block.pop("partial_json")
        with suppress(ValueError):
            written = json.loads(written or "{}")
        block["input"] = written
    return block


def _written(reply: Any) -> str:
    """Return a reply that came as a tool's input; one that was cut is text still."""
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


def _turns(request: ModelRequest) -> list[dict[str, Any]]:
    """Return user and assistant in turn; what a tool returned is said by the user."""
    spoken = (message for message in request.messages if message.role != "system")
    turns: list[dict[str, Any]] = [
        {"role": role, "content": [block for message in run for block in _blocks(message)]}
        for role, run in groupby(spoken, key=_speaker)
    ]
    last = turns[-1]["content"][-1] if turns and turns[-1]["role"] == "assistant" else {}
    if "text" in last:  # the beginning of the reply, which must not end in space
        last["text"] = last["text"].rstrip()
    return turns


def _speaker(message: Message) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        result = {"tool_use_id": message.tool_call_id, "content": message.content}
        return [{"type": "tool_result", **result}]
    calls = [
        {
            "type": "tool_use",
            "id": call.id,
            "name": call.name,
            "input": arguments_object(call.arguments),
        }
        for call in message.tool_calls
    ]
    if message.content.strip() or not calls:
        return [_text(message.content if message.content.strip() else _EMPTY), *calls]
    return calls


def _text(content: str) -> dict[str, Any]:
    return {"type": "text", "text": content}


def _tools(request: ModelRequest) -> list[dict[str, Any]]:
    calling = any(message.tool_calls for message in request.messages)
    return [
        {
            "type": "custom",
            "name": tool.name,
            "description": tool.description,
            "input_schema": {"type": "object", "properties": {}} | tool.parameters,
        }
        for tool in request.tools or ([_NO_TOOL] if calling else [])
    ]


def _tool_choice(choice: str) -> dict[str, str] | None:
    if choice == "auto":
        return None
    named = {"type": "tool", "name": choice}
    return {"type": _CHOICES[choice]} if choice in _CHOICES else named


def _held_to_schema(request: ModelRequest) -> dict[str, Any]:
    """Return what makes the reply fit its schema: a format, or a tool that must be called."""
    if request.schema is None:
        return {}
    if request.dialect.formats_output:
        formatted = _formatted(json.dumps(request.schema))
        return {"output_format": {"type": "json_schema", "schema": formatted}}
    tool = {"name": _REPLY_TOOL, "input_schema": request.schema}
    return {"tools": [tool], "tool_choice": {"type": "tool", "name": _REPLY_TOOL}}


@lru_cache(maxsize=64)
def _formatted(schema: str) -> Any:
    return _in_part(json.loads(schema))


def _in_part(schema: Any) -> Any:
    """Return a schema in the part of JSON Schema that is taken; the rest becomes description.

    As Anthropic's own SDK does it: platform.claude.com/docs/en/build-with-claude/structured-outputs
    """
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    notes = []
    for key, value in schema.items():
        match key:
            case "minItems" if value in (0, 1):
                kept[key] = value
            case _ if key in _NOT_TAKEN:
                notes.append(f"{_NOT_TAKEN[key]}: {value}")
            case "properties" | "$defs":
                kept[key] = {name: _in_part(part) for name, part in value.items()}
            case "anyOf" | "oneOf" | "allOf":
                taken = "anyOf" if key == "oneOf" else key
                kept[taken] = [_in_part(part) for part in value]
            case "items":
                kept[key] = _in_part(value)
            case _:
                kept[key] = value
    if notes:
        note = f"Note: {', '.join(notes)}."
        kept["description"] = f"{kept['description']} {note}" if "description" in kept else note
    if kept.get("type") == "object":
        kept["additionalProperties"] = False
    return kept


_NOT_TAKEN = {
    "minItems": "minimum number of items",
    "maxItems": "maximum number of items",
    "uniqueItems": "all items are unique",
    "prefixItems": "leading items, in order",
    "minimum": "minimum value",
    "maximum": "maximum value",
    "exclusiveMinimum": "exclusive minimum value",
    "exclusiveMaximum": "exclusive maximum value",
    "multipleOf": "a multiple of",
    "minLength": "minimum length",
    "maxLength": "maximum length",
    "minProperties": "minimum number of properties",
    "maxProperties": "maximum number of properties",
    "patternProperties": "properties by pattern",
    "propertyNames": "names of properties",
    "discriminator": "told apart by",
}
