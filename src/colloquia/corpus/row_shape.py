"""What is wrong with one training row, if anything: columns, messages, identity."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from colloquia.core.control_tokens import find_control_token
from colloquia.core.text import without_surrogates
from colloquia.corpus.formats import ROW_FORMATS, Feature, Format, row_id
from colloquia.corpus.kinds import KINDS
from colloquia.corpus.thinking import parted

_SURROGATE = "a lone surrogate, which UTF-8 can't hold"
_UNFIT = "of another type than the card says"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A code for programs and a sentence for people."""

    code: str
    message: str


def flaws_in(row: Any, name: Format) -> Iterator[Flaw]:
    """Yield what is wrong with a row; the first flaw of its columns ends the look."""
    columns = list(ROW_FORMATS[name].columns)
    if not isinstance(row, dict) or list(row) != columns:
        yield Flaw(
            code="columns", message=f"the columns aren't {', '.join(columns)}, in this order"
        )
        return
    features = ROW_FORMATS[name].columns
    if wrong := [column for column in columns if not _fits(row[column], features[column])]:
        yield Flaw(code="type", message=f"{wrong[0]}: {_UNFIT}")
        return
    parts = [column for column in columns if column in _MESSAGE_COLUMNS]
    for column in parts:
        broken = _not_messages(row[column], features[column])
        if broken:
            yield Flaw(code="messages", message=f"{column}: {broken}")
            return
    for messages in _conversations(row, name):
        if not _takes_turns(messages, name):
            yield Flaw(code="roles", message=_ROLES)
        yield from _flaws_of_messages(messages)
    if name in ("trl-dpo", "token-pairs"):
        yield from _flaws_of_pair(row, name)
    if row["id"] != row_id(row, name):
        yield Flaw(code="id", message="the id isn't the hash of the row's messages")


def misshapen(row: Any, name: Format) -> str | None:
    """Return why a row can't be read at all, None if it can: it has no id, or messages aren't."""
    all_columns = ROW_FORMATS[name].columns if name in ROW_FORMATS else {}
    columns = [column for column in all_columns if column in _READ_COLUMNS]
    if not isinstance(row, dict):
        return "the row is no object"
    if lacking := [column for column in columns if column not in row]:
        return f"the row has no {lacking[0]}"
    for column, feature in all_columns.items():
        if column in row and not _fits(row[column], feature):
            return f"{column}: {_UNFIT}"
    wrong = (
        _not_messages(row[column], all_columns[column])
        for column in columns
        if column in _MESSAGE_COLUMNS
    )
    return next(filter(None, wrong), None) or _surrogate_in(row, columns)


def _flaws_of_pair(row: dict[str, Any], name: Format) -> Iterator[Flaw]:
    if name == "trl-dpo" and row["chosen"] == row["rejected"]:
        yield Flaw(code="same_text", message="chosen and rejected read the same")
    if name == "token-pairs" and row["chosen_ids"] == row["rejected_ids"]:
        yield Flaw(code="same_tokens", message="chosen and rejected are the same tokens")


def _fits(value: Any, feature: Feature) -> bool:
    match feature:
        case {"list": _}:
            return True  # messages are looked at by themselves
        case {"sequence": "int64"}:
            whole = isinstance(value, list) and all(type(item) is int for item in value)
            return whole and bool(value) and all(0 <= item < _LARGEST_TOKEN for item in value)
        case {"sequence": _}:
            return isinstance(value, list) and all(_is_text(item) for item in value)
        case {"dtype": "string"}:
            return value is None or _is_text(value)
        case {"dtype": "bool"}:
            return isinstance(value, bool)
        case {"dtype": "int64"}:
            return type(value) is int and abs(value) < 2**63
    return value is None or (type(value) in (int, float) and abs(value) <= _LARGEST)


def _surrogate_in(row: dict[str, Any], columns: Sequence[str]) -> str | None:
    said = (m["content"] for name in columns if name in _MESSAGE_COLUMNS for m in row[name])
    return None if all(map(_is_text, said)) else _SURROGATE


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value == without_surrogates(value)


_LARGEST_TOKEN = 2**31
_LARGEST = sys.float_info.max
_MESSAGE_COLUMNS = frozenset({"messages", "prompt", "completion", "chosen", "rejected"})
_READ_COLUMNS = _MESSAGE_COLUMNS | {"id", "prompt_ids", "chosen_ids", "rejected_ids"}


def _not_messages(value: Any, feature: Feature) -> str | None:
    if not isinstance(value, list) or not value:
        return "not a list of messages"
    names = [part["name"] for part in feature["list"]]
    texts = [part["name"] for part in feature["list"] if part["dtype"] == "string"]
    for message in value:
        if not isinstance(message, dict) or list(message) != names:
            return f"a message has {' and '.join(names)}, and nothing else"
        if not all(isinstance(message[name], str) for name in texts):
            return f"{' and '.join(texts)} are text, never null"
        if "weight" in message and not _is_weighed(message):
            return "a kind is unknown, or a weight isn't a number from 0 on"
    return None


def _is_weighed(message: dict[str, Any]) -> bool:
    weight = message["weight"]
    return message["kind"] in KINDS and type(weight) in (int, float) and 0 <= weight <= _LARGEST


def _conversations(row: dict[str, Any], name: Format) -> Iterator[list[dict[str, str]]]:
    match name:
        case "trl-sft-turns":
            yield [*row["prompt"], *row["completion"]]
        case "trl-dpo":
            yield [*row["prompt"], *row["chosen"]]
            yield [*row["prompt"], *row["rejected"]]
        case "trl-grpo":
            yield [*row["prompt"], {"role": "assistant", "content": str(row["reference"])}]
        case "token-pairs":
            return
        case _:
            yield row["messages"]


def _takes_turns(messages: list[dict[str, str]], name: Format) -> bool:
    """Whether the assistant answers the user; where it acts, several may speak between."""
    spoken = messages[1:] if messages[0]["role"] == "system" else messages
    roles = [message["role"] for message in spoken]
    if name == "echo-jsonl":
        return roles[:1] == ["user"] and set(roles) == {"user", "assistant"}
    return bool(roles) and roles == ["user", "assistant"] * (len(roles) // 2)


_ROLES = "roles don't go user, assistant, … to a last assistant message"


def _flaws_of_messages(messages: list[dict[str, str]]) -> Iterator[Flaw]:
    for message in messages:
        content = message["content"]
        if not content or content != content.strip():
            yield Flaw(code="text", message="a message is empty or has white space around it")
        if content != without_surrogates(content):
            yield Flaw(code="surrogate", message=_SURROGATE)
        own = parted(content) if message is messages[-1] else None
        said = (content,) if own is None else (own.thought or "", own.answer)
        if token := next(filter(None, map(find_control_token, said)), None):
            yield Flaw(code="control_tokens", message=f"{token!r} would become a real turn")
