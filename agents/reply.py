"""From a model's text to a typed reply: JSON as models really write it, or a reason why not."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from colloquia.core.text import clean_value

Reply = TypeVar("Reply", bound=BaseModel)


def parse_reply(text: str, reply_type: type[Reply]) -> Reply:
    """Read a reply of `reply_type` out of a model's text.

    Code fences, prose around the JSON and trailing commas are forgiven; a value that doesn't fit
    its schema is not. Control characters and lone surrogates don't get past here.

    Raises:
        ValueError: one line that can be quoted back to the model.
    """
    try:
        return reply_type.model_validate(clean_value(_json_in(text)))
    except ValidationError as error:
        raise ValueError(_first_line(error)) from error


def _json_in(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        pass
    from json_repair import repair_json  # only for replies that need it

    start = text.find("{")
    if start < 0:
        raise ValueError("the reply holds no JSON object")
    try:
        return repair_json(text[start:], return_objects=True)
    except RecursionError:
        raise ValueError("the reply is nested too deeply") from None


def _first_line(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the reply"
    return f"{where}: {problem['msg']}"
