"""The wiring: from a recipe's names to concrete parts, and the run that they make.

Everything above (command line, Python door) calls this file; nothing below knows of it.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Self

from colloquia.agents.base import Kit
from colloquia.authoring.personas.cards import load_personas
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import UserError
from colloquia.core.hashing import content_id
from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ChatModel
from colloquia.core.recipe import OFFLINE, ROLES, ModelSettings, Recipe, Snippets, load_recipe
from colloquia.core.roles import AnswererInput, Passage
from colloquia.core.types import Dialogue, RunManifest, Snippet
from colloquia.core.version import __version__
from colloquia.models.catalogue import Catalogue, is_counted
from colloquia.models.ledger.prices import PerToken
from colloquia.runs.handle import Run
from colloquia.runs.pool import Crew, Job
from colloquia.simulator.graph import Graph
from colloquia.simulator.runner import Runner, Setup
from colloquia.simulator.team import SimulationTeam
from colloquia.snippets.reader import SnippetReport, read_snippets
from colloquia.store.budgets import RunBudget
from colloquia.store.repository import Store

Path_ = str | os.PathLike[str]
_FIRST = "The lamp of the lighthouse was lit in 1851. Its keepers wrote that ships had seen it."


@dataclass(kw_only=True)
class Models:
    """The models of one run, each made once."""

    given: Mapping[str, ChatModel] = field(default_factory=dict)
    made: dict[ModelOptions, ChatModel] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)
    budget: RunBudget | None = None
    """What the catalogue's models may spend; None where the recipe sets no ceiling."""
    _sleeps: bool = False
    """Whether the offline teacher has its dictionaries yet to read."""

    @classmethod
    def of(cls, recipe: Recipe, given: Mapping[str, ChatModel] | None = None) -> Self:
        """Return the models of a recipe's run; paths of local ones start at the recipe."""
        limits = recipe.limits
        budget = RunBudget(limits) if limits.has_ceiling else None
        catalogue = Catalogue(folder=recipe.folder, budget=budget, needs_prices=limits.needs_prices)
        return cls(given=given or {}, catalogue=catalogue, budget=budget)

    def __call__(self, settings: ModelSettings) -> ChatModel:
        """Return the model; settings that differ in sampling alone share one.

        Raises:
            UserError: there is no such model, or it lacks a key.
        """
        if settings.model in self.given:
            return self.given[settings.model]
        options = ModelOptions.model_validate(
            settings.model_dump(include=set(ModelOptions.model_fields))
        )
        if options not in self.made:
            self.made[options] = self._make(options)
        return self.made[options]

    def _make(self, options: ModelOptions) -> ChatModel:
        if options.model == OFFLINE:
            from colloquia.offline.model import OfflineModel

            self._sleeps = True
            return OfflineModel()
        return self.catalogue.make(options)

    def wake(self) -> None:
        """Let the offline teacher, where it plays a role, read its dictionaries: a second, once."""
        if self._sleeps:
            self._sleeps = False
            from colloquia.offline.answers.answerer import answer

            answer(AnswererInput(snippet=Passage(text=_FIRST), question="When was it?"), seed=0)

    async def begin(self, store: Store, run_id: str) -> None:
        """Let the budget, if there is one, count in this store."""
        if self.budget is not None:
            await store.begin_budget(self.budget, run_id)

    def refuse_uncounted(self, graph: Graph) -> None:
        """Raise UserError where a model may cost money that the budget wouldn't see."""
        if not self.catalogue.needs_prices:
            return
        for name, agent in graph.agents():
            model = agent.model
            if model is None or model in self.made.values() or getattr(model, "free", False):
                continue
            raise UserError(
                f"agent {name!r}: limits.budget_usd can't see what model {model.name!r}, an object "
                "of your own, costs; name a model in the recipe, give its class free = True if it "
                "costs nothing of its own, or set limits.allow_unpriced"
            )

    def price(self, settings: ModelSettings) -> PerToken | None:
        """Return what a model's tokens cost; None where nobody told.

        Raises:
            UserError: there is no such model, or it lacks a key.
        """
        if settings.model == OFFLINE:
            return PerToken(input=0.0, output=0.0)
        return self.catalogue.price(settings)

    async def aclose(self) -> None:
        """Close what was made here."""
        for model in self.made.values():
            await model.close()
        await self.catalogue.close()


