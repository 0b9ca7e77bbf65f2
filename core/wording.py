"""Small helps for error lines: close names, and the first problem of a failed validation."""

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def first_problem(
    error: ValidationError, model: type[BaseModel]
) -> tuple[tuple[str | int, ...], str, tuple[str, ...]]:
    """Return where a validation first failed, what is wrong, and the names allowed there."""
    problem = error.errors()[0]
    where = tuple(part for part in problem["loc"] if part != "function-after")
    if problem["type"] == "extra_forbidden":
        return where, "unknown setting", _fields_at(model, where[:-1])
    if problem["type"] == "missing":
        return where, "missing", ()
    return where, problem["msg"].removeprefix("Value error, "), ()


def _fields_at(model: Any, where: tuple[str | int, ...]) -> tuple[str, ...]:
    for part in where:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return ()
        model = field.annotation
    return tuple(getattr(model, "model_fields", ()))


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
