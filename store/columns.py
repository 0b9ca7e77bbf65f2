"""Column types: text that any database takes, and lists and mappings as JSON text.

A lone surrogate, which UTF-8 can't hold, and NUL, which PostgreSQL can't, become U+FFFD. That is
one code point for one, so the offsets of spans stay right.
"""

import json
import re
import reprlib
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Dialect, Text, TypeDecorator

from colloquia.core.text import writable

MOST_VALUES = 1_000_000  # of one column; read, each takes up to 40 times its room in the text

# An escaped NUL: behind an even number of backslashes, which write out half as many of their own.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


# These override the processors themselves: a call less for each value than `process_bind_param`.
class CleanText(TypeDecorator[str]):
    """Text of any code points."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Return what cleans a value on its way in."""
        return clean

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Return None: text comes out as it is."""


class JsonText(TypeDecorator[Any]):
    """A list or mapping as compact JSON text, which `json_each` and a reader's eye get at."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Return what writes a value as text."""
        return to_json

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], Any]:
        """Return what reads that text."""
        return from_json


def clean(text: str | None) -> str | None:
    """Return text as any database takes it."""
    return None if text is None else writable(text)


def to_json(content: Any) -> str:
    """Write plain data, or pydantic values in it, as compact JSON.

    Raises:
        ValueError: a number in it is infinite or not a number, which JSON has no way to write.
    """
    try:
        text = writable(_ENCODER.encode(content))
    except ValueError as error:
        shown = reprlib.repr(content)
        raise ValueError(f"{shown} holds a number that is not finite") from error
    return _NUL.sub("\\1\ufffd", text) if "\\u0000" in text else text


def from_json(text: str) -> Any:
    """Return what was written; what was spoilt by hand as it is, for whoever knows its row."""
    try:
        if len(text) > MOST_VALUES and sum(map(text.count, ",[{")) > MOST_VALUES:
            return text
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


def _plain(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json")


_ENCODER = json.JSONEncoder(
    default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)
