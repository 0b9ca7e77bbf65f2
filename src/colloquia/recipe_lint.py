"""Everything wrong with a recipe at once, each with its line.

| code | what |
|---|---|
| R001 | not readable as strict YAML |
| R101 | unknown setting |
| R102 | missing setting |
| R103 | a value that doesn't fit |
| R201 | a secret in the file |
| R301 | snippets, a persona, a prompt folder, a model or a format that isn't there |
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from colloquia.core.errors import ColloquiaError
from colloquia.core.problems import Problem
from colloquia.core.recipe import Recipe, load_recipe
from colloquia.core.strict_yaml import Document, StrictYamlError, load_yaml
from colloquia.core.wording import hint_for
from colloquia.snippets.reader import SnippetReport, read_snippets

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:api_?key|key|token|secret|password|passwd|authorization|bearer)$", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"\b(?:sk-[\w-]{8,}|gh[opsu]_\w{16,}|hf_\w{16,}|xox[abp]-[\w-]{8,}|AKIA[A-Z0-9]{12,}|AIza[\w-]{20,})"
)


def lint_recipe(path: Path) -> list[Problem]:
    """Return the problems of a recipe file, in the order of their lines."""
    try:
        document = load_yaml(path)
    except StrictYamlError as error:
        return [_problem(str(path), error.line or 1, "R001", error.what)]
    if not isinstance(document.data, dict):
        what = "a recipe is a mapping; start with 'snippets: {path: …}'"
        return [_problem(str(path), 1, "R001", what)]
    secrets = list(_secrets(document, document.data, ()))
    faults = list(_faults(document, hidden=[where for where, _ in secrets]))
    problems = [problem for _, problem in secrets] + faults
    if not problems:
        problems += _absent(path, document)
    return sorted(problems, key=lambda problem: problem.line)


def _secrets(
    document: Document, value: Any, where: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Problem]]:
    """Find keys named like a secret and values that look like one; never quote them."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _secrets(document, inner, (*where, key))
        case list():
            for position, inner in enumerate(value):
                yield from _secrets(document, inner, (*where, position))
        case str() if _SECRET_VALUE.search(value) or _SECRET_NAME.search(str(where[-1])):
            name = ".".join(str(part) for part in where)
            message = f"{name}: a secret in a recipe; keep it in an environment variable"
            yield where, _problem(document.name, document.line_of(where), "R201", message)


def _faults(document: Document, *, hidden: list[tuple[str | int, ...]]) -> Iterator[Problem]:
    try:
        Recipe.model_validate(document.data)
    except ValidationError as error:
        for found in error.errors():
            where = tuple(part for part in found["loc"] if part != "function-after")
            if where not in hidden:
                yield _fault(document, where, found["type"], found["msg"])


def _fault(document: Document, where: tuple[str | int, ...], kind: str, what: str) -> Problem:
    name = ".".join(str(part) for part in where) or "recipe"
    line = document.line_of(where)
    match kind:
        case "extra_forbidden":
            hint = hint_for(str(where[-1]), _settings_at(where[:-1]), Recipe) or "; drop it"
            return _problem(document.name, line, "R101", f"{name}: unknown setting{hint}")
        case "missing":
            return _problem(document.name, line, "R102", f"{name}: missing; add it")
        case _:
            what = what.removeprefix("Value error, ")
            return _problem(document.name, line, "R103", f"{name}: {what}")


def _settings_at(where: tuple[str | int, ...]) -> list[str]:
    model: Any = Recipe
    for part in where:
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return []
        model = field.annotation
    return list(getattr(model, "model_fields", ()))


def _absent(path: Path, document: Document) -> Iterator[Problem]:
    """Follow the names in a recipe to what they mean."""
    for where, look in _looks(load_recipe(path)):
        try:
            look()
        except ColloquiaError as error:
            yield _problem(document.name, document.line_of(where), "R301", str(error))


def _looks(recipe: Recipe) -> Iterator[tuple[tuple[str | int, ...], Callable[[], object]]]:
    """Yield where each name stands, and what finds the thing or raises."""
    from colloquia.app import Models  # here, not above: a recipe with faults needs none of them
    from colloquia.corpus.formats import chosen_formats
    from colloquia.personas.cards import load_personas
    from colloquia.prompts.library import PromptLibrary

    source, prompts = recipe.folder / recipe.snippets.path, recipe.prompts
    models = Models.of(recipe)
    yield ("snippets", "path"), partial(read_snippets, source, report=SnippetReport())
    yield ("personas",), partial(load_personas, recipe.personas, base=recipe.folder)
    if prompts is not None:
        yield ("prompts",), partial(PromptLibrary.load, recipe.folder / prompts)
    for role in type(recipe.agents).model_fields:
        yield ("agents", role, "model"), partial(models, recipe.settings_for(role))
    yield ("export", "to"), partial(chosen_formats, recipe.export.to)


def _problem(file: str, line: int, code: str, message: str) -> Problem:
    return Problem(file=file, line=line, code=code, message=message)
