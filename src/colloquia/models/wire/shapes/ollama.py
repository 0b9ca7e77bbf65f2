"""Ollama's own chat: settings under `options`, tools as OpenAI writes them."""

from collections.abc import Sequence
from typing import Any

from colloquia.core.ports import ChatReply
from colloquia.core.types import Message
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.replies import reply_of
from colloquia.models.wire.shapes import openai
from colloquia.models.wire.shapes.shape import ModelRequest, given
from colloquia.models.wire.tools import arguments_object

PATH = "/api/chat"
headers = openai.headers


def body(request: ModelRequest) -> dict[str, Any]:
    """Return the request as JSON; there is no word for which tool to call."""
    options = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "num_predict": request.max_tokens,
        "seed": request.seed,
    }
    written = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "options": given(options),
        "stream": request.stream,  # true by default
        # What doesn't fit is an error or a cut; else its beginning is left out without a word.
        "truncate": False,
        "shift": False,
        "format": request.schema,
        "tools": openai.settings(request).get("tools"),
    }
    return given(written)


def whole(pieces: Sequence[Any]) -> dict[str, Any]:
    """Return the body that a streamed reply would have been; see `ChatShape`."""
    if not pieces:
        raise CallFailed(causes.empty("nothing"))
    last = pieces[-1]
    for piece in pieces:
        if piece.get("error"):
            return dict(piece)
    if not last.get("done"):
        raise CallFailed(causes.broken_off())
    said = [piece.get("message") or {} for piece in pieces]
    message = {
        "content": "".join(part.get("content") or "" for part in said),
        "thinking": "".join(part.get("thinking") or "" for part in said),
        "tool_calls": [call for part in said for call in part.get("tool_calls") or ()],
    }
    return dict(last) | {"message": message if any(said) else None}


def read(data: dict[str, Any]) -> ChatReply:
    """Return the reply in a parsed 200 body; see `ChatShape`."""
    message = data.get("message")
    if message is None:
        raise CallFailed(causes.empty("no message"))
    return reply_of(
        message.get("content") or "",
        thought=message.get("thinking") or None,
        calls=message.get("tool_calls"),
        stop=str(data.get("done_reason") or "stop"),
        tokens_in=data.get("prompt_eval_count"),
        tokens_out=data.get("eval_count"),
    )


def _message(message: Message) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id is not None:
        plain["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        plain["tool_calls"] = [
            {
                "id": call.id,
                "function": {"name": call.name, "arguments": arguments_object(call.arguments)},
            }
            for call in message.tool_calls
        ]
    return plain
