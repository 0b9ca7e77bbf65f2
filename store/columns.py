"""Column types: text that any database takes, and lists and mappings as JSON text.

A lone surrogate, which UTF-8 can't hold, and NUL, which PostgreSQL can't, become U+FFFD. That is
one code point for one, so the offsets of spans stay right.
"""

import json
import re
import reprlib
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Dialect, Text, TypeDecorator

from colloquia.core.text import writable

# An escaped NUL: behind an even number of backslashes, which write out half as many of their own.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class CleanText(TypeDecorator[str]):
    """Text of any code points."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is stored."""
        return None if value is None else writable(value)


class JsonText(TypeDecorator[Any]):
    """A list or mapping as compact JSON text, which `json_each` and a reader's eye get at."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Return what is stored.

        Raises:
            ValueError: a number in it is infinite or not a number, which JSON has no way to write.
        """
        try:
            text = json.dumps(
                value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False
            )
        except ValueError as error:
            shown = reprlib.repr(value)
            raise ValueError(f"{shown} holds a number that is not finite") from error
        return _NUL.sub("\\1\ufffd", writable(text)) if "\\u0000" in text else writable(text)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return what was stored; what was spoilt by hand as it is, for whoever knows its row."""
        try:
            return None if value is None else json.loads(value)
        except ValueError:
            return value


def _plain(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json")
