"""Bodies taken apart: JSON, server-sent events, or a JSON value on each line (Ollama).

Parsed, a body takes up to 40 times its room (`[{},{},`). So one with more values than any reply has
is turned down unparsed, and a large one is taken apart line by line.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import chain
from typing import Any

from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed

STREAMED = frozenset({"text/event-stream", "application/x-ndjson"})
"""The types of such bodies."""
DONE = "[DONE]"  # ends a stream in OpenAI's shape
LARGE = 2**20  # bytes
MOST_VALUES = 850_000  # 40,000 pieces of a stream have 20 each
_BOM = b"\xef\xbb\xbf"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")  # what a line of an event begins with


def is_stream(body: bytes) -> bool:
    """Return whether a body is made of events, whatever its type says."""
    start = body[:64].lstrip(_BOM + b"\r\n ")
    return start.startswith(_FIELDS)


def says_something(chunk: bytes) -> bool:
    """Return whether a chunk holds a piece of a reply, and not only signs that the line is open."""
    return b"data:" in chunk or b"{" in chunk


def is_whole(end: bytes) -> bool:
    """Return whether a streamed body that ends so says itself that nothing follows.

    `data: [DONE]` in OpenAI's shape, `message_stop` in Anthropic's, `"done": true` in Ollama's.
    """
    line = end.rstrip(b"\r\n ").rpartition(b"\n")[2]
    data = line.removeprefix(b"data:").strip()
    if data == DONE.encode():
        return True
    if b'"message_stop"' not in data and b'"done"' not in data:
        return False
    with suppress(ValueError, RecursionError):  # a line that isn't all there
        last = json.loads(data)
        return isinstance(last, dict) and (
            last.get("type") == "message_stop" or last.get("done") is True
        )
    return False


def parsed_json(body: bytes, *, status: int = 200) -> Any:
    """Return a parsed body; bytes that are no UTF-8 become U+FFFD.

    Raises:
        CallFailed: the body isn't JSON; the fault says what it looks like instead.
    """
    _refuse_countless(body)
    try:
        with suppress(UnicodeDecodeError):
            return json.loads(body)
        return json.loads(body.decode("utf-8", "replace"))
    except json.JSONDecodeError:
        text = body.decode("utf-8", "replace")
        raise CallFailed(causes.not_json(text, status=status)) from None
    except RecursionError:
        raise CallFailed(causes.empty("JSON that is nested too deeply")) from None
    except ValueError:
        raise CallFailed(causes.empty("a number of thousands of digits")) from None


def pieces_in(body: bytes, *, status: int) -> list[Any]:
    """Return the pieces of a streamed body, parsed; `DONE` stays a word.

    Raises:
        CallFailed: a piece isn't JSON: it was cut, or comes from something else than the API.
    """
    _refuse_countless(body)
    body = body.lstrip(_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not is_stream(body):
        return _parsed((line for line in BytesIO(body) if line != b"\n"), status)
    said = (line[5:].strip() for line in BytesIO(body) if line.startswith(b"data:"))
    with suppress(ValueError, RecursionError):  # as long as each line is a piece
        if len(body) < LARGE:
            return _at_once(list(said))
        return [DONE if data == DONE.encode() else json.loads(data) for data in said]
    return _parsed(_events(body), status)


def _at_once(said: list[bytes]) -> list[Any]:
    """Return the pieces, parsed together, which is faster."""
    word = DONE.encode()
    pieces: list[Any] = json.loads(b"[%b]" % b",".join(data for data in said if data != word))
    return [*pieces, DONE] if word in said else pieces


def _parsed(said: Iterable[bytes], status: int) -> list[Any]:
    word = DONE.encode()
    return [DONE if data == word else parsed_json(data, status=status) for data in said]


def _events(body: bytes) -> Iterator[bytes]:
    """Yield the data of each event: its lines belong together, and a blank line ends it."""
    lines: list[bytes] = []
    for line in chain(BytesIO(body), [b"\n"]):
        if line.startswith(b"data:"):
            lines.append(line[5:].removeprefix(b" ").removesuffix(b"\n"))
        elif line == b"\n":
            if data := b"\n".join(lines).strip():
                yield data
            lines = []


def _refuse_countless(body: bytes) -> None:
    if len(body) >= LARGE and sum(map(body.count, (b"{", b"[", b",", b"\n", b"\r"))) > MOST_VALUES:
        raise CallFailed(causes.empty(f"more than {MOST_VALUES:,} values"))
