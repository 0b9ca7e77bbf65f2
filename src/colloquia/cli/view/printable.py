"""Text that anyone may have written, made safe to show in a terminal.

A terminal obeys what it is sent: escape sequences move the cursor, rename the window or write the
clipboard, and bidirectional overrides show words in another order than they are in.
"""

import json
import re
from typing import Any

from colloquia.core.text import clean_text

ID_CHARS = 10  # 40 bits of the id: enough to tell a million dialogues apart, short enough to type

_HIDDEN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides and isolates
    "\ufff9-\ufffb\U000e0000-\U000e007f]"  # annotations and tags: text that nobody sees
)
_UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]"
)


def printable(text: str) -> str:
    """Return the text without control characters, escape sequences and direction overrides."""
    return _HIDDEN.sub("", clean_text(text))


def one_line(text: str, *, most: int | None = None) -> str:
    """Return the text on one line, cut to at most so many characters."""
    line = " ".join(printable(text).split())
    return line if most is None or len(line) <= most else line[: max(1, most - 1)].rstrip() + "…"


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def json_text(document: Any) -> str:
    """Return a JSON document that loses nothing and still can't do anything to a terminal."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return _UNSAFE_IN_JSON.sub(lambda unsafe: f"\\u{ord(unsafe[0]):04x}", text)


def short_id(identity: str) -> str:
    """Return the part of an id that is enough to find it again."""
    return identity.partition("_")[2][:ID_CHARS] or identity
