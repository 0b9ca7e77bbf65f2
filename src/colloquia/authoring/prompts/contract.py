"""What the roles' templates may be told, read off `core.roles` so that it can't drift."""

import types
from typing import Any, Literal, Union, get_args, get_origin

from colloquia.authoring.prompts.front_matter import Declared, InputType
from colloquia.core.roles import (
    AnswererInput,
    JointInput,
    PlannerInput,
    QuestionerInput,
    ReviewInput,
    WriterInput,
)
from colloquia.core.types import Value

ROLE_INPUTS: dict[str, type[Value]] = {
    "planner": PlannerInput,
    "questioner": QuestionerInput,
    "answerer": AnswererInput,
    "critic": ReviewInput,
    "refusal_checker": ReviewInput,
    "joint_reviewer": JointInput,
    "writer": WriterInput,
}

#: Text fields whose values we wrote ourselves: closed sets and the recipe's own words.
TRUSTED_TEXT: frozenset[str] = frozenset({"kind"})

_NAMES: dict[Any, InputType] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    tuple: "list",
    list: "list",
    dict: "object",
}


def contract_of(role: str) -> dict[str, Declared]:
    """Return the inputs of a role by name; empty for a role of the user's own."""
    model = ROLE_INPUTS.get(role)
    if model is None:
        return {}
    return {name: _declared(name, field.annotation) for name, field in model.model_fields.items()}


def _declared(name: str, annotation: Any) -> Declared:
    optional = get_origin(annotation) in (Union, types.UnionType)
    if optional:
        (annotation,) = (part for part in get_args(annotation) if part is not types.NoneType)
    kind = _type_name(annotation)
    carries_text = kind in ("string", "object") or (kind == "list" and not _of_numbers(annotation))
    untrusted = carries_text and name not in TRUSTED_TEXT
    return Declared(type=kind, untrusted=untrusted, optional=optional)


def _type_name(annotation: Any) -> InputType:
    if get_origin(annotation) is Literal:
        return "string"
    base = get_origin(annotation) or annotation
    if isinstance(base, type) and issubclass(base, Value):
        return "object"
    return _NAMES[base]


def _of_numbers(annotation: Any) -> bool:
    return set(get_args(annotation)) - {Ellipsis} <= {int, float, bool}
