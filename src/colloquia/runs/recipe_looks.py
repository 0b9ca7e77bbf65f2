"""Where the names in a recipe lead: looked up for `lint`, for a dry run, and before a run begins.

What is wrong is told in the same words everywhere, and before anything is paid for or written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from colloquia.authoring.personas.cards import load_personas
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import RecipeError, UserError
from colloquia.core.model_options import ModelOptions
from colloquia.core.recipe import AUTO, ROLES, ModelSettings, Recipe
from colloquia.corpus.formats import chosen_formats
from colloquia.corpus.splits import checked_shares
from colloquia.language.reading.identification import refuse_unknown
from colloquia.language.reading.pipeline import ENGLISH, english
from colloquia.runs.run_models import RunModels

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One name or value of a recipe, followed to what it means."""

    where: Where
    """The setting it stands in."""
    code: str
    """What it is called if it fails."""
    find: Callable[[], object]
    """Finds the thing, or raises ColloquiaError."""


def looks(recipe: Recipe, models: RunModels) -> Iterator[Look]:
    """Yield a look at all that a recipe names; snippets are looked for where they are read."""
    load = partial(load_personas, recipe.personas, base=recipe.folder)
    yield Look(where=("personas",), code="R301", find=load)
    if recipe.prompts is not None:
        folder = recipe.folder / recipe.prompts
        yield Look(where=("prompts",), code="R301", find=partial(PromptLibrary.load, folder))
    for where, settings in _models_asked(recipe):
        yield Look(where=where, code="R301", find=partial(models, settings))
    if recipe.language != AUTO:
        known = partial(refuse_unknown, recipe.language)
        yield Look(where=("language",), code="R103", find=known)
    if recipe.language in (AUTO, ENGLISH):
        yield Look(where=("language",), code="R301", find=english)
    whole = partial(_refuse_whole_thoughts, recipe)
    yield Look(where=("agents", "answerer", "style"), code="R103", find=whole)
    to, split = recipe.export.to, recipe.export.split
    yield Look(where=("export", "to"), code="R301", find=partial(chosen_formats, to))
    yield Look(where=("export", "split"), code="R103", find=partial(checked_shares, split))


def _refuse_whole_thoughts(recipe: Recipe) -> None:
    if recipe.agents.answerer.style == "reasoning" and recipe.dialogue.draft == "whole":
        raise RecipeError(
            "agents.answerer.style: reasoning needs dialogue.draft: turns; whole dialogues are "
            "written without thoughts"
        )


def refuse_faults(recipe: Recipe, *, models: RunModels) -> None:
    """Raise UserError where names in a recipe lead nowhere: one error that tells all of them."""
    faults: list[UserError] = []
    for look in looks(recipe, models):
        try:
            look.find()
        except UserError as error:
            if place := recipe.origin.place(look.where):
                error.args = (f"{place}{error}",)
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        told = " ".join(f"({number}) {fault}" for number, fault in enumerate(faults, 1))
        raise RecipeError(f"{len(faults)} things are wrong: {told}")


def _models_asked(recipe: Recipe) -> Iterator[tuple[Where, ModelSettings]]:
    """Yield the models that the five roles ask, each once, and where they are named first."""
    asked: set[ModelOptions] = set()
    for role in ROLES:
        settings, name = recipe.settings_for(role), getattr(recipe.agents, role).model
        options = ModelOptions.of(settings)
        if options not in asked:
            asked.add(options)
            yield (
                (("models", name) if name in recipe.models else ("agents", role, "model")),
                settings,
            )
