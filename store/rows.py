"""Between core values and rows: columns are named like fields, lists and mappings are JSON text.

Text goes in clean: a lone surrogate, which UTF-8 can't hold, and NUL, which PostgreSQL can't,
become U+FFFD. That is one code point for one, so the offsets of spans stay right.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from colloquia.core.errors import StoreError
from colloquia.core.run_manifest import RunManifest
from colloquia.core.text import writable
from colloquia.core.types import (
    Dialogue,
    Message,
    ModelCall,
    Persona,
    Plan,
    Review,
    Snippet,
    Turn,
    Value,
)

Row = dict[str, Any]
AnyValue = TypeVar("AnyValue", bound=Value)

#: The fields of each value that are stored as JSON text; all others are plain columns.
JSON_FIELDS: dict[type[Value], frozenset[str]] = {
    RunManifest: frozenset({"recipe", "prompts", "personas"}),
    Snippet: frozenset({"metadata"}),
    Persona: frozenset({"knowledge", "goals", "traits", "behaviours", "opening_styles", "never"}),
    Plan: frozenset({"exchanges"}),
    Dialogue: frozenset(),
    Turn: frozenset({"spans"}),
    Review: frozenset({"scores"}),
    ModelCall: frozenset({"messages", "tool_calls"}),
    Message: frozenset({"tool_calls"}),
}


def to_row(value: Value, **columns: str) -> Row:
    """Return the row of a value.

    Args:
        value: its plain fields are columns as they are.
        columns: those that the value doesn't carry itself (`run_id`, …) or not in this form.

    Raises:
        StoreError: a number in it is infinite or not a number, which JSON has no way to write.
    """
    kind = type(value)
    as_json = JSON_FIELDS[kind] - columns.keys()
    row: Row = {name: clean(getattr(value, name)) for name in kind.model_fields}
    if as_json:
        for name, content in value.model_dump(mode="json", include=set(as_json)).items():
            row[name] = _json_text(content, value, name)
    return row | columns


def from_row(kind: type[AnyValue], row: Mapping[Any, Any]) -> AnyValue:
    """Return the value that a row holds; columns that are no fields are passed over.

    Raises:
        StoreError: the row was changed by hand into something that is no such value.
    """
    as_json = JSON_FIELDS[kind]
    try:
        return kind.model_validate(
            {
                name: json.loads(row[name]) if name in as_json else row[name]
                for name in kind.model_fields
            }
        )
    except (ValidationError, json.JSONDecodeError) as error:
        where = f"{kind.__name__.lower()} {row['id']}"
        raise StoreError(f"the row of {where} is damaged: {error}") from error


def call_row(call: ModelCall, *, run_id: str) -> Row:
    """Return the row of a call, which names its messages by id."""
    ids = json.dumps([message.id for message in call.messages])
    return to_row(call, run_id=run_id, messages=ids)


def message_row(message: Message) -> Row:
    """Return the row of a message."""
    calls = [call.model_dump() for call in message.tool_calls]
    return to_row(message, id=message.id, tool_calls=_json_text(calls, message, "tool_calls"))


def message_ids(row: Mapping[Any, Any]) -> list[str]:
    """Return the ids of the messages that a stored call sent."""
    ids: list[str] = json.loads(row["messages"])
    return ids


def call_from_row(row: Mapping[Any, Any], messages: Mapping[str, Message]) -> ModelCall:
    """Return a call, its messages looked up by id."""
    call = from_row(ModelCall, {**row, "messages": "[]"})
    return call.model_copy(update={"messages": tuple(messages[i] for i in message_ids(row))})


def clean(content: Any) -> Any:
    """Return plain data with everything a database can't hold as text replaced by U+FFFD."""
    match content:
        case str():
            return writable(content)
        case dict():
            return {clean(key): clean(item) for key, item in content.items()}
        case list():
            return [clean(item) for item in content]
        case _:
            return content


def _json_text(content: Any, value: Value, name: str) -> str:
    try:
        return json.dumps(
            clean(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    except ValueError as error:
        what = f"{type(value).__name__.lower()} {getattr(value, 'id', '')}"
        raise StoreError(f"{name} of {what} holds a number that is not finite") from error
