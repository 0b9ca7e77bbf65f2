"""Replies that are HTTP and hold what no reply holds: depths, numbers, shapes, streams."""

import json
from collections.abc import Callable, Iterator

from benchmarks.hostile.endpoint_lines import (
    DOWN,
    MB,
    STREAM,
    Table,
    chunk,
    ever,
    head,
    reply,
)
from benchmarks.hostile.raw_server import Script

SSE = "text/event-stream"
FAILED = 1  # replies that can be read and aren't what was asked for


def whole(**changes: object) -> bytes:
    """Return a chat completion, some of its fields changed."""
    said = {"message": {"content": "x"}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    return json.dumps({"choices": [said], "usage": usage} | changes).encode()


def streamed(*pieces: object) -> Script:
    """Return a script that sends pieces and the word that ends them."""
    told = b"".join(b"data: %b\n\n" % json.dumps(piece).encode() for piece in pieces)
    return reply(told + b"data: [DONE]\n\n", kind=SSE)


def later(body: Callable[[], bytes], *, kind: str = "application/json") -> Script:
    """Return a script that makes its large body when asked, and sends it from then on."""
    made: list[bytes] = []

    def script(request: bytes) -> Iterator[bytes]:
        if not made:
            made.append(body())
        yield head(f"Content-Length: {len(made[0])}", kind=kind)
        yield made[0]

    return script


def _delta(**said: object) -> dict[str, object]:
    return {"choices": [{"delta": said}]}


def _usage(value: str) -> bytes:
    told = b'{"prompt_tokens": %b, "completion_tokens": %b}' % ((value.encode(),) * 2)
    return whole(usage=0).replace(b'"usage": 0', b'"usage": ' + told)


_PIECE = b'data: {"choices": [{"delta": {"content": "x"}}], "usage": {"prompt_tokens": 1}}\n\n'
_ODD = {
    "2^62": str(2**62),
    "10^30": "1" + "0" * 30,
    "-1": "-1",
    "NaN": "NaN",
    "1e999": "1e999",
    "1.5": "1.5",
    "a text": '"7"',
    "an object": "{}",
    "a list": "[3]",
    "true": "true",
}
BODIES: Table = {
    "2,000,000 brackets": (later(lambda: b"[" * 2_000_000), DOWN, "values"),
    "900,000 brackets": (later(lambda: b"[" * 900_000), DOWN, ""),  # too many, or too deep
    "800,000 brackets": (later(lambda: b"[" * 800_000), DOWN, "nested too deeply"),
    "objects 300,000 deep": (later(lambda: b'{"a":' * 300_000), DOWN, "nested too deeply"),
    "15 MB of empty objects": (
        later(lambda: b'{"choices": [%b{}]}' % (b"{}," * 5_000_000)),
        DOWN,
        "values",
    ),
    "10^6 choices": (
        later(lambda: b'{"choices": [%b{}]}' % (b"{}," * 10**6)),
        DOWN,
        "values",
    ),
    "400,000 choices": (
        later(lambda: whole(choices=[{"message": {"content": "x"}}] + [{}] * 400_000)),
        FAILED,
        "",
    ),
    "300,000 tool calls": (
        later(
            lambda: whole(
                choices=[{"message": {"tool_calls": [{"function": {"name": "f"}}] * 300_000}}]
            )
        ),
        DOWN,
        "values",
    ),
    "280,000 tool calls": (
        later(
            lambda: whole(
                choices=[{"message": {"tool_calls": [{"function": {"name": "f"}}] * 280_000}}]
            )
        ),
        DOWN,
        "tool calls",
    ),
    "arguments of 300,000 brackets": (
        later(
            lambda: whole(
                choices=[
                    {
                        "message": {
                            "tool_calls": [{"function": {"name": "f", "arguments": "[" * 300_000}}]
                        }
                    }
                ]
            )
        ),
        DOWN,
        "characters",
    ),
    "a text of 15 MB": (
        later(lambda: whole(choices=[{"message": {"content": "x" * 15_000_000}}])),
        DOWN,
        "characters",
    ),
    "a text of 3 MB": (
        later(lambda: whole(choices=[{"message": {"content": "é" * 500_000}}])),
        DOWN,
        "characters",
    ),
    "a thought of 1 MB": (
        later(lambda: whole(choices=[{"message": {"content": "x", "reasoning": "y" * 10**6}}])),
        DOWN,
        "characters",
    ),
    "3 MB of ends of thoughts": (
        later(lambda: whole(choices=[{"message": {"content": "</think>{}" * 300_000}}])),
        DOWN,
        "characters",
    ),
    "3 MB of ends of turns": (
        later(lambda: whole(choices=[{"message": {"content": "<think>" + "<|end|>" * 400_000}}])),
        FAILED,
        "",
    ),
    "90,000 characters of fences": (
        later(lambda: whole(choices=[{"message": {"content": "```json\n" * 11_000}}])),
        FAILED,
        "",
    ),
    "90,000 braces": (
        later(lambda: whole(choices=[{"message": {"content": "{" * 90_000}}])),
        FAILED,
        "",
    ),
    "a number of 10^5 digits": (
        later(lambda: whole(usage=0)[:-1] + b', "n": %b}' % (b"9" * 100_000)),
        DOWN,
        "digits",
    ),
    "1e999": (reply(b'{"choices": 1e999}'), DOWN, "expected shape"),
    "keys given twice": (reply(whole()[:-1] + b', "choices": []}'), DOWN, "no choices"),
    "invalid UTF-8": (reply(whole().replace(b"x", b"\xff\xfe\xc0")), FAILED, ""),
    "a charset that lies": (
        reply(whole().decode().encode("utf-16"), kind="application/json; charset=latin-1"),
        FAILED,
        "",
    ),
    "a charset that isn't": (reply(whole(), kind="application/json; charset=no-such"), FAILED, ""),
    "NUL bytes": (reply(bytes(9999)), DOWN, "isn't JSON"),
    "NUL in a text": (reply(whole(choices=[{"message": {"content": "a\0b\ud800"}}])), FAILED, ""),
    "escapes of a terminal": (
        reply(
            json.dumps({"error": {"message": "\x1b]0;t\x07\x1b[2J\u202e"}}).encode(),
            status="400 No",
        ),
        FAILED,
        "HTTP 400",
    ),
    "an error of 200 KB in one word": (
        reply(json.dumps({"error": {"message": "x" * 200_000}}).encode(), status="400 No"),
        FAILED,
        "HTTP 400",
    ),
    "an error of brackets": (reply(b"[" * 200_000, status="500 Oops"), DOWN, "HTTP 500"),
    "a list": (reply(b"[]"), DOWN, "no object"),
    "a number": (reply(b"7"), DOWN, "no object"),
    "nothing": (reply(b""), DOWN, ""),
    "choices of texts": (reply(whole(choices=["x"])), DOWN, "expected shape"),
    "choices by name": (reply(whole(choices={"0": {}})), DOWN, "expected shape"),
    "a message of lists": (reply(whole(choices=[{"message": [[]]}])), DOWN, "expected shape"),
    "a content of numbers": (
        reply(whole(choices=[{"message": {"content": [1, 2]}}])),
        DOWN,
        "shape",
    ),
    "a stop of lists": (
        reply(whole(choices=[{"message": {"content": "x"}, "finish_reason": [["stop"]]}])),
        FAILED,
        "",
    ),
    "tool calls of texts": (
        reply(whole(choices=[{"message": {"tool_calls": "abc"}}])),
        DOWN,
        "shape",
    ),
    "an event of 100 MB": (ever(STREAM + chunk(b"data: "), chunk(MB)), DOWN, ""),
    "endless comments": (ever(STREAM, chunk(b": on\n\n" * 9999)), DOWN, ""),
    "endless pieces": (ever(STREAM, chunk(_PIECE * 999)), DOWN, ""),
    "endless empty events": (ever(STREAM, chunk(b"data:\n\n" * 9999)), DOWN, ""),
    "10^6 empty events": (later(lambda: b"data:\n\n" * 10**6, kind=SSE), DOWN, ""),
    "400,000 empty events": (later(lambda: b"data:\n\n" * 400_000, kind=SSE), DOWN, ""),
    "10^6 line breaks": (later(lambda: b"\r" * 900_000, kind=SSE), DOWN, ""),
    "30,000 pieces with usage": (
        later(lambda: _PIECE * 30_000 + b"data: [DONE]\n\n", kind=SSE),
        FAILED,
        "",
    ),
    "a stream that ends without a word": (reply(_PIECE, kind=SSE), DOWN, "broke off"),
    "a stream of comments": (reply(b": on\n\n" * 99, kind=SSE), DOWN, ""),
    "deltas of texts": (streamed({"choices": [{"delta": "x"}]}), DOWN, "shape"),
    "deltas of lists": (streamed({"choices": [{"delta": [["x"]]}]}), DOWN, "shape"),
    "a delta of numbers": (streamed(_delta(content=7)), FAILED, ""),
    "tool calls in places of lists": (
        streamed(_delta(tool_calls=[{"index": [1], "function": {"name": "f"}}])),
        DOWN,
        "shape",
    ),
    "pieces of numbers": (streamed(1, 2, 3), DOWN, "shape"),
    "a piece of brackets": (reply(b"data: %b\n\n" % (b"[" * 200_000), kind=SSE), DOWN, "deeply"),
    "usage in a stream that is a list": (
        streamed(_delta(content="x"), {"choices": [], "usage": [1]}),
        FAILED,
        "",
    ),
    "usage in a stream that is a text": (
        streamed(_delta(content="x"), {"choices": [], "usage": "much"}),
        FAILED,
        "",
    ),
    "lines of JSON that are events": (
        reply(b"{}\n" * 9, kind="application/x-ndjson"),
        DOWN,
        "",
    ),
    **{f"tokens of {name}": (reply(_usage(value)), FAILED, "") for name, value in _ODD.items()},
}
