"""A streamed body taken apart: server-sent events, or a JSON value on each line (Ollama)."""

import json
from collections.abc import Iterator
from typing import Any

from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed

STREAMED = frozenset({"text/event-stream", "application/x-ndjson"})
"""The types of such bodies."""
DONE = "[DONE]"  # ends a stream in OpenAI's shape
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")  # what a line of an event begins with


def is_stream(body: bytes) -> bool:
    """Return whether a body is made of events, whatever its type says."""
    start = body[:64].lstrip(b"\xef\xbb\xbf\r\n ")
    return start.startswith(_FIELDS)


def says_something(chunk: bytes) -> bool:
    """Return whether a chunk holds a piece of a reply, and not only signs that the line is open."""
    return b"data:" in chunk or b"{" in chunk


def pieces_in(body: bytes, *, status: int) -> list[Any]:
    """Return the pieces of a streamed body, parsed; `DONE` stays a word.

    Raises:
        CallFailed: a piece isn't JSON: it was cut, or comes from something else than the API.
    """
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    said = _events(text) if is_stream(body) else (line for line in text.split("\n"))
    pieces = []
    for data in said:
        if not data.strip():
            continue
        try:
            pieces.append(DONE if data.strip() == DONE else json.loads(data))
        except ValueError:
            raise CallFailed(causes.not_json(data, status=status)) from None
    return pieces


def _events(text: str) -> Iterator[str]:
    """Yield the data of each event; the lines of one belong together, and a blank line ends it."""
    lines: list[str] = []
    # Not `splitlines`: a reply may hold U+2028, which JSON leaves as it is.
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line:
            yield "\n".join(lines)
            lines = []
        elif line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
    yield "\n".join(lines)
