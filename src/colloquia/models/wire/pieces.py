"""A streamed body taken apart: server-sent events, or a JSON value on each line (Ollama)."""

import json
from collections.abc import Iterator
from contextlib import suppress
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
    text = (
        body.decode("utf-8", "replace").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    )
    if not is_stream(body):
        return _parsed([line for line in text.split("\n") if line], status)
    # Not `splitlines`: a reply may hold U+2028, which JSON leaves as it is.
    said = [line[5:].strip() for line in text.split("\n") if line.startswith("data:")]
    done = DONE in said
    with suppress(ValueError):  # all at once, which is faster, as long as each line is a piece
        pieces: list[Any] = json.loads(f"[{','.join(piece for piece in said if piece != DONE)}]")
        return [*pieces, DONE] if done else pieces
    return _parsed(list(_events(text)), status)


def _parsed(said: list[str], status: int) -> list[Any]:
    pieces = []
    for data in said:
        try:
            pieces.append(DONE if data == DONE else json.loads(data))
        except ValueError:
            raise CallFailed(causes.not_json(data, status=status)) from None
    return pieces


def _events(text: str) -> Iterator[str]:
    """Yield the data of each event: its lines belong together, and a blank line ends it."""
    for event in text.split("\n\n"):
        lines = [line[5:].removeprefix(" ") for line in event.split("\n") if line[:5] == "data:"]
        if data := "\n".join(lines).strip():
            yield data
