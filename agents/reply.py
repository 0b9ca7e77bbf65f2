"""From a model's text to a typed reply: JSON as models really write it, or a reason why not.

A reason names what came instead, in the words of JSON, so that it can be told to the model and to
whoever reads why a dialogue failed.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from colloquia.agents.reply_schema import Schema, expected, fitted, listed, part_at
from colloquia.core.text import clean_value, unprefixed
from colloquia.core.types import ModelCall
from colloquia.models.wire.nearly_json import MOST_CHARS, mended
from colloquia.models.wire.thoughts import thought_apart
from colloquia.snippets.formats.items import MAX_CHARS

Reply = TypeVar("Reply", bound=BaseModel)

MOST_PROBLEMS = 3  # told at once
MOST_OF_A_QUESTION = 2_000  # characters; people ask in 200
MOST_ITEMS = 200  # of a list: quotes, reviews, exchanges
SHOWN_CHARS = 80  # of a reply: enough to know it again

_OBJECT = re.compile(r"\{\s*[\"'}]")
_CANNOT = (
    r"(?:can['’]?t|can ?not|won['’]?t|will not|(?:un|not )able to|not comfortable"
    r"|(?:must|have to) (?:decline|refuse))\b"
)
_REFUSAL = re.compile(
    rf"\W*(?:.{{0,40}}?\bI(?:['’]?m| am)?|(?:sorry|unfortunately)\W) {_CANNOT}.{{0,40}}",
    re.IGNORECASE | re.DOTALL,
)
_HELPING = re.compile(
    r"help|assist|compl|fulfil|provide|creat|generat|writ|continu|engag|discuss|support"
    r"|do (?:that|this|so)|declin|refus|request",
    re.IGNORECASE,
)
_TOOL_CALL = re.compile(
    r"<\|?tool_calls?\|?>|\[TOOL_CALLS\]|<｜tool▁call|<function=|<\|python_tag\|>|\bto=functions\."
    r"|\A\s*\{\s*\"(?:name|function|tool)\"\s*:\s*\"[^\"]*\"\s*,\s*\"(?:arguments|parameters)\"\s*:"
)


class PlainRefusal(ValueError):
    """The model declined to reply at all, in plain words."""


def text_to_read(call: ModelCall) -> str:
    """Return what a call's reply says, without a thought before it.

    Raises:
        ValueError: it says nothing that could be read, and what came instead.
    """
    said, thought = call.reply or "", call.thought
    if aloud := thought_apart(said):  # from a model that isn't one of ours
        said, thought = aloud.answer, thought or aloud.thought
    if call.stop == "length":
        where = "" if said.strip() or not thought else " within its reasoning, before any answer"
        raise ValueError(f"the reply was cut off{where}; answer more briefly")
    if call.tool_calls and "{" not in said:
        raise ValueError(f'the reply calls a tool, "{call.tool_calls[0].name}", and there is none')
    if len(said) > MOST_CHARS:
        raise ValueError(f"the reply has {len(said):,} characters; {_BRIEFLY}")
    if said.strip():
        return said
    if _TOOL_CALL.search(thought or ""):
        raise ValueError(_CALLS_TOOL)
    raise ValueError(
        "the reply is all reasoning and no answer" if thought else "the reply is empty"
    )


def beginning_of(call: ModelCall) -> str:
    """Return how a call's reply begins, on one line; its thought, where it says nothing else."""
    line = " ".join((call.reply or call.thought or "").split())
    return line if len(line) <= SHOWN_CHARS else f"{line[: SHOWN_CHARS - 1]}…"


def parse_reply(text: str, reply_type: type[Reply]) -> Reply:
    """Read a reply of `reply_type` out of a model's text.

    Code fences, prose around the JSON and trailing commas are forgiven, and what `fitted` puts
    right; a value that doesn't fit its schema is not. Control characters and lone surrogates don't
    get past here.

    Raises:
        PlainRefusal: the text is one.
        ValueError: one line that can be quoted back to the model.
    """
    schema = reply_schema(reply_type)
    value = _json_in(text)
    _refuse_too_much(value)
    value = fitted(listed(clean_value(value), schema), schema, root=schema)
    if not isinstance(value, dict):
        raise ValueError("the reply must be one JSON object, and nothing else")
    try:
        return reply_type.model_validate(value)
    except ValidationError as error:
        if _TOOL_CALL.search(text) and not value.keys() & schema.get("properties", {}).keys():
            raise ValueError(_CALLS_TOOL) from error
        found = error.errors()
        inner = [one["loc"] for one in found]  # a list is told by what is wrong in it
        problems = dict.fromkeys(
            _problem(one, schema) for one in found if not _holds(one["loc"], inner)
        )
        raise ValueError("; ".join(list(problems)[:MOST_PROBLEMS])) from error


@cache
def reply_schema(reply_type: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a reply."""
    return reply_type.model_json_schema()


def _json_in(text: str) -> Any:
    """Return the JSON in a text, mended where it nearly is some; of several objects the last."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    start = _OBJECT.search(text)
    from_here = start.start() if start else text.find("{")
    value = mended(text[from_here:]) if from_here >= 0 else None
    values = value if isinstance(value, list) else [value]
    if objects := [value for value in values if isinstance(value, dict)]:
        return objects[-1]
    raise _no_json(text)


def refuse_long(question: str) -> None:
    """Raise ValueError where a text is too long for a question: reading one takes its time."""
    if len(question) > MOST_OF_A_QUESTION:
        raise ValueError(f"the question has {len(question):,} characters; ask in fewer words")


def _refuse_too_much(value: Any) -> None:
    """Raise ValueError for a text or list that no role would need: what reads it takes its time."""
    inside = [value]
    while inside:
        match inside.pop():
            case str() as text if len(text) > MAX_CHARS:
                raise ValueError(f"the reply has a text of {len(text):,} characters; {_BRIEFLY}")
            case dict() as fields:
                inside += [*fields, *fields.values()]
            case list() as items if len(items) > MOST_ITEMS:
                raise ValueError(f"the reply has a list of {len(items):,}; {_BRIEFLY}")
            case list() as items:
                inside += items


def _no_json(text: str) -> ValueError:
    if _TOOL_CALL.search(text):
        return ValueError(_CALLS_TOOL)
    refusal = _REFUSAL.match(text)
    if refusal and _HELPING.search(refusal[0]):
        return PlainRefusal("the reply is a refusal and holds no JSON object")
    return ValueError("the reply is prose and holds no JSON object" if text.strip() else _EMPTY)


def _problem(found: Any, schema: Schema) -> str:
    """Return what is wrong with a reply in the words of JSON, as far as its schema has them."""
    path, kind = found["loc"], found["type"]
    name = f'"{_path_in_words(path)}"' if path else "the reply"
    if kind == "missing":
        return f"{name} is missing"
    part = part_at(schema, path, root=schema)
    if kind in ("value_error", "assertion_error"):  # a validator's own words
        return f"{name}: {unprefixed(found['msg'])}" if path else unprefixed(found["msg"])
    if part is None or not (wanted := expected(part, root=schema)):
        return f"{name}: {found['msg']}"
    return f"{name} must be {wanted}"


def _holds(path: Sequence[str | int], others: Sequence[Sequence[str | int]]) -> bool:
    return any(len(other) > len(path) and other[: len(path)] == path for other in others)


def _path_in_words(path: Sequence[str | int]) -> str:
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words


_BRIEFLY = "answer more briefly"
_CALLS_TOOL = "the reply calls a tool, and there is none"
_EMPTY = "the reply is empty"
