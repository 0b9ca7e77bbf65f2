"""From a parsed body to a reply: what is the same in every shape.

Strict about what makes a reply, forgiving about the rest: a field that a server leaves out or fills
oddly costs nothing, while an error, an empty list of choices or a filter is named as what it is.
Tokens that were spent on a useless reply stay counted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from colloquia.core.ports import ChatReply, StopReason
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.wire.thoughts import thought_apart
from colloquia.models.wire.tools import read_calls

LONGEST_TEXT = 2**22  # characters of a reply and its thought: above what any model can write
Read = Callable[[dict[str, Any]], ChatReply]

_STOPS: dict[str, StopReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filter": "content_filter",
    "refusal": "content_filter",
    "safety": "content_filter",
}


def read_reply(read: Read, data: Any, *, headers: Mapping[str, str], date: float) -> ChatReply:
    """Return what a parsed 200 body says, without a cost.

    Args:
        read: a shape's reader.
        data: the body.
        headers: the reply's, which may say when to ask again.
        date: now.

    Raises:
        CallFailed: it is an error in disguise, holds no answer, or a filter stopped it.
    """
    if not isinstance(data, dict):
        raise CallFailed(causes.empty("no object"))
    error = data.get("error")
    if error and data.get("type") != "message":
        raise CallFailed(causes.of_error_body(error, headers=headers, date=date))
    reply: ChatReply = in_shape(read, data)
    if reply.stop == "content_filter":
        said = f": {reply.text[:80]!r}" if reply.text else ""
        detail = f"the provider's content filter stopped the reply{said}"
        raise CallFailed(Fault(cause="refused", detail=detail, status=200))
    return reply


def in_shape(read: Callable[[Any], Any], data: Any) -> Any:
    """Return what a shape makes of a body, or of its pieces.

    Raises:
        CallFailed: there is no answer in it, or it isn't of this shape.
    """
    try:
        return read(data)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as unfit:
        raise CallFailed(causes.empty("no answer of the expected shape")) from unfit


def reply_of(
    text: str,
    *,
    thought: str | None = None,
    calls: Any = None,
    stop: str,
    tokens_in: Any,
    tokens_out: Any,
) -> ChatReply:
    """Return the reply, a thought that begins its text taken apart, the stop in our words.

    Token counts are what a server said, whatever that is.

    Raises:
        CallFailed: it is longer than any model's reply.
    """
    if len(text) + len(thought or "") > LONGEST_TEXT:
        raise CallFailed(causes.empty(f"more than {LONGEST_TEXT:,} characters"))
    aloud = thought_apart(text)
    reason = _STOPS.get(stop.lower(), "stop")
    return ChatReply(
        text=aloud.answer if aloud else text,
        thought=thought or (aloud.thought if aloud else None),
        tool_calls=read_calls(calls, whole=reason != "length"),
        stop=reason,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def usage_in(data: dict[str, Any]) -> dict[str, Any]:
    """Return a body's `usage`; empty where it is missing or no object."""
    usage = data.get("usage")
    return usage if isinstance(usage, dict) else {}
