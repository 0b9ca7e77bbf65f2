"""What every reader hands on: named values and their place, or why they can't be used."""

from dataclasses import dataclass
from typing import Any

from colloquia.snippets.markup import plain_text
from colloquia.snippets.prose.headings import Sections, without_heading
from colloquia.snippets.prose.turns import without_labels

MIN_CHARS = 20  # less isn't a passage to ask questions about
MAX_CHARS = 20_000  # about 5,000 tokens: the prompt of every agent carries the whole passage
MAX_ROW = 1_000_000  # characters of a row with all its metadata; what is longer isn't looked into


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """What one line or passage says, or the reason why it can't be used."""

    where: str
    """`file:line`."""
    fields: dict[str, Any] | None = None
    """By name; `text` is among them."""
    reason: str = ""


class BadLine(ValueError):
    """A line that can't be used; the text is its reason."""


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words."""
    names = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def plain_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a row with text and title as plain text.

    A numbered heading that opens the text becomes the title where there is none.
    """
    plain = {
        name: plain_text(value)
        for name in ("text", "title")
        if isinstance(value := fields.get(name), str) and len(value) <= 2 * MAX_CHARS
    }
    if "text" not in plain:
        return fields
    plain["text"] = without_labels(plain["text"])
    heading, rest = without_heading(plain["text"])
    if heading and not fields.get("title") and len(rest) >= MIN_CHARS:
        section, title = Sections().split(heading)
        plain |= {"text": rest, "title": title}
        plain |= {"section": section} if section and "section" not in fields else {}
    return {**fields, **plain}
