"""A few real dialogues to read, and what the whole run would take."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice

from colloquia.core.errors import UserError
from colloquia.core.ports import ChatModel
from colloquia.core.record import DialogueRecord
from colloquia.core.types import Value
from colloquia.runs.dry_run import DryRun, dry_run
from colloquia.runs.event_loop import refuse_inside_loop
from colloquia.runs.given import RecipeLike, SnippetsLike, recipe_for
from colloquia.runs.start import OnFinish, OnStart, arun
from colloquia.simulator.graph import Graph
from colloquia.store.location import Where
from colloquia.store.repository import Store


class Preview(Value):
    """A run's first dialogues, and what the rest of it would take."""

    dialogues: tuple[DialogueRecord, ...]
    """Finished ones, those made before included, in the order of their ids."""
    rest: DryRun
    interrupted: bool = False
    """Whether it was stopped before there were as many as asked for."""

    @property
    def run(self) -> str | None:
        """The run that goes on from these; None where it has not begun."""
        return self.rest.run

    def __repr__(self) -> str:
        return f"<Preview: {len(self.dialogues)} dialogues, then {self.rest!r}>"


async def apreview(
    recipe: RecipeLike,
    *,
    number: int = 3,
    store: Where = "colloquia.db",
    snippets: SnippetsLike | None = None,
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
    on_start: OnStart = lambda _, __: None,
    on_finish: OnFinish = lambda _: None,
) -> Preview:
    """Make the first few dialogues of a run, and project the rest from what they took.

    The models are asked for real. The dialogues belong to the run, so it goes on from them and
    nothing is paid twice; those that are there already count.

    Args:
        recipe: as in `arun`, like all that isn't named here.
        number: how many dialogues.
        store: where the run is kept.
        snippets: instead of the recipe's; an iterator is read into memory, since it is read twice.
        graph: your own agent graph.
        models: models of your own.
        on_start: told once, unless nothing is left to make.
        on_finish: told of every dialogue that ends.

    Raises:
        ColloquiaError: as `arun` does.
    """
    if number < 1:
        raise UserError(f"number={number}: a preview makes at least 1 dialogue")
    if isinstance(snippets, Iterator):
        snippets = list(snippets)
    recipe = recipe_for(recipe, snippets)
    forecast = partial(dry_run, recipe, store=store, snippets=snippets, graph=graph, models=models)
    before = await asyncio.to_thread(forecast)
    missing = min(number - before.finished, before.to_do)
    interrupted = False
    if missing > 0:
        done = await arun(
            recipe.override(limit=number),
            store=store,
            snippets=snippets,
            graph=graph,
            models=models,
            at_most=missing,
            on_start=on_start,
            on_finish=on_finish,
        )
        interrupted = done.interrupted
    rest = await asyncio.to_thread(forecast)
    return Preview(
        dialogues=tuple(_first_dialogues(store, rest.run, number)),
        rest=rest,
        interrupted=interrupted,
    )


def preview(
    recipe: RecipeLike,
    *,
    number: int = 3,
    store: Where = "colloquia.db",
    snippets: SnippetsLike | None = None,
    graph: Graph | None = None,
    models: Mapping[str, ChatModel] | None = None,
) -> Preview:
    """Make the first few dialogues of a run; inside a running event loop, `await apreview(…)`.

    See `apreview` for arguments and errors.
    """
    refuse_inside_loop("colloquia.apreview")
    return asyncio.run(
        apreview(recipe, number=number, store=store, snippets=snippets, graph=graph, models=models)
    )


def _first_dialogues(store: Where, run_id: str | None, number: int) -> list[DialogueRecord]:
    if run_id is None:
        return []
    with Store.open(store) as opened:
        finished = opened.records(run_id, outcomes=("accepted", "rejected", "failed"))
        return list(islice(finished, min(number, sys.maxsize)))
