"""What a run would do, found out without asking any model and without writing anything.

Snippets are counted in one pass. Where the store holds finished dialogues of the same recipe, they
are the measure; else a sample of the snippets is tried by the offline teacher, so that prompts
are rendered as they would be sent.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean

from colloquia.core.ports import ChatModel
from colloquia.core.recipe import OFFLINE, ROLES, Recipe, role_of
from colloquia.core.tokens import approximate_tokens
from colloquia.core.types import UNWRITABLE, ModelCall, Snippet, Value
from colloquia.runs.given import RecipeLike, SnippetsLike, open_snippets, recipe_for
from colloquia.runs.near_runs import nearest
from colloquia.runs.prepare import manifest_of, prepare_to_run
from colloquia.runs.projection import (
    MOST_MEASURED,
    Projection,
    RoleLoad,
    assumed,
    measured,
)
from colloquia.runs.run_models import RunModels
from colloquia.runs.trial import Trial
from colloquia.simulator.graph import ANSWERER, JOINT, Graph
from colloquia.simulator.setup import Setup
from colloquia.snippets.report import SnippetReport
from colloquia.store.location import Location, Where
from colloquia.store.reading import RunCounts
from colloquia.store.repository import Store
from colloquia.store.usage import CallUsage

SAMPLE = 8  # snippets tried: under a second


class DryRun(Value):
    """What a run would do."""

    recipe_hash: str
    run: str | None
    """The run that would go on; None for a new one."""
    near: str | None
    """Which run a new one would have been, but for what differs; None where there is none."""
    snippets: int
    bad_snippets: int
    problems: tuple[str, ...]
    """The first bad lines."""
    rejected: dict[str, int]
    """Snippets that will be turned down before any work, by reason."""
    passed_over: dict[str, int]
    """What isn't meant as a snippet, by what it is: code, images, other files."""
    id_clashes: tuple[str, ...]
    """Where one id came with two texts."""
    copies: int
    """Of `snippets`, those whose text came before; they are merged."""
    first_copy: str | None
    """Where the first of these stands, and where the text came before."""
    finished: int
    """Dialogues of that run that have their outcome."""
    projection: Projection
    models: tuple[str, ...]
    unpriced: tuple[str, ...]
    """Models whose price nobody told."""
    personas: tuple[str, ...]

    def __repr__(self) -> str:
        what, money = self.projection.calls, self.projection.cost_usd
        cost = "cost unknown" if money is None else f"{money.least:.2f} to {money.most:.2f} USD"
        left = (
            f"{self.to_do:,} dialogues to do, {what.least:,.0f} to {what.most:,.0f} calls, {cost}"
        )
        return (
            f"<DryRun of {self.run or 'a new run'}: {left if self.to_do else 'nothing to do'}, "
            f"{self.finished:,} finished before>"
        )

    @property
    def to_do(self) -> int:
        """Dialogues left."""
        return self.projection.dialogues


def dry_run(
    recipe: RecipeLike,
    *,
    store: Where = "colloquia.db",
    snippets: SnippetsLike | None = None,
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
    fresh: bool = False,
    batch: bool = False,
) -> DryRun:
    """Resolve everything that a run would resolve, count its snippets and project the rest.

    Nobody is asked and nothing is written. The arguments are those of `run`.

    Raises:
        ColloquiaError: whatever the run would stumble over at its start.
    """
    recipe = recipe_for(recipe, snippets)
    own_models = RunModels.of(recipe, models, batch=batch)
    setup = prepare_to_run(recipe, graph=graph, models=own_models)
    report = SnippetReport()
    read = open_snippets(recipe, snippets, report=report)
    unwritable: dict[str, SnippetReport] = {}
    sample = _sample_snippets(_writable(read, setup, unwritable), seed=recipe.seed)
    run, counts, usage = _earlier_run(store, setup.recipe_hash)
    if fresh:
        run, counts = None, None
    finished = counts.planned - counts.pending if counts else 0
    before = counts.rejected if counts else {}
    written = finished - sum(before.get(reason, 0) for reason in UNWRITABLE)
    rejected = {reason: of.distinct for reason, of in unwritable.items()}
    to_do = max(0, report.distinct - sum(rejected.values()) - written)
    settings = {role: recipe.settings_for(role) for role in ROLES}
    return DryRun(
        recipe_hash=setup.recipe_hash,
        run=run,
        near=_near_run(store, setup) if run is None and not fresh else None,
        snippets=report.read,
        bad_snippets=report.bad,
        problems=tuple(report.problems),
        rejected=rejected,
        passed_over=dict(report.passed_over),
        id_clashes=report.clashes(),
        copies=report.copies,
        first_copy=report.first_copy(),
        finished=finished,
        projection=(
            measured(usage or [()], dialogues=to_do, concurrency=recipe.limits.at_once)
            if usage or not sample
            else _projected_from_trials(setup, sample, own_models, dialogues=to_do)
        ),
        models=tuple(sorted({chosen.model for chosen in settings.values()})),
        unpriced=tuple(sorted({s.model for s in settings.values() if own_models.price(s) is None})),
        personas=tuple(persona.name for persona in setup.personas),
    )


