"""A key thrown back by the endpoint that was sent it, written down in every way people do."""

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote

from benchmarks.hostile.endpoint_bodies import FAILED, whole
from benchmarks.hostile.endpoint_lines import DOWN, Table, reply

KEY = "sk-Zq8vT3nL/x5Rw_29+Km4bYc7Hd1&Fg6=="
PIECE = 8


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _base32(text: str) -> str:
    return base64.b32encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "its beginning": lambda key: key[:12],
    "its first 8 characters": lambda key: key[:8],
    "its end": lambda key: key[-14:],
    "from its middle": lambda key: key[9:21],
    "in upper case": str.upper,
    "in lower case": str.lower,
    "with cases swapped": str.swapcase,
    "in hexadecimals": lambda key: key.encode().hex(),
    "in hexadecimals with colons": lambda key: key.encode().hex(":"),
    "in base64": _base64,
    "in base64 behind a user": lambda key: _base64(f"user:{key}"),
    "in base32": _base32,
    "in base32 behind a user": lambda key: _base32(f"user:{key}"),
    "escaped for JSON": lambda key: "".join(f"\\u{ord(char):04x}" for char in key),
    "escaped for HTML": html.escape,
    "in HTML's numbers": lambda key: "".join(f"&#{ord(char)};" for char in key),
    "percent-encoded": lambda key: quote(key, safe=""),
    "percent-encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "in percents alone": lambda key: "".join(f"%{ord(char):02x}" for char in key),
    "backwards": lambda key: key[::-1],
    "with blanks": " ".join,
    "over lines": "\n".join,
    "with zero width": "\u200b".join,
    "in halves": lambda key: f"{key[:18]}\n{key[18:]}",
    "as numbers": lambda key: str(list(key.encode())),
    "as C's hexadecimals": lambda key: ", ".join(map(hex, key.encode())),
    "as C's octals": lambda key: "".join(f"\\{byte:03o}" for byte in key.encode()),
    "in eight digits each": lambda key: "".join(f"\\U{ord(char):08x}" for char in key),
    "in base64 twice": lambda key: _base64(_base64(key)),
    "in base64 of UTF-16": lambda key: base64.b64encode(key.encode("utf-16-le")).decode(),
    "in hexadecimals of UTF-16": lambda key: key.encode("utf-16-be").hex(),
    "with marks between": "<wbr>".join,
    "in tags that nobody sees": lambda key: "".join(chr(ord(char) + 0xE0000) for char in key),
    "in wide letters": lambda key: "".join(chr(ord(char) + 0xFEE0) for char in key),
}


def left_of(text: str) -> str:
    """Return a piece of the key that a text tells, if it does, in a form that can be read back."""
    text = "".join(chr(ord(char) & 0x7F) if char > "\U000e0000" else char for char in text)
    bare = _bare(re.sub("<wbr>|0x|U000000", "", text))
    for form in (KEY, KEY[::-1], KEY.encode().hex(), _base64(f"user:{KEY}"), *_TELLING):
        telling = _bare(form)
        for first in range(len(telling) - PIECE):
            if telling[first : first + PIECE + 1] in bare:
                return telling[first : first + PIECE + 1]
    return ""


def _bare(text: str) -> str:
    return "".join(char for char in text.lower() if char.isascii() and char.isalnum())


_TELLING = [
    FORMS[name](KEY)
    for name in (
        *("in base64", "in base64 twice", "in base64 of UTF-16", "in hexadecimals of UTF-16"),
        *("as numbers", "as C's octals", "in base32", "in base32 behind a user"),
    )
]


def _said(form: Callable[[str], str]) -> bytes:
    return json.dumps({"error": {"message": f"Incorrect API key: {form(KEY)}."}}).encode()


ECHOES: Table = {
    **{
        f"the key {name}": (reply(_said(form), status="400 No"), FAILED, "HTTP 400")
        for name, form in FORMS.items()
    },
    "the key's pieces in a 400": (
        reply(
            json.dumps({"error": {"message": [KEY[:9], KEY[5:20], {KEY: KEY[20:]}]}}).encode(),
            status="400 No",
        ),
        FAILED,
        "HTTP 400",
    ),
    "the key in a 401": (reply(_said(str), status="401 No"), 2, "HTTP 401"),
    "the key in a status": (reply(b"", status=f"500 {KEY}"), DOWN, "HTTP 500"),
    "the key in a page": (reply(f"<html>{KEY}".encode(), kind="text/html"), DOWN, "web page"),
    "the key as a reply": (reply(KEY.encode()), DOWN, "isn't JSON"),
    "the key in an error inside a 200": (reply(_said(str)), DOWN, "inside HTTP 200"),
    "the key in an address": (
        reply(b"", f"Location: http://127.0.0.2/?key={quote(KEY)}", status="302 F"),
        DOWN,
        "HTTP 302",
    ),
    "the key behind 9,995 characters": (
        reply(
            json.dumps({"error": {"message": " " * 9_961 + KEY + " and no more"}}).encode(),
            status="400 No",
        ),
        FAILED,
        "HTTP 400",
    ),
    "the key as a filter's words": (
        reply(whole(choices=[{"message": {"content": KEY}, "finish_reason": "content_filter"}])),
        FAILED,
        "",
    ),
}
