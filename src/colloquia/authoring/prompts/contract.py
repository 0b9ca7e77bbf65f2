"""What agents are told and what they read, off `core.roles` so that it can't drift.

A template may use less than its agent is told, never more, and its `output` is what the agent
reads: for a reviewer of the user's own a `Verdict`, unless its class has another `reply_type`.
"""

import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from colloquia.authoring.prompts.front_matter import Declared, InputType
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    CriticReply,
    JointInput,
    JointReply,
    JudgeInput,
    JudgeReply,
    PlannerInput,
    PlannerReply,
    QuestionerInput,
    QuestionerReply,
    ReasonerReply,
    RefusalReply,
    ReviewInput,
    WriterInput,
    WriterReply,
)
from colloquia.core.types import Value
from colloquia.core.wording import did_you_mean

ROLE_INPUTS: dict[str, type[Value]] = {
    "planner": PlannerInput,
    "questioner": QuestionerInput,
    "answerer": AnswererInput,
    "reasoner": AnswererInput,
    "critic": ReviewInput,
    "refusal_checker": ReviewInput,
    "joint_reviewer": JointInput,
    "judge": JudgeInput,
    "writer": WriterInput,
}

ROLE_REPLIES: dict[str, type[Value]] = {
    "planner": PlannerReply,
    "questioner": QuestionerReply,
    "answerer": AnswererReply,
    "reasoner": ReasonerReply,
    "critic": CriticReply,
    "refusal_checker": RefusalReply,
    "joint_reviewer": JointReply,
    "judge": JudgeReply,
    "writer": WriterReply,
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
    return {} if model is None else inputs_of(model)


def inputs_of(brief: type[BaseModel]) -> dict[str, Declared]:
    """Return what an agent with this brief is told, by name."""
    return {name: _declared(name, field.annotation) for name, field in brief.model_fields.items()}


def types_told(role: str) -> dict[str, Any]:
    """Return the types of a role's inputs by name; of all roles' for one of the user's own."""
    briefs = [ROLE_INPUTS[role]] if role in ROLE_INPUTS else reversed(ROLE_INPUTS.values())
    return {name: f.annotation for brief in briefs for name, f in brief.model_fields.items()}


def input_fault(name: str, declared: Declared, told: Mapping[str, Declared]) -> str | None:
    """Return why an agent who is told this can't fill an input, and the fix; None where it can."""
    if name not in told:
        hint = did_you_mean(name, told) or f"; it knows {', '.join(told)}"
        return f"is never told {name!r}{hint}"
    if declared.type != told[name].type:
        return f"is told {name!r} as {told[name].type}; declare that type"
    if told[name].optional and not declared.optional:
        return f"may be told no {name!r}; add 'optional: true'"
    return None


def output_fault(schema: Mapping[str, Any] | None, reply: type[BaseModel]) -> str | None:
    """Return why a template's output isn't what its agent reads, and the fix; None where it is."""
    kind = reply.__name__
    if schema is None:
        return f"output is missing; add 'output: {kind}'"
    asked, fields = set(schema.get("properties", ())), reply.model_fields
    needed = {name for name, field in fields.items() if field.is_required()}
    if asked and needed <= asked <= fields.keys():
        return None
    return f"output isn't what is read, a {kind} ({', '.join(fields)}); write 'output: {kind}'"


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
