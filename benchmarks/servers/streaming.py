"""A whole reply as the pieces in which a server streams it, in the three shapes that we read."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

PIECES = 8  # that a text is cut into
EVENTS = "text/event-stream"
LINES = "application/x-ndjson"


def type_of(path: str) -> str:
    """Return the content type of a stream."""
    return LINES if "/api/" in path else EVENTS


@lru_cache(maxsize=256)
def pieces_of(path: str, body: bytes) -> tuple[bytes, ...]:
    """Return the pieces of a reply; () for what isn't one, an error or a web page."""
    try:
        data = json.loads(body)
    except ValueError:
        return ()
    if not isinstance(data, dict) or data.get("error"):
        return ()
    if path.endswith("/v1/messages"):
        return tuple(_event(piece, piece["type"]) for piece in _of_messages(data))
    if "/api/" in path:
        return tuple(json.dumps(piece).encode() + b"\n" for piece in _of_ollama(data))
    return (*(_event(piece) for piece in _of_completion(data)), b"data: [DONE]\n\n")


def _event(piece: dict[str, Any], name: str = "") -> bytes:
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(piece)}\n\n".encode()


def _cut(text: str) -> list[str]:
    size = max(1, -(-len(text) // PIECES))
    return [text[at : at + size] for at in range(0, len(text), size)]


def _of_completion(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    head: dict[str, Any] = {name: data.get(name) for name in ("id", "created", "model")}
    head["object"] = "chat.completion.chunk"
    for choice in data.get("choices") or ():
        message = choice["message"]

        def piece(delta: dict[str, Any], stop: Any = None) -> dict[str, Any]:
            return head | {"choices": [{"index": 0, "delta": delta, "finish_reason": stop}]}

        yield piece({"role": "assistant", "content": ""})
        for name in ("reasoning_content", "content"):
            for text in _cut(message.get(name) or ""):
                yield piece({name: text})
        for index, call in enumerate(message.get("tool_calls") or ()):
            function = call["function"]
            begun = call | {"index": index, "function": function | {"arguments": ""}}
            yield piece({"tool_calls": [begun]})
            for text in _cut(function["arguments"]):
                yield piece({"tool_calls": [{"index": index, "function": {"arguments": text}}]})
        yield piece({}, choice["finish_reason"])
    yield head | {"choices": [], "usage": data.get("usage")}


def _of_messages(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    usage = data.get("usage") or {}
    begun = data | {
        "content": data["content"] and [],
        "stop_reason": None,
        "usage": usage | {"output_tokens": 1},
    }
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(data.get("content") or ()):
        field, kind, name = _BLOCKS[block["type"]]
        said = block[field]
        empty = {field: "" if isinstance(said, str) else {}}
        yield {"type": "content_block_start", "index": index, "content_block": block | empty}
        for part in _cut(said if isinstance(said, str) else json.dumps(said)):
            delta = {"type": kind, name: part}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": data.get("stop_reason"), "stop_sequence": None}
    told = {"output_tokens": usage.get("output_tokens")}
    yield {"type": "message_delta", "delta": ended, "usage": told}
    yield {"type": "message_stop"}


# What a block says, and how a piece of it is called.
_BLOCKS = {
    "text": ("text", "text_delta", "text"),
    "thinking": ("thinking", "thinking_delta", "thinking"),
    "tool_use": ("input", "input_json_delta", "partial_json"),
}


def _of_ollama(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    message = data.get("message") or {}
    for name in ("thinking", "content"):
        for text in _cut(message.get(name) or ""):
            said = {"role": "assistant", "content": "", name: text}
            yield {"model": data["model"], "done": False, "message": said}
    for call in message.get("tool_calls") or ():
        called = {"role": "assistant", "content": "", "tool_calls": [call]}
        yield {"model": data["model"], "done": False, "message": called}
    last = {"message": {"role": "assistant", "content": ""}} if message else {}
    yield data | last
