"""Everything wrong with a recipe at once, each with its line.

| code | what |
|---|---|
| R001 | not readable as strict YAML |
| R101 | unknown setting |
| R102 | missing setting |
| R103 | a value that doesn't fit |
| R201 | a secret in the file |
| R301 | snippets, a persona, a prompt folder, a model, a format or English data that isn't there |
"""

import copy
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from colloquia.authoring.problems import Problem
from colloquia.core.errors import ColloquiaError, RecipeError
from colloquia.core.recipe import ROLES, Recipe
from colloquia.core.strict_yaml import Document, StrictYamlError, load_yaml
from colloquia.core.wording import fields_at, hint_for, misfit, missing
from colloquia.runs.recipe_looks import Look, Where, looks
from colloquia.runs.run_models import RunModels
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

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
    secrets = dict(_secrets(document, document.data, ()))
    faults = _faults(document, hidden=list(secrets))
    told = [*secrets.values(), *faults, *_absent(path, document, hidden=list(secrets))]
    return sorted(told, key=lambda problem: problem.line)


def _secrets(document: Document, value: Any, where: Where) -> Iterator[tuple[Where, Problem]]:
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


def _faults(document: Document, *, hidden: list[Where]) -> Iterator[Problem]:
    try:
        Recipe.model_validate(document.data)
    except ValidationError as error:
        for found in error.errors():
            where = tuple(part for part in found["loc"] if part != "function-after")
            if where not in hidden:
                yield _fault(document, where, found)


def _fault(document: Document, where: Where, found: ErrorDetails) -> Problem:
    name = ".".join(str(part) for part in where) or "recipe"
    line = document.line_of(where)
    match found["type"]:
        case "extra_forbidden":
            hint = hint_for(str(where[-1]), fields_at(Recipe, where[:-1]), Recipe) or "; drop it"
            return _problem(document.name, line, "R101", f"{name}: unknown setting{hint}")
        case "missing":
            return _problem(document.name, line, "R102", f"{name}: {missing(Recipe, where)}")
        case _:
            return _problem(document.name, line, "R103", f"{name}: {misfit(found)}")


def _absent(path: Path, document: Document, *, hidden: list[Where]) -> Iterator[Problem]:
    """Follow the names in what is sound of a recipe to what they mean."""
    content, left_out = _sound(document.data, hidden=hidden)
    try:
        recipe = Recipe.from_content(content, folder=path.parent)
    except RecipeError:
        return  # what is wrong with it as a whole is told already
    for look in (_look_at_source(recipe), *looks(recipe, RunModels.of(recipe))):
        if any(look.where[: len(gone)] == gone for gone in left_out):
            continue
        try:
            look.find()
        except ColloquiaError as error:
            yield _problem(document.name, document.line_of(look.where), look.code, str(error))


def _look_at_source(recipe: Recipe) -> Look:
    if recipe.snippets.path is None:
        return Look(where=("snippets",), code="R102", find=lambda: recipe.source)
    read = partial(read_snippets, recipe.source, report=SnippetReport())
    return Look(where=("snippets", "path"), code="R301", find=read)


def _sound(data: dict[str, Any], *, hidden: list[Where]) -> tuple[dict[str, Any], set[Where]]:
    """Return a recipe's content without what is wrong in it, and where that was.

    Roles that ask a model whose settings are left out are left out with it.
    """
    content, left_out = copy.deepcopy(data), set(hidden)
    for where in hidden:
        _drop(content, where)
    try:
        Recipe.model_validate(content)
    except ValidationError as error:
        left_out |= {_nearest(content, found["loc"]) for found in error.errors()} - {()}
        for where in left_out:
            _drop(content, where)
    lost = {where[1] for where in left_out if where[0] == "models" and len(where) > 1}
    for role, agent in content.get("agents", {}).items():
        asks_lost = isinstance(agent, dict) and agent.get("model") in lost
        if role in ROLES and (asks_lost or ("models",) in left_out):
            left_out.add(("agents", role))
    return content, left_out


def _nearest(data: Any, where: Where) -> Where:
    """Return the path of the setting that a fault is in, or of the section that lacks one."""
    found: Where = ()
    for part in where:
        if not isinstance(data, dict) or part not in data:
            break
        found, data = (*found, part), data[part]
    return found


def _drop(content: Any, where: Where) -> None:
    """Take a setting out of its section; one whose section is gone already is no more."""
    *sections, last = where
    for part in sections:
        content = content.get(part) if isinstance(content, dict) else None
    if isinstance(content, dict):
        content.pop(last, None)


def _problem(file: str, line: int, code: str, message: str) -> Problem:
    return Problem(file=file, line=line, code=code, message=message)
