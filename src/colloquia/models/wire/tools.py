"""The arguments of tool calls, as models write them and as they go back.

They are mended where they are nearly JSON and kept as they are where they aren't: whoever runs the
tool then tells the model so, as with any other wrong argument.
"""

import json
from collections.abc import Sequence
from typing import Any

from colloquia.core.types import ToolCall
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed
from colloquia.models.wire.nearly_json import mended

MOST_CALLS = 128  # in one reply
UNREADABLE = "unreadable_arguments"
"""Arguments that are no JSON object go back under this name: some servers parse what they get."""


def arguments_object(written: str) -> dict[str, Any]:
    """Return a call's arguments as an object, whatever the model wrote."""
    read = _object_in(written)
    return {UNREADABLE: written} if read is None else read


def read_calls(said: Any, *, whole: bool) -> tuple[ToolCall, ...]:
    """Return the calls in a reply, in OpenAI's shape or Ollama's, which has no ids.

    Args:
        said: the reply's list of calls; None for none.
        whole: whether the reply came to its end. Arguments that were cut off are not mended: the
            call would be another than the model meant.

    Raises:
        CallFailed: there are more than any model wants.
    """
    calls: Sequence[dict[str, Any]] = said or ()
    if len(calls) > MOST_CALLS:
        raise CallFailed(causes.empty(f"more than {MOST_CALLS} tool calls"))
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
    try:
        value = mended(text)
    except ValueError:
        return text
    return json.dumps(value, ensure_ascii=False) if value and isinstance(value, dict) else text


def _object_in(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
