"""Tools as they go over the wire, in OpenAI's words, which litellm turns into each provider's.

What a model writes as arguments is mended where it is nearly JSON and kept as it is where it isn't:
whoever runs the tool then tells the model so, as with any other wrong argument.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from colloquia.core.ports import ChatRequest, ToolSpec
from colloquia.core.types import Message, ToolCall

UNREADABLE = "unreadable_arguments"
"""Arguments that are no JSON object go back under this name: some servers parse what they get."""


def sent_message(message: Message) -> dict[str, Any]:
    """Return a message as OpenAI's API writes it."""
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id is not None:
        return plain | {"tool_call_id": message.tool_call_id}
    if message.tool_calls:
        plain["tool_calls"] = [_sent_call(call) for call in message.tool_calls]
        if not message.content:
            del plain["content"]
    return plain


def sent_tools(tools: Iterable[ToolSpec]) -> list[dict[str, Any]]:
    """Return tools as OpenAI's API writes them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            }
            | ({"strict": True} if tool.strict else {}),
        }
        for tool in tools
    ]


def sent_choice(request: ChatRequest) -> str | dict[str, Any] | None:
    """Return the choice as OpenAI's API writes it; None where nothing needs to be said."""
    if not request.tools or request.tool_choice == "auto":
        return None
    if request.tool_choice in ("required", "none"):
        return request.tool_choice
    return {"type": "function", "function": {"name": request.tool_choice}}


def read_calls(said: Any, *, whole: bool) -> tuple[ToolCall, ...]:
    """Return the calls in a reply, in OpenAI's shape or Ollama's, which has no ids.

    Args:
        said: the reply's list of calls; None for none.
        whole: whether the reply came to its end. Arguments that were cut off are not mended: the
            call would be another than the model meant.
    """
    calls: Sequence[dict[str, Any]] = said or ()
    return tuple(
        ToolCall(
            id=str(call.get("id") or f"call_{number}"),
            name=str(call["function"]["name"]),
            arguments=arguments_text(call["function"].get("arguments"), whole=whole),
        )
        for number, call in enumerate(calls)
    )


def arguments_text(written: Any, *, whole: bool = True) -> str:
    """Return arguments as a JSON object's text, or as they were written where they are none."""
    if isinstance(written, dict):
        return json.dumps(written, ensure_ascii=False)
    text = str(written or "{}")
    if _object_in(text) is not None or not whole:
        return text
    from json_repair import repair_json  # only for arguments that need it

    try:
        mended = repair_json(text, return_objects=True)
    except RecursionError:
        return text
    return json.dumps(mended, ensure_ascii=False) if mended and isinstance(mended, dict) else text


def _object_in(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _sent_call(call: ToolCall) -> dict[str, Any]:
    arguments = call.arguments
    if _object_in(arguments) is None:
        arguments = json.dumps({UNREADABLE: arguments}, ensure_ascii=False)
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }
