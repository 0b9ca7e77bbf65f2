"""What isn't HTTP, isn't quite, or never ends: heads, chunks, codings, pace."""

import gzip
import json
import zlib
from collections.abc import Iterator
from itertools import repeat

from benchmarks.hostile.raw_server import RESET, Script

MB = b"x" * 2**20
GOOD = json.dumps({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}).encode()
DOWN = 4
TOO_LONG = "a reply of more than 16 MB"
TOO_MANY = "MB"  # each, or all at once
SILENT = "silent for 0.5 s"
NOT_HTTP = "the reply isn't HTTP"
BROKEN = "the connection"
DRIPS = "no whole reply"
SILENT_FROM_THE_START = f"{SILENT} before any reply"
LATE = (SILENT, DRIPS, SILENT_FROM_THE_START)  # what is said of replies that take their time
Table = dict[str, tuple[Script, int, str]]


def head(*fields: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """Return a reply's status and header."""
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def sent(*steps: bytes | float | str) -> Script:
    """Return a script that always sends the same."""
    return lambda request: steps


def reply(
    body: bytes, *fields: str, status: str = "200 OK", kind: str = "application/json"
) -> Script:
    """Return a script that sends a whole reply; the connection isn't to be used again."""
    length = f"Content-Length: {len(body)}"
    return sent(head(length, "Connection: close", *fields, status=status, kind=kind), body)


def chunk(data: bytes) -> bytes:
    """Return a chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def ever(first: bytes, again: bytes, *, wait_s: float = 0.0) -> Script:
    """Return a script that sends the one, then the other for ever."""

    def script(request: bytes) -> Iterator[bytes | float]:
        yield first
        for piece in repeat(again):
            if wait_s:
                yield wait_s
            yield piece

    return script


def _bomb(size_mb: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(2**20)
    return b"".join([*(packer.compress(zeros) for _ in range(size_mb)), packer.flush()])


CHUNKED = head("Transfer-Encoding: chunked")
STREAM = head("Transfer-Encoding: chunked", kind="text/event-stream")
PACKED = gzip.compress(_bomb(16))
BOMB = _bomb(1000)
LINES: Table = {
    "an endless chunked body": (ever(CHUNKED, chunk(MB)), DOWN, TOO_MANY),
    "an endless body without length": (ever(head("Connection: close"), MB), DOWN, TOO_MANY),
    "a body of 100 MB": (sent(head(f"Content-Length: {100 * 2**20}"), *[MB] * 100), DOWN, TOO_MANY),
    "a length of 2^62": (ever(head(f"Content-Length: {2**62}"), MB), DOWN, TOO_MANY),
    "an endless error body": (
        ever(head("Transfer-Encoding: chunked", status="500 Oops"), chunk(MB)),
        DOWN,
        "HTTP 500",
    ),
    "an endless 400": (
        ever(head("Transfer-Encoding: chunked", status="400 No"), chunk(MB)),
        1,
        "HTTP 400",
    ),
    "an endless redirect body": (
        ever(head("Location: /v1", "Transfer-Encoding: chunked", status="302 F"), chunk(MB)),
        DOWN,
        "HTTP 302",
    ),
    "a gzip bomb of 1 GB": (reply(BOMB, "Content-Encoding: gzip"), DOWN, TOO_MANY),
    "a deflate bomb of 1 GB": (
        reply(zlib.compress(bytes(2**30 // 4), 9), "Content-Encoding: deflate"),
        DOWN,
        TOO_MANY,
    ),
    "a gzip bomb in a stream": (
        sent(head("Content-Encoding: gzip", "Connection: close", kind="text/event-stream"), BOMB),
        DOWN,
        TOO_MANY,
    ),
    "a gzip bomb as an error": (
        reply(BOMB, "Content-Encoding: gzip", status="503 Oops"),
        DOWN,
        "HTTP 503",
    ),
    "gzip in gzip": (reply(PACKED, "Content-Encoding: gzip, gzip"), DOWN, ""),
    "gzip in gzip, said once": (reply(PACKED, "Content-Encoding: gzip"), DOWN, "isn't JSON"),
    "100,000 empty gzip members": (
        reply(gzip.compress(b"") * 100_000, "Content-Encoding: gzip"),
        DOWN,
        "",
    ),
    "gzip that isn't": (reply(GOOD, "Content-Encoding: gzip"), DOWN, "packed as it says"),
    "gzip cut in the middle": (
        reply(gzip.compress(GOOD)[:50], "Content-Encoding: gzip"),
        DOWN,
        "",
    ),
    "br that isn't": (reply(GOOD, "Content-Encoding: br"), DOWN, ""),
    "zstd that isn't": (reply(GOOD, "Content-Encoding: zstd"), DOWN, ""),
    "a byte every 0.1 s for ever": (ever(CHUNKED, chunk(b"x"), wait_s=0.1), DOWN, DRIPS),
    "a comment every 0.1 s for ever": (ever(STREAM, chunk(b": on\n\n"), wait_s=0.1), DOWN, DRIPS),
    "a piece every 0.1 s for ever": (
        ever(STREAM, chunk(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'), wait_s=0.1),
        DOWN,
        DRIPS,
    ),
    "a header's byte every 0.1 s for ever": (
        ever(b"HTTP/1.1 200 OK\r\nX: ", b"x", wait_s=0.1),
        DOWN,
        SILENT,
    ),
    "a status' byte every 0.1 s for ever": (ever(b"HTTP/1.1 200 ", b"x", wait_s=0.1), DOWN, SILENT),
    "endless headers": (ever(b"HTTP/1.1 200 OK\r\n", b"X-Y: 1234\r\n" * 999), DOWN, NOT_HTTP),
    "an endless header": (ever(b"HTTP/1.1 200 OK\r\nX: ", MB), DOWN, NOT_HTTP),
    "an endless header's name": (ever(b"HTTP/1.1 200 OK\r\n", MB), DOWN, NOT_HTTP),
    "an endless status": (ever(b"HTTP/1.1 200 ", MB), DOWN, NOT_HTTP),
    "100,000 headers": (
        sent(b"HTTP/1.1 200 OK\r\n" + b"X-Y: 1234\r\n" * 100_000 + b"\r\n"),
        DOWN,
        NOT_HTTP,
    ),
    "10,000 cookies": (
        reply(GOOD, *(f"Set-Cookie: c{n}=1" for n in range(10_000))),
        DOWN,
        NOT_HTTP,
    ),
    "100 cookies": (reply(b"{}", *(f"Set-Cookie: c{n}=1" for n in range(100))), DOWN, "no choices"),
    "endless trailers": (
        ever(CHUNKED + chunk(GOOD) + b"0\r\n", b"X-Y: 1234\r\n" * 999),
        DOWN,
        "",
    ),
    "an endless chunk extension": (ever(CHUNKED + b"5;", MB), DOWN, ""),
    "endless 102s": (ever(b"", head(status="102 Processing", kind="") * 999), DOWN, ""),
    "endless 100s": (ever(b"", head(status="100 Continue", kind="") * 999), DOWN, ""),
    "a 103 every 0.1 s for ever": (
        ever(b"", head(status="103 Early Hints", kind=""), wait_s=0.1),
        DOWN,
        SILENT,
    ),
    "a 101": (
        sent(head("Upgrade: websocket", "Connection: upgrade", status="101 Switching"), MB),
        DOWN,
        "",
    ),
    "a reset": (sent(RESET), DOWN, BROKEN),
    "a reset in the header": (sent(b"HTTP/1.1 200 OK\r\nX:", 0.05, RESET), DOWN, BROKEN),
    "a reset in the body": (sent(CHUNKED, chunk(b"{"), 0.05, RESET), DOWN, BROKEN),
    "a close": (sent(), DOWN, "closed before a reply"),
    "a close in the header": (sent(b"HTTP/1.1 200 OK\r\nX:"), DOWN, ""),
    "a close in the body": (sent(head("Content-Length: 100"), b"{"), DOWN, "middle of the reply"),
    "silence": (ever(b"", b"", wait_s=0.2), DOWN, SILENT_FROM_THE_START),
    "silence after the header": (ever(CHUNKED, b"", wait_s=0.2), DOWN, SILENT),
    "silence in a stream": (ever(STREAM + chunk(b"data: {"), b"", wait_s=0.2), DOWN, SILENT),
    "HTTP/0.9": (sent(GOOD), DOWN, NOT_HTTP),
    "HTTP/2's preface": (sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(99)), DOWN, NOT_HTTP),
    "HTTP/9.9": (sent(head().replace(b"1.1", b"9.9") + GOOD), DOWN, ""),
    "no status": (sent(b"HTTP/1.1\r\n\r\n" + GOOD), DOWN, NOT_HTTP),
    "a status of 10 digits": (sent(b"HTTP/1.1 2000000000 OK\r\n\r\n"), DOWN, NOT_HTTP),
    "a status of -200": (sent(b"HTTP/1.1 -200 OK\r\n\r\n"), DOWN, NOT_HTTP),
    "a status of 999": (reply(b"", status="999 What"), DOWN, "HTTP 999"),
    "a greeting of SSH": (sent(b"SSH-2.0-OpenSSH_9.6\r\n"), DOWN, NOT_HTTP),
    "random bytes": (sent(bytes(range(256)) * 99), DOWN, NOT_HTTP),
    "a negative length": (sent(head("Content-Length: -5") + GOOD), DOWN, NOT_HTTP),
    "two lengths": (sent(head("Content-Length: 5", "Content-Length: 7") + GOOD), DOWN, NOT_HTTP),
    "a length and chunks": (
        sent(head("Content-Length: 5", "Transfer-Encoding: chunked") + chunk(GOOD)),
        DOWN,
        "",
    ),
    "a length of letters": (sent(head("Content-Length: many") + GOOD), DOWN, NOT_HTTP),
    "a length of 10^5 digits": (sent(head(f"Content-Length: {'9' * 100_000}")), DOWN, NOT_HTTP),
    "a chunk of 2^63": (ever(CHUNKED + b"8000000000000000\r\n", MB), DOWN, ""),
    "a chunk of -1": (sent(CHUNKED + b"-1\r\nabc\r\n"), DOWN, NOT_HTTP),
    "a chunk of zz": (sent(CHUNKED + b"zz\r\nabc\r\n"), DOWN, NOT_HTTP),
    "a chunk of 10^6 noughts": (sent(CHUNKED + b"0" * 10**6 + b"5\r\nabcde\r\n"), DOWN, ""),
    "chunks of one byte": (ever(CHUNKED, chunk(b"[") * 2**16), DOWN, ""),
    "a folded header": (sent(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"), DOWN, ""),
    "NUL in a header": (sent(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"), DOWN, NOT_HTTP),
    "a redirect to a file": (
        reply(b"", "Location: file:///etc/passwd", status="302 F"),
        DOWN,
        "HTTP 302",
    ),
    "a redirect to another host": (
        reply(b"", "Location: http://127.0.0.2:9/v1", status="307 T"),
        DOWN,
        "HTTP 307",
    ),
    "a redirect to itself": (
        reply(b"", "Location: /v1/chat/completions", status="308 P"),
        DOWN,
        "HTTP 308",
    ),
    "bytes that nobody asked for": (sent(head("Content-Length: 2"), b"{}", MB, MB), DOWN, ""),
    "a second reply that nobody asked for": (
        sent((head(f"Content-Length: {len(GOOD)}") + GOOD) * 9, 1.0),
        1,
        "",
    ),
    "a wait of 10^12 s": (
        reply(b"", "Retry-After: 999999999999", status="429 No"),
        DOWN,
        "HTTP 429",
    ),
    "a wait since year 1": (
        reply(b"", "Retry-After: Mon, 01 Jan 0001 00:00:00 GMT", status="429 No"),
        DOWN,
        "HTTP 429",
    ),
    "a wait of letters": (
        reply(b"", f"Retry-After: {'9' * 5000}e9", status="503 No"),
        DOWN,
        "HTTP 503",
    ),
    "a clock of another century": (
        reply(b"{}", "Date: Fri, 01 Jan 1900 00:00:00 GMT"),
        DOWN,
        "no choices",
    ),
}
