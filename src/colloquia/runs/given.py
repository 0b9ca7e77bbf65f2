"""What callers start from: a recipe in any form, and snippets from files or from Python."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from colloquia.core.errors import RecipeError
from colloquia.core.recipe import Recipe, load_recipe
from colloquia.core.types import Snippet
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport
from colloquia.snippets.values import SnippetValues, read_values

PathLike: TypeAlias = str | os.PathLike[str]
RecipeLike: TypeAlias = Recipe | PathLike | Mapping[str, Any]
SnippetsLike: TypeAlias = PathLike | SnippetValues


def recipe_for(given: RecipeLike, snippets: SnippetsLike | None = None) -> Recipe:
    """Return the recipe that a caller means.

    Args:
        given: a recipe, its file, or a mapping of what would stand in it.
        snippets: a path takes the place of the recipe's; of snippets from Python it says nothing,
            so the run stays the same one when more of them are given.

    Raises:
        RecipeError: it is none of these, or doesn't fit together.
    """
    match given:
        case Recipe():
            recipe = given
        case str() | os.PathLike():
            recipe = load_recipe(given)
        case Mapping():
            recipe = Recipe.from_content(dict(given), folder=Path(), where=Path("recipe"))
        case _:
            raise RecipeError(
                f"{type(given).__name__} is no recipe; give its file, a dict, or colloquia.load(…)"
            )
    match snippets:
        case None:
            return recipe
        case str() | os.PathLike():
            return recipe.override(snippets=os.fspath(snippets))
        case _:
            nowhere = recipe.snippets.model_copy(update={"path": None})
            return recipe.model_copy(update={"snippets": nowhere})


def open_snippets(
    recipe: Recipe, given: SnippetsLike | None, *, report: SnippetReport
) -> Iterator[Snippet]:
    """Return the snippets of a recipe that `recipe_for` made, as they are read.

    Raises:
        RecipeError: the recipe names none, and none are given.
        SnippetError: there is no such file, or nothing usable in it; see the two readers.
    """
    limit = recipe.snippets.limit
    if given is None or isinstance(given, str | os.PathLike):
        return read_snippets(recipe.source, limit=limit, report=report)
    return read_values(given, limit=limit, report=report)
