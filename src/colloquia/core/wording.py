"""Small helps for error lines: close names, wrong arguments, and what first failed to validate."""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from colloquia.core.errors import UserError
from colloquia.core.text import brief

if TYPE_CHECKING:
    from colloquia.core.strict_yaml import Document

# What is wrong, as the beginning of pydantic's name for it -> what a value isn't, and the fix.
_KINDS = {
    "string_type": "is no text; give some, in quotes",
    "int_parsing_size": "is too large; give a smaller whole number",
    "int_": "is no whole number; give one, such as 3",
    "float_": "is no number; give one, such as 0.5",
    "finite_number": "is not finite; give a number such as 0.5",
    "bool_": "is neither true nor false; give one of them",
    "list_": "is no list; give one, such as [a, b]",
    "tuple_": "is no list; give one, such as [a, b]",
    "dict_": "is no section; give what belongs in it, each as NAME: VALUE",
    "model_": "is no section; give its settings, each as NAME: VALUE",
    "literal_error": "is unknown; choose {expected}",
    "greater_than_equal": "is too small; give at least {ge}",
    "greater_than": "is too small; give more than {gt}",
    "less_than_equal": "is too large; give at most {le}",
    "less_than": "is too large; give less than {lt}",
    "string_too_short": "is too short; give at least {min_length} characters",
    "string_too_long": "is too long; give at most {max_length} characters",
    "too_short": "has too few entries; give at least {min_length}",
    "too_long": "has too many entries; give at most {max_length}",
    "string_pattern_mismatch": "has another form; give one that fits {pattern}",
}
_LARGE = 10**40  # Python refuses to write out numbers of thousands of digits

THE_LAST_BEGINS = "; the last begins: "
"""What stands before it says why a dialogue failed; after it stands the model's last reply."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def refuse_unknown(name: str, value: object, known: Sequence[str]) -> None:
    """Raise UserError where a value is none of those that an argument takes."""
    if value not in known:
        *others, last = known
        choices = f"{', '.join(others)} or {last}"
        raise UserError(f"{name}={value!r}: choose {choices}{did_you_mean(str(value), known)}")


def refuse_no_score(min_score: object) -> None:
    """Raise UserError where a least score is none; scores are 0 to 1, and None asks for none."""
    if min_score is None:
        return
    if not isinstance(min_score, int | float) or not 0 <= min_score <= 1:
        raise UserError(f"min_score={min_score!r}: scores are 0 to 1")


def cannot_play(role: str, plays: Iterable[str], *, agent: str = "Agent") -> str:
    """Return that the offline teacher can't play a role of the user's own, and what to do."""
    return (
        f"the offline model can't play {role!r}, only {', '.join(plays)}; give that agent a model, "
        f'{agent}(model="NAME") with a NAME under the recipe\'s models, or subclass Check, which '
        "needs none"
    )


def first_problem(
    error: ValidationError, model: type[BaseModel]
) -> tuple[tuple[str | int, ...], str, tuple[str, ...]]:
    """Return where a validation first failed, what is wrong, and the names allowed there.

    A name that isn't known comes before one that is missing: it is often the same one misspelt.
    """
    problem = min(error.errors(), key=lambda problem: problem["type"] == "missing")
    where = tuple(part for part in problem["loc"] if part != "function-after")
    if problem["type"] == "extra_forbidden":
        return where, "unknown setting", fields_at(model, where[:-1])
    if problem["type"] == "missing":
        return where, missing(model, where), ()
    return where, misfit(problem), ()


def missing(model: type[BaseModel], where: tuple[str | int, ...]) -> str:
    """Return that a setting is missing, with the shape of what to add."""
    inside = getattr(_type_of(model, where), "model_fields", {})
    needed = ", ".join(f"{name}: …" for name, about in inside.items() if about.is_required())
    return f"missing; add '{where[-1]}: {f'{{{needed}}}' if needed else '…'}'"


def fields_at(model: type[BaseModel], where: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the names of the settings that a section may hold."""
    return tuple(getattr(_type_of(model, where), "model_fields", ()))


def _type_of(model: Any, where: tuple[str | int, ...]) -> Any:
    """Return the type of a setting; a name of the user's own leads to what a mapping holds."""
    for part in where:
        if get_origin(model) is dict:
            _, model = get_args(model)
            continue
        field = getattr(model, "model_fields", {}).get(part)
        model = None if field is None else field.annotation
    return model


def section_of(name: str, model: Any) -> str | None:
    """Return the path below `model` of the nearest section that has a field of this name."""
    sections: list[tuple[tuple[str, ...], Any]] = [((), model)]
    for path, section in sections:
        for field, about in section.model_fields.items():
            if path and field == name:
                return ".".join((*path, name))
            if isinstance(about.annotation, type) and issubclass(about.annotation, BaseModel):
                sections.append(((*path, field), about.annotation))
    return None


def hint_for(name: str, known: Iterable[str], model: type[BaseModel]) -> str:
    """Return `; did you mean 'x'?` for an unknown setting: a word alike, or one in a section."""
    home = section_of(name, model)
    return f"; did you mean {home!r}?" if home else did_you_mean(name, known)


def told_at(
    error: ValidationError, model: type[BaseModel], *, where: Path, document: "Document | None"
) -> str:
    """Return `file:line: setting: what is wrong; the fix`, of the first problem.

    Args:
        error: of validating `model`.
        model: a recipe.
        where: the file, or what stands for it.
        document: what was read; None where the values aren't a file's.
    """
    path, what, known = first_problem(error, model)
    hint = (hint_for(str(path[-1]), known, model) or "; drop it") if path and known else ""
    name = ".".join(str(part) for part in path) or "recipe"
    place = f"{where}:{document.line_of(path)}" if document else str(where)
    others = error.error_count() - 1
    more = f"; and {others} more, which `colloquia lint` tells" if others else ""
    return f"{place}: {name}: {what}{hint}{more}"


def misfit(fault: ErrorDetails) -> str:
    """Return what is wrong with a value and, after a semicolon, the fix.

    Args:
        fault: of pydantic's, neither a missing nor an unknown setting.
    """
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in ("value_error", "assertion_error"):  # a validator of ours
        return str(context["error"])
    known = next((told for begins, told in _KINDS.items() if kind.startswith(begins)), None)
    if known is None:
        return f"{as_written(fault['input'])} doesn't fit; {_uncapitalised(fault['msg'])}"
    return f"{as_written(fault['input'])} {known.format_map(_as_numbers(context))}"


def first_misfit(error: ValidationError) -> str:
    """Return where the first wrong value is, and what is wrong with it."""
    first = error.errors(include_url=False)[0]
    return "".join(f"{part}: " for part in first["loc"]) + misfit(first)


def as_written(value: Any) -> str:
    """Return a value as it would stand in YAML, cut short; of a collection only what it is."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return brief(value)
        case int() | float():
            finite = isinstance(value, int) or math.isfinite(value)
            return "a huge number" if finite and abs(value) >= _LARGE else str(value)
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
    return f"a {type(value).__name__}"


def _as_numbers(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return bounds as people write them: 0 for 0.0."""
    return {k: f"{v:g}" if isinstance(v, float) else v for k, v in context.items()}


def _uncapitalised(message: str) -> str:
    return message[:1].lower() + message[1:]
