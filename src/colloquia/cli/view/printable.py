"""What is shown of names, numbers and ids; `core.text` says what of a text can be shown."""

import json
from typing import Any

from colloquia.core.text import HIDDEN, printable

ID_CHARS = 10  # 40 bits of the id: enough to tell a million dialogues apart, short enough to type


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
    return HIDDEN.sub(lambda hidden: hidden[1] or json.dumps(hidden[0])[1:-1], text)


def short_id(identity: str) -> str:
    """Return the part of an id that is enough to find it again."""
    return identity.partition("_")[2][:ID_CHARS] or identity