def idle_limits(recipe: Recipe) -> str | None:
    """Say that a recipe's ceilings can't be reached, as none of its models is counted; else None.

    `limits.wall` holds for every model.
    """
    limits = recipe.limits
    names = [
        f"limits.{name}"
        for name in ("budget_usd", "calls", "tokens")
        if getattr(limits, name) is not None
    ]
    settings = [recipe.settings_for(role) for role in ROLES]
    local = [chosen for chosen in settings if chosen.model != OFFLINE]
    if not names or any(is_counted(chosen) for chosen in local):
        return None
    offline = ["the offline teacher"] if len(local) < len(settings) else []
    free = " and ".join([*offline, *(["an hf: model without a price"] if local else [])])
    return (
        f"{', '.join(names)} {'count' if len(names) > 1 else 'counts'} calls of models that cost "
        f"something; {free} {'are' if offline and local else 'is'} never counted"
    )


def prepare(recipe: Recipe, *, graph: Graph | None = None, models: Models | None = None) -> Setup:
    """Resolve a recipe's names: prompts, personas, models and the graph; nothing is started."""
    models = models or Models.of(recipe)
    library = PromptLibrary.load(recipe.folder / recipe.prompts if recipe.prompts else None)

    def settings(role: str, model: str | None) -> ModelSettings:
        if model is not None:
            return recipe.models.get(model) or ModelSettings(model=model)
        return recipe.settings_for(role)

    kit = Kit(model=models, settings=settings, template=library.__getitem__)
    graph = (graph or Graph.default()).equip(kit)
    models.refuse_uncounted(graph)
    personas = load_personas(recipe.personas, base=recipe.folder)
    parts = {f"persona {persona.name}": persona.id for persona in personas}
    parts |= graph.identity()
    parts |= {f"model {name}": made for name, made in models.catalogue.fingerprints.items()}
    parts["code"] = __version__
    return Setup(
        recipe=recipe,
        recipe_hash=recipe.hash(parts=parts),
        graph=graph,
        personas=personas,
        wake=models.wake,
    )


