"""A run, started and seen to its end: by `await arun(…)`, by `run(…)`, or as an AutoGen team."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import chain

from colloquia.core.errors import UserError
from colloquia.core.ports import ChatModel
from colloquia.core.recipe import Recipe
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Snippet
from colloquia.runs.event_loop import refuse_inside_loop
from colloquia.runs.given import RecipeLike, SnippetsLike, open_snippets, recipe_for
from colloquia.runs.handle import Run
from colloquia.runs.near_runs import nearest
from colloquia.runs.pool import Job, WorkerPool
from colloquia.runs.prepare import manifest_of, prepare, prepare_to_run
from colloquia.runs.run_models import RunModels
from colloquia.simulator.graph import Graph
from colloquia.simulator.runner import Runner
from colloquia.simulator.setup import Setup
from colloquia.simulator.team import SimulationTeam
from colloquia.snippets.report import SnippetReport
from colloquia.store.location import Where, from_anywhere
from colloquia.store.repository import Store

log = logging.getLogger(__name__)

OnStart = Callable[[Runner, RunManifest], None]
OnFinish = Callable[[Dialogue], None]


async def arun(
    recipe: RecipeLike,
    *,
    store: Where = "colloquia.db",
    snippets: SnippetsLike | None = None,
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
    fresh: bool = False,
    at_most: int | None = None,
    on_start: OnStart = lambda _, __: None,
    on_finish: OnFinish = lambda _: None,
    workers: int = 1,
    batch: bool = False,
) -> Run:
    """Run a recipe, or go on where it stopped; a finished run has nothing left to do.

    Args:
        recipe: a recipe, its file, or what would stand in it.
        store: SQLAlchemy URL, or a path to a SQLite file.
        snippets: instead of the recipe's: a path, or texts, dicts, Snippets, a frame, a dataset.
        graph: your own agent graph; `Graph.default()` if None.
        models: models of your own by the name the recipe uses.
        fresh: start anew beside the old run.
        at_most: take up no more dialogues than this; the rest stays pending.
        on_start: told once, with the runner (whose `stop()` ends the run early) and the manifest.
        on_finish: told of every dialogue that ends.
        workers: processes that share the work; with a graph or models of your own, one alone.
        batch: ask in batches, at half the price, where a provider takes them.

    Raises:
        UserError: recipe, prompts, personas, graph or snippets are wrong; nothing was started.
        WorldError: store or model out of reach, RunOwned or BudgetReached; it can be continued.
    """
    recipe, store = recipe_for(recipe, snippets), from_anywhere(store)
    _refuse_what_cannot_travel(graph, models, at_most, batch=batch, workers=workers)
    own_models = RunModels.of(recipe, models, batch=batch)
    setup = prepare_to_run(recipe, graph=graph, models=own_models)
    (source, report), started = _open_snippets(recipe, snippets), time.monotonic()
    async with AsyncExitStack() as stack:
        opened, manifest = await _begin_run(setup, store, stack, models=own_models, fresh=fresh)
        runner = Runner(
            setup,
            store=opened,
            run_id=manifest.id,
            at_most=at_most,
            on_finish=on_finish,
            heartbeat=own_models.heartbeat,
            workers=_pool_for(setup, opened, manifest.id, at=store, share=workers, tell=on_finish),
        )
        on_start(runner, manifest)
        await runner.run(source)
        stopped = runner.stopped and not opened.counts(manifest.id).finished
    return Run(
        manifest=manifest,
        store_url=store,
        snippets=report,
        interrupted=stopped,
        asked_to_stop=stopped and runner.asked_to_stop,
        seconds=time.monotonic() - started,
    )


async def _begin_run(
    setup: Setup, where: str, stack: AsyncExitStack, *, models: RunModels, fresh: bool
) -> tuple[Store, RunManifest]:
    """Begin the run, or go on with it, and hold it and its store as long as the stack."""
    store = stack.enter_context(Store.open(where, create=True))
    manifest = manifest_of(setup, store=store, fresh=fresh)
    if not fresh and (near := nearest(manifest, store.runs())):
        log.warning("%s", near)
    await store.begin_run(manifest, setup.personas)
    stack.enter_context(store.own(manifest.id))
    await models.begin(store, manifest.id)
    stack.push_async_callback(models.aclose)
    await stack.enter_async_context(models.at_work())
    return store, manifest


def _refuse_what_cannot_travel(
    graph: Graph | None,
    models: Mapping[str, ChatModel] | None,
    at_most: int | None,
    *,
    batch: bool,
    workers: int,
) -> None:
    """Raise UserError where several processes can't do what one is asked to."""
    if not isinstance(workers, int) or workers < 1:
        raise UserError(f"workers={workers!r}: give a number of processes, 1 or more")
    if workers > 1 and batch:
        raise UserError("a wave is gathered by one process; leave workers at 1, or batch out")
    if workers > 1 and at_most is not None:
        raise UserError("several workers can't count together; leave workers at 1, or at_most out")
    if workers > 1 and (graph is not None or models):
        what = "a graph" if graph is not None else "models"
        raise UserError(
            f"{what} made in Python can't be handed to other processes; leave workers at 1, or say "
            "it all in the recipe"
        )


def _pool_for(
    setup: Setup, store: Store, run_id: str, *, at: str, share: int, tell: OnFinish
) -> WorkerPool | None:
    """Return the processes that take up the run's dialogues; None where this one does it alone."""
    if share == 1:
        return None
    job = Job(
        recipe=setup.recipe.model_dump(mode="json"),
        folder=str(setup.recipe.folder.absolute()),
        recipe_hash=setup.recipe_hash,
        store=at,
        run_id=run_id,
        share=share,
    )
    return WorkerPool(job, store=store, on_finish=tell)


def _open_snippets(
    recipe: Recipe, given: SnippetsLike | None
) -> tuple[Iterator[Snippet], SnippetReport]:
    """Open the snippets; one is read at once, so that a useless source starts no run."""
    report = SnippetReport()
    snippets = open_snippets(recipe, given, report=report)
    return chain([next(snippets)], snippets), report


def run(
    recipe: RecipeLike,
    *,
    store: Where = "colloquia.db",
    snippets: SnippetsLike | None = None,
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
    fresh: bool = False,
    workers: int = 1,
    batch: bool = False,
) -> Run:
    """Run a recipe to its end; inside a running event loop, `await arun(…)` instead.

    See `arun` for arguments and errors.
    """
    refuse_inside_loop("colloquia.arun")
    return asyncio.run(
        arun(
            recipe,
            store=store,
            snippets=snippets,
            graph=graph,
            models=models,
            fresh=fresh,
            workers=workers,
            batch=batch,
        )
    )


def team(
    recipe: RecipeLike | None = None,
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
    recipe = recipe_for({} if recipe is None else recipe)
    if recipe.limits.has_ceiling:
        raise UserError(
            "a team counts nothing, so limits.budget_usd, calls and tokens can't hold: take them "
            "out of the recipe, or run it"
        )
    return SimulationTeam(prepare(recipe, graph=graph, models=RunModels.of(recipe, models)))
