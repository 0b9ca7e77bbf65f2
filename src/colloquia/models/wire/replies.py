"""How the three shapes of chat completion are read: OpenAI's, Anthropic's and Ollama's.

Strict about what makes a reply, forgiving about the rest: a field that a server leaves out or fills
oddly costs nothing, while an error, an empty list of choices or a filter is named as what it is.
Tokens that were spent on a useless reply stay counted.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from colloquia.core.ports import ChatReply, StopReason
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.tools import read_calls

Shape = Literal["openai", "anthropic", "ollama"]

# Models that think aloud at the start of their answer, where the server doesn't take it apart.
_THOUGHT = re.compile(
    r"\s*<(think|thinking|reasoning|budget:thinking)>(.*?)</\1>\s*(.*)\Z", re.DOTALL
)
_SCHEMA_TOOL = "json_tool_call"  # litellm's name for it
_STOPS: dict[str, StopReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filter": "content_filter",
    "refusal": "content_filter",
    "safety": "content_filter",
}


def read_reply(shape: Shape, data: Any, *, headers: Mapping[str, str], date: float) -> ChatReply:
    """Return what a parsed 200 body says, without a cost.

    Raises:
        CallFailed: it is an error in disguise, holds no answer, or a filter stopped it.
    """
    if not isinstance(data, dict):
        raise CallFailed(causes.empty("no object"))
    error = data.get("error")
    if error and data.get("type") != "message":
        raise CallFailed(causes.of_error_body(error, headers=headers, date=date))
    try:
        reply = _READERS[shape](data)
    except (KeyError, TypeError, AttributeError, IndexError) as unfit:
        raise CallFailed(causes.empty(f"no answer in the {shape} shape")) from unfit
    if reply.stop == "content_filter":
        said = f": {reply.text[:80]!r}" if reply.text else ""
        detail = f"the provider's content filter stopped the reply{said}"
        raise CallFailed(Fault(cause="refused", detail=detail, status=200))
    return reply


def _read_openai(data: dict[str, Any]) -> ChatReply:
    choices = data.get("choices")
    if not choices:
        raise CallFailed(causes.empty("no choices"))
    choice = choices[0]
    message = choice["message"]
    content, refusal = message.get("content"), message.get("refusal")
    text = content if isinstance(content, str) else _joined(content)
    thought = message.get("reasoning_content") or message.get("reasoning")
    usage = data.get("usage") or {}
    stop = "content_filter" if refusal and not text else str(choice.get("finish_reason") or "stop")
    return _made(
        text or refusal or "",
        thought=thought if isinstance(thought, str) else None,
        calls=message.get("tool_calls"),
        stop=stop,
        tokens_in=usage.get("prompt_tokens"),
        tokens_out=usage.get("completion_tokens"),
    )


def _read_anthropic(data: dict[str, Any]) -> ChatReply:
    blocks = data["content"]
    if not isinstance(blocks, list):
        raise CallFailed(causes.empty("no content blocks"))
    texts = [block["text"] for block in blocks if block["type"] == "text"]
    thoughts = [block["thinking"] for block in blocks if block["type"] == "thinking"]
    used = [block for block in blocks if block["type"] == "tool_use"]
    # A reply to a schema may come as the call of a tool of litellm's.
    typed = [block["input"] for block in used if block["name"] == _SCHEMA_TOOL]
    calls = [
        {"id": block.get("id"), "function": {"name": block["name"], "arguments": block["input"]}}
        for block in used
        if block["name"] != _SCHEMA_TOOL
    ]
    usage = data.get("usage") or {}
    cached = sum(usage.get(f"cache_{kind}_input_tokens") or 0 for kind in ("read", "creation"))
    said = usage.get("input_tokens")
    return _made(
        json.dumps(typed[0], ensure_ascii=False) if typed else "".join(texts),
        thought="".join(thoughts) or None,
        calls=calls,
        stop=str(data.get("stop_reason") or "stop"),
        tokens_in=None if said is None else said + cached,
        tokens_out=usage.get("output_tokens"),
    )


def _read_ollama(data: dict[str, Any]) -> ChatReply:
    calls = None
    if "message" in data:
        text, thought = data["message"].get("content"), data["message"].get("thinking")
        calls = data["message"].get("tool_calls")
    elif "response" in data:
        text, thought = data["response"], data.get("thinking")
    else:
        raise CallFailed(causes.empty("no message"))
    return _made(
        text or "",
        thought=thought or None,
        calls=calls,
        stop=str(data.get("done_reason") or "stop"),
        tokens_in=data.get("prompt_eval_count"),
        tokens_out=data.get("eval_count"),
    )


_READERS: dict[Shape, Callable[[dict[str, Any]], ChatReply]] = {
    "openai": _read_openai,
    "anthropic": _read_anthropic,
    "ollama": _read_ollama,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtAloud:
    """A text that begins with its thought, taken apart."""

    thought: str
    answer: str


def thought_apart(text: str) -> ThoughtAloud | None:
    """Return thought and answer where a text begins with a thought between tags; else None."""
    found = _THOUGHT.match(text) if "</" in text else None
    return ThoughtAloud(thought=found[2].strip(), answer=found[3]) if found else None


def _made(
    text: str,
    *,
    thought: str | None,
    calls: Any,
    stop: str,
    tokens_in: int | None,
    tokens_out: int | None,
) -> ChatReply:
    aloud = thought_apart(text) if thought is None else None
    reason = _STOPS.get(stop.lower(), "stop")
    return ChatReply(
        text=aloud.answer if aloud else text,
        thought=aloud.thought if aloud else thought,
        tool_calls=read_calls(calls, whole=reason != "length"),
        stop=reason,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def _joined(content: Any) -> str:
    """Some servers answer in parts, as multimodal requests are written."""
    parts = content if isinstance(content, list) else []
    return "".join(part.get("text") or "" for part in parts if part.get("type") == "text")