def manifest_of(setup: Setup, *, store: Store, fresh: bool) -> RunManifest:
    """Return the run to continue, or the manifest of a new one.

    A continued run takes over what the recipe's hash leaves out: name, limit, export settings.
    """
    recipe = setup.recipe.model_dump(mode="json")
    latest = store.latest_run(setup.recipe_hash)
    if latest is not None and not fresh:
        return latest.model_copy(update={"name": setup.recipe.name, "recipe": recipe})
    ordinal = latest.ordinal + 1 if latest else 1
    return RunManifest(
        id=content_id("run1", [setup.recipe_hash, ordinal]),
        recipe_hash=setup.recipe_hash,
        ordinal=ordinal,
        name=setup.recipe.name,
        recipe=recipe,
        seed=setup.recipe.seed,
        code_version=__version__,
        prompts={
            name: identity
            for name, agent in setup.graph.agents()
            if (identity := agent.template_identity) is not None
        },
        personas={persona.name: persona.id for persona in setup.personas},
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


OnStart = Callable[[Runner, RunManifest], None]
OnFinish = Callable[[Dialogue], None]


async def arun(
    recipe: Recipe | Path_,
    *,
    store: str = "colloquia.db",
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
    fresh: bool = False,
    at_most: int | None = None,
    on_start: OnStart = lambda _, __: None,
    on_finish: OnFinish = lambda _: None,
    workers: int = 1,
) -> Run:
    """Run a recipe, or go on where it stopped; a finished run has nothing left to do.

    Args:
        recipe: a recipe or its file.
        store: SQLAlchemy URL, or a path to a SQLite file.
        graph: your own agent graph; `Graph.default()` if None.
        models: models of your own by the name the recipe uses.
        fresh: start anew beside the old run.
        at_most: take up no more dialogues than this; the rest stays pending.
        on_start: told once, with the runner (whose `stop()` ends the run early) and the manifest.
        on_finish: told of every dialogue that ends.
        workers: processes that share the work; with a graph or models of your own, one alone.

    Raises:
        UserError: recipe, prompts, personas, graph or snippets are wrong; nothing was started.
        RunOwned: another process works on this run.
        WorldError: store or model out of reach, or BudgetReached; the run can be continued.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    _check_travelling(graph, models, at_most, workers=workers)
    own_models = Models.of(recipe, models)
    setup = prepare(recipe, graph=graph, models=own_models)
    started, report = time.monotonic(), SnippetReport()
    snippets = _snippets(recipe, report)
    async with AsyncExitStack() as stack:
        opened = stack.enter_context(Store.open(store, create=True))
        manifest = await _begin(setup, opened, stack, models=own_models, fresh=fresh)
        job = _job(setup, manifest.id, where=store, share=workers)
        runner = Runner(
            setup,
            store=opened,
            run_id=manifest.id,
            at_most=at_most,
            on_finish=on_finish,
            pulse=own_models.catalogue.pulse,
            crew=Crew(job, store=opened, on_finish=on_finish) if workers > 1 else None,
        )
        on_start(runner, manifest)
        await runner.run(snippets)
        unfinished = not opened.counts(manifest.id).finished
    return Run(
        manifest=manifest,
        store_url=_from_anywhere(store),
        snippets=report,
        interrupted=unfinished and runner.stopped,
        asked_to_stop=unfinished and runner.asked_to_stop,
        seconds=time.monotonic() - started,
    )


async def _begin(
    setup: Setup, store: Store, stack: AsyncExitStack, *, models: Models, fresh: bool
) -> RunManifest:
    """Begin the run, or go on with it, and hold it as long as the stack."""
    manifest = manifest_of(setup, store=store, fresh=fresh)
    await store.begin_run(manifest, setup.personas)
    stack.enter_context(store.own(manifest.id))
    await models.begin(store, manifest.id)
    stack.push_async_callback(models.aclose)
    return manifest


def _check_travelling(
    graph: Graph | None,
    models: Mapping[str, ChatModel] | None,
    at_most: int | None,
    *,
    workers: int,
) -> None:
    """Raise UserError where several processes can't do what one is asked to."""
    if workers > 1 and at_most is not None:
        raise UserError("several workers can't count together; leave workers at 1, or at_most out")
    if workers > 1 and (graph is not None or models):
        what = "a graph" if graph is not None else "models"
        raise UserError(
            f"{what} made in Python can't be handed to other processes; leave workers at 1, or say "
            "it all in the recipe"
        )


def _job(setup: Setup, run_id: str, *, where: str, share: int) -> Job:
    """Return what a process needs to know that takes up some of the run's dialogues."""
    return Job(
        recipe=setup.recipe.model_dump(mode="json"),
        folder=str(setup.recipe.folder.absolute()),
        recipe_hash=setup.recipe_hash,
        store=_from_anywhere(where),
        run_id=run_id,
        share=share,
    )


def _from_anywhere(store: str) -> str:
    """Return a path that stays right when the current folder changes; a URL stays as it is."""
    return store if "://" in store else str(Path(store).absolute())


def _snippets(recipe: Recipe, report: SnippetReport) -> Iterator[Snippet]:
    """Open the recipe's snippets; one is read at once, so that a useless source starts no run."""
    source = recipe.folder / recipe.snippets.path
    snippets = read_snippets(source, limit=recipe.snippets.limit, report=report)
    return chain([next(snippets)], snippets)


def run(
    recipe: Recipe | Path_,
    *,
    store: str = "colloquia.db",
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
    fresh: bool = False,
    workers: int = 1,
) -> Run:
    """Run a recipe to its end; inside a running event loop, `await arun(…)` instead.

    See `arun` for arguments and errors.
    """
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        raise UserError("an event loop is running here; write 'await colloquia.arun(…)' instead")
    return asyncio.run(
        arun(recipe, store=store, graph=graph, models=models, fresh=fresh, workers=workers)
    )


def team(
    recipe: Recipe | Path_ | None = None,
    *,
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
) -> SimulationTeam:
    """Return a simulation as an AutoGen team, for `Console(team.run_stream(task="a snippet"))`.

    Args:
        recipe: a recipe or its file; its snippets are not read. None for all defaults.
        graph: your own agent graph.
        models: models of your own by the name the recipe uses.

    Raises:
        UserError: the recipe sets a ceiling; a team has no store to count in.
    """
    if recipe is None:
        recipe = Recipe(snippets=Snippets(path=""))
    elif not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe)
    if recipe.limits.has_ceiling:
        raise UserError(
            "a team counts nothing, so limits.budget_usd, calls and tokens can't hold: take them "
            "out of the recipe, or run it"
        )
    return SimulationTeam(prepare(recipe, graph=graph, models=Models.of(recipe, models)))
