"""Small helps for error lines: close names, wrong arguments, and what first failed to validate."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from colloquia.core.errors import UserError
from colloquia.core.text import unprefixed

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
    return where, unprefixed(problem["msg"]), ()


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