def _writable(
    snippets: Iterable[Snippet], setup: Setup, unwritable: dict[str, SnippetReport]
) -> Iterator[Snippet]:
    """Yield those that a dialogue can be made of, and count the others by their reason."""
    for snippet in snippets:
        reason = setup.unwritable(snippet)
        if reason is None:
            yield snippet
        else:
            unwritable.setdefault(reason, SnippetReport()).add(snippet, "")


def _sample_snippets(snippets: Iterable[Snippet], *, seed: int) -> list[Snippet]:
    """Read all snippets, keeping a few from anywhere in the file (Vitter's algorithm R, 1985)."""
    chance = random.Random(seed)
    kept: list[Snippet] = []
    for number, snippet in enumerate(snippets):
        if number < SAMPLE:
            kept.append(snippet)
        elif (place := chance.randint(0, number)) < SAMPLE:
            kept[place] = snippet
    return list({snippet.id: snippet for snippet in kept}.values())


def _earlier_run(
    store: Where, recipe_hash: str
) -> tuple[str | None, RunCounts | None, Sequence[Sequence[CallUsage]]]:
    """Return this recipe's run, where it stands, and what its finished dialogues took."""
    path = Location.of(store).path
    if path is not None and not path.exists():
        return None, None, ()
    with Store.open(store, untouched=True) as opened:
        run = opened.latest_run(recipe_hash)
        if run is None:
            return None, None, ()
        counts = opened.counts(run.id)
        usage = opened.usage(recipe_hash, most=MOST_MEASURED)
    return run.id, counts, usage


def _near_run(store: Where, setup: Setup) -> str | None:
    """Return which run a new one would have been, but for a few settings, and which these are."""
    path = Location.of(store).path
    if path is not None and not path.exists():
        return None
    with Store.open(store, untouched=True) as opened:
        near = nearest(manifest_of(setup, store=opened, fresh=False), opened.runs())
    return None if near is None else str(near)


def _projected_from_trials(
    setup: Setup, sample: Sequence[Snippet], models: RunModels, *, dialogues: int
) -> Projection:
    recipe = setup.recipe
    trial = Trial(recipe, speculate=recipe.dialogue.speculate)
    prompts: dict[str, list[int]] = defaultdict(list)
    usage: list[list[CallUsage]] = []
    trial.play(sample[0])  # what is loaded once is no part of any dialogue's time
    for snippet in sample:
        for request in trial.play(snippet):
            prompts[request.role].append(approximate_tokens(request.messages))
        usage.append([_usage_of(call) for call in trial.calls[: recipe.limits.calls_per_dialogue]])
    if all(recipe.settings_for(role).model == OFFLINE for role in prompts):
        # What was played is what a run of the offline teacher makes of these snippets.
        at_once = recipe.limits.at_once
        return measured(usage, dialogues=dialogues, concurrency=at_once, basis="rehearsed")
    loads = [
        _load_of(role, calls, prompts[role] or prompts[role_of(role)], recipe, models)
        for role, calls in _calls_per_dialogue(setup).items()
    ]
    return assumed(
        loads,
        dialogues=dialogues,
        sample=len(sample),
        most_calls=recipe.limits.calls_per_dialogue,
    )


def _usage_of(call: ModelCall) -> CallUsage:
    return CallUsage.model_validate(call.model_dump(include=set(CallUsage.model_fields)))


def _load_of(
    role: str, calls: tuple[int, int], prompts: Sequence[int], recipe: Recipe, models: RunModels
) -> RoleLoad:
    settings = recipe.settings_for(role)
    return RoleLoad(
        role=role,
        calls=calls,
        prompt_tokens=fmean(prompts) if prompts else 0.0,
        max_tokens=settings.max_tokens * (recipe.dialogue.exchanges[1] if role == "writer" else 1),
        price=models.price(settings),
    )


def _calls_per_dialogue(setup: Setup) -> dict[str, tuple[int, int]]:
    """Return the fewest and most calls of each role.

    Fewest: the shortest plan, and no answer is mended. Most: the longest, and each is mended as
    often as it may be. The foundation is the first of the answers.
    """
    shape, samples = setup.recipe.dialogue, setup.recipe.agents.answerer.samples
    shortest, longest = shape.exchanges
    least, most = shortest * samples, longest * (samples + shape.revisions)
    calls = {
        "planner": (1, 1),
        "questioner": (shortest, longest * (1 + shape.revisions)),
        setup.graph.agent(ANSWERER).prompt: (least, most),
    }
    whole = shape.draft == "whole"
    once_for_all = (1 + shortest * (samples - 1), 1 + most - longest)
    if whole:  # what was written with the others isn't asked for
        calls["writer"] = (1, 1)
        calls["questioner"] = (0, longest * shape.revisions)
        calls["answerer"] = once_for_all
    for _, agent in setup.graph.agents():
        if agent.part != "reviewer" or not agent.asks_model:
            continue
        without_overview = bool(agent.skips)
        calls[agent.prompt] = (least - without_overview * samples, most)
        if whole and agent.prompt == JOINT:
            calls[agent.prompt] = once_for_all
    return calls
