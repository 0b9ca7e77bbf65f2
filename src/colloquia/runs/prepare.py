"""From a recipe's names to concrete parts, and to the run that they make; nothing is started."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from colloquia.agents.base import Bindings
from colloquia.authoring.personas.cards import load_personas
from colloquia.authoring.prompts.library import PromptLibrary
from colloquia.core.errors import GraphError
from colloquia.core.hashing import content_id
from colloquia.core.recipe import ROLES, ModelSettings, Recipe
from colloquia.core.run_manifest import RunManifest
from colloquia.core.version import __version__
from colloquia.runs.recipe_looks import refuse_faults
from colloquia.runs.run_models import RunModels
from colloquia.simulator.graph import Graph
from colloquia.simulator.setup import Setup
from colloquia.store.repository import Store


def prepare_to_run(recipe: Recipe, *, graph: Graph | None = None, models: RunModels) -> Setup:
    """Resolve a recipe's names, export settings included.

    Raises:
        UserError: what `lint` would tell, or what is wrong with the graph; nothing was started.
    """
    if graph is None:  # of a graph of one's own nobody knows which models its agents will ask
        models.refuse_unasked(recipe)
    refuse_faults(recipe, models=models)
    return prepare(recipe, graph=graph, models=models)


def prepare(
    recipe: Recipe, *, graph: Graph | None = None, models: RunModels | None = None
) -> Setup:
    """Resolve a recipe's names: prompts, personas, models and the graph; nothing is started."""
    models = models or RunModels.of(recipe)
    library = PromptLibrary.of(recipe)

    def settings(role: str, model: str | None) -> ModelSettings:
        if model is not None:
            return recipe.models.get(model) or ModelSettings(model=model)
        return recipe.settings_for(role)

    bindings = Bindings(
        model=models, settings=settings, template=library.__getitem__, accept=recipe.accept
    )
    graph = Graph.default() if graph is None else _checked_graph(graph)
    graph = _as_the_recipe_says(graph, recipe).bind(bindings)
    models.refuse_uncounted(graph)
    models.refuse_no_batches()
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
        warm_up=models.warm_up,
        let_go=models.stop,
        at_once=models.at_once,
        commits=models.catalogue.commits,
    )


def _checked_graph(graph: object) -> Graph:
    if isinstance(graph, Graph):
        return graph
    what = getattr(graph, "__name__", None) or type(graph).__name__
    raise GraphError(f"{what} is no graph; start from Graph.default(), and insert(…) into it")


def _as_the_recipe_says(graph: Graph, recipe: Recipe) -> Graph:
    if recipe.agents.answerer.style == "reasoning":
        graph = graph.with_reasoner()
    if recipe.dialogue.draft == "whole":
        graph = graph.with_writer()
    leaves_it_open = recipe.agents.reviewers == "auto" and not graph.has_packaged_reviewers
    joint = recipe.reviews_jointly and not leaves_it_open
    return graph.with_joint_reviewer() if joint else graph


def manifest_of(setup: Setup, *, store: Store, fresh: bool) -> RunManifest:
    """Return the run to continue, or the manifest of a new one.

    A continued run takes over what the recipe's hash leaves out: name, limit, export settings.
    """
    latest = store.latest_run(setup.recipe_hash)
    recipe = _with_commits(setup.recipe, setup.commits)
    if latest is not None and not fresh:
        return latest.model_copy(update={"name": recipe.name, "recipe": recipe})
    ordinal = latest.ordinal + 1 if latest else 1
    return RunManifest(
        id=content_id("run1", [setup.recipe_hash, ordinal]),
        recipe_hash=setup.recipe_hash,
        ordinal=ordinal,
        name=recipe.name,
        recipe=recipe,
        seed=recipe.seed,
        code_version=__version__,
        prompts={
            name: identity
            for name, agent in setup.graph.agents()
            if (identity := agent.template_identity) is not None
        },
        personas={persona.name: persona.id for persona in setup.personas},
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _with_commits(recipe: Recipe, commits: Mapping[str, str]) -> Recipe:
    """Return the recipe with the commits of its models of the Hub, since branches move on."""

    def named(settings: Any) -> Any:
        return settings.model_copy(update={"model": commits.get(settings.model, settings.model)})

    models = {name: named(settings) for name, settings in recipe.models.items()}
    agents = {role: named(getattr(recipe.agents, role)) for role in ROLES}
    return recipe.model_copy(
        update={"models": models, "agents": recipe.agents.model_copy(update=agents)}
    )
