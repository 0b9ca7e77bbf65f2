"""Models asked outside a run: within a recipe's limits, with calls that are never made twice.

The store that keeps calls keeps them below dialogues; so whatever is asked about has one, in which
nobody is planned to speak.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from colloquia.core.hashing import content_id
from colloquia.core.recipe import Recipe
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Persona, Snippet
from colloquia.core.version import __version__
from colloquia.models.catalogue import Catalogue
from colloquia.models.ledger.ledger import Ledger
from colloquia.store.budgets import RunBudget
from colloquia.store.repository import Store
from colloquia.store.writing import Planned

CALLS_FILE = "calls.db"


def catalogue_within(recipe: Recipe, *, counted: bool) -> tuple[Catalogue, RunBudget | None]:
    """Return what makes a recipe's models, and what they may spend.

    Args:
        recipe: its limits hold.
        counted: whether calls cost anything; else there is no budget.
    """
    limits = recipe.limits
    budget = RunBudget(limits) if limits.has_ceiling and counted else None
    made = Catalogue(folder=recipe.folder, budget=budget, needs_prices=limits.needs_prices)
    return made, budget


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCalls:
    """An open store of calls."""

    store: Store
    run_id: str
    most: int
    """Calls about one thing, repairs included."""

    async def ledger(self, about: str) -> Ledger:
        """Return the ledger of one thing, by its id."""
        calls, dialogue = self.store.ledger(self.run_id), _dialogue_id(self.run_id, about)
        known = await calls.calls(dialogue)
        return Ledger(dialogue_id=dialogue, known=known, store=calls, limit=self.most)

    async def cost_usd(self, about: str) -> float:
        """Return what the calls about one thing have cost, as far as that is known."""
        made = await self.store.ledger(self.run_id).calls(_dialogue_id(self.run_id, about))
        return sum(call.cost_usd or 0.0 for call in made)


@asynccontextmanager
async def open_calls(
    folder: Path,
    about: Mapping[str, Snippet],
    *,
    role: str,
    identity: str,
    budget: RunBudget | None,
    most: int,
) -> AsyncIterator[KeptCalls]:
    """Open the store in a folder, made if it isn't there, for the length of a block.

    Args:
        folder: where it lies.
        about: what is asked about: the passage by an id.
        role: who is asked.
        identity: what decides the replies; another one finds none of these calls.
        budget: what may be spent, if that is counted.
        most: calls about one thing.
    """
    run_id = content_id("run1", [identity, 1])
    nobody = Persona(id=content_id("pers1", role), name=role)
    manifest = RunManifest(
        id=run_id,
        recipe_hash=identity,
        name=role,
        recipe=Recipe(name=role),
        seed=0,
        code_version=__version__,
    )
    planned = [
        Planned(
            snippet,
            Dialogue(
                id=_dialogue_id(run_id, name),
                run_id=run_id,
                snippet_id=snippet.id,
                persona_id=nobody.id,
                seed=0,
            ),
        )
        for name, snippet in about.items()
    ]
    with Store.open(folder / CALLS_FILE, create=True) as store:
        await store.begin_run(manifest, [nobody])
        await store.add_dialogues(run_id, planned)
        if budget is not None:
            await store.begin_budget(budget, run_id)
        yield KeptCalls(store=store, run_id=run_id, most=most)


def _dialogue_id(run_id: str, about: str) -> str:
    return content_id("dlg1", [run_id, about])
