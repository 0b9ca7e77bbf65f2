"""The models of one run: each made once, counted against the run's budget, closed in the end."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from colloquia.core.errors import UserError
from colloquia.core.heartbeat import Heartbeat
from colloquia.core.limits import AUTO_CONCURRENCY, BATCH_CONCURRENCY
from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ChatModel
from colloquia.core.recipe import OFFLINE, ROLES, ModelSettings, Recipe
from colloquia.core.wording import did_you_mean
from colloquia.language.reading.inflect import lemmas
from colloquia.language.reading.pipeline import ENGLISH, pipeline
from colloquia.models.batch.batched_model import BatchedModel
from colloquia.models.batch.batching import Batching
from colloquia.models.catalogue import Catalogue, is_counted, no_price
from colloquia.models.ledger.prices import PerToken
from colloquia.models.retry.reliable import ReliableModel
from colloquia.simulator.collector import rare_collections
from colloquia.simulator.graph import Graph
from colloquia.store.batches import RunBatches
from colloquia.store.budgets import RunBudget
from colloquia.store.repository import Store

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class RunModels:
    """The models of one run, each made once."""

    given: Mapping[str, ChatModel] = field(default_factory=dict)
    made: dict[ModelOptions, ChatModel] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)
    budget: RunBudget | None = None
    """What the catalogue's models may spend; None where nothing is counted."""
    batches: RunBatches | None = None
    batching: Batching | None = None
    """Makes the models that are asked in batches; None where none is."""
    _is_cold: bool = False
    """Whether the offline teacher has its pipeline and dictionary yet to load."""

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        given: Mapping[str, ChatModel] | None = None,
        *,
        batch: bool = False,
    ) -> Self:
        """Return the models of a recipe's run; paths of local ones start at the recipe.

        Args:
            recipe: names them.
            given: models of the caller's own, by the name that the recipe uses.
            batch: whether they are asked in batches, where their providers take these.

        Raises:
            UserError: what is given is no model.
        """
        given = _checked_models(given)
        limits = recipe.limits
        # What batches hold is known across kills only if it is counted.
        budget = RunBudget(limits) if limits.has_ceiling or batch else None
        catalogue = Catalogue(folder=recipe.folder, budget=budget, needs_prices=limits.needs_prices)
        made = cls(given=given, catalogue=catalogue, budget=budget)
        if batch and budget is not None:
            made.batches = RunBatches(budget)
            made.batching = Batching(
                store=made.batches, transport=catalogue.transport, clock=catalogue.clock
            )
        return made

    def __call__(self, settings: ModelSettings) -> ChatModel:
        """Return the model; settings that differ in sampling alone share one.

        Raises:
            UserError: there is no such model, or it lacks a key.
        """
        if settings.model in self.given:
            return self.given[settings.model]
        options = ModelOptions.of(settings)
        if options not in self.made:
            self.made[options] = self._make_model(options)
        return self.made[options]

    def _make_model(self, options: ModelOptions) -> ChatModel:
        if options.model == OFFLINE:
            from colloquia.offline.model import OfflineModel

            self._is_cold = True
            return OfflineModel()
        batched = self.batching.make(options) if self.batching else None
        if batched is None:
            return self.catalogue.make(options)
        if self.catalogue.needs_prices and self.price(options) is None:
            raise no_price(options.model)
        return batched

    def warm_up(self) -> None:
        """Load what the offline teacher, where it plays a role, reads English with: a second, once.

        Raises:
            UserError: the data of the English pipeline is missing or not what it should be.
        """
        if not self._is_cold:
            return
        self._is_cold = False
        with rare_collections():  # all of it stays, and to look through it takes 0.4 s
            pipeline(ENGLISH)
            lemmas("be")

    async def begin(self, store: Store, run_id: str) -> None:
        """Let the budget, if there is one, count in this store."""
        if self.budget is not None:
            await store.begin_budget(self.budget, run_id)
        if self.batches is not None:
            await store.begin_batches(self.batches, run_id)
        elif waiting := store.open_batches(run_id):
            raise UserError(_in_batches(waiting))

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Gather requests and follow batches, where there are any, for the length of a block."""
        if self.batching is None or self.batches is None:
            yield
            return
        if direct := ", ".join(self.not_batched):
            log.warning("asked request by request, at the usual price: %s", direct)
        async with self.batching.at_work():
            yield
        await self.batches.forget_used()

    def stop(self) -> None:
        """Let nobody wait for batches any longer."""
        if self.batching is not None:
            self.batching.stop()

    def heartbeat(self) -> Heartbeat:
        """Tell what the models are doing now."""
        direct = self.catalogue.heartbeat()
        if self.batching is None:
            return direct
        total = Heartbeat.total([direct, self.batching.heartbeat()])
        assert total is not None
        return total.model_copy(update={"workers": 1})

    @property
    def at_once(self) -> int:
        """How many dialogues are worked on at once where a recipe leaves it open."""
        return AUTO_CONCURRENCY if self.batching is None else BATCH_CONCURRENCY

    @property
    def batched(self) -> list[str]:
        """The models that are asked in batches."""
        return [model.name for model in self.made.values() if isinstance(model, BatchedModel)]

    @property
    def not_batched(self) -> list[str]:
        """The models of providers that are asked request by request."""
        return [model.name for model in self.made.values() if isinstance(model, ReliableModel)]

    def refuse_unasked(self, recipe: Recipe) -> None:
        """Raise UserError where a model is given that no role asks for: its name is misspelt."""
        asked = {recipe.settings_for(role).model for role in ROLES} | set(recipe.models)
        for name in self.given:
            if name not in asked:
                hint = did_you_mean(name, asked)
                raise UserError(f"models[{name!r}]: no role of the recipe asks for it{hint}")

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

    def refuse_no_batches(self) -> None:
        """Raise UserError where batches are wanted and no model's provider takes any."""
        if self.batching is not None and not self.batched:
            raise UserError(
                "no model of this recipe takes batches; openai/… and anthropic/… do, and any "
                "server with OpenAI's /files and /batches, as openai/NAME with its api_base"
            )

    def price(self, settings: ModelOptions) -> PerToken | None:
        """Return what a model's tokens cost; None where nobody told.

        Raises:
            UserError: there is no such model, or it lacks a key.
        """
        own = self.given.get(settings.model)
        if own is not None and not getattr(own, "free", False):
            return None
        if own is not None or settings.model == OFFLINE:
            return PerToken(input=0.0, output=0.0)
        batched = self.batching.price(settings) if self.batching else None
        return batched or self.catalogue.price(settings)

    async def aclose(self) -> None:
        """Close what was made here."""
        for model in self.made.values():
            await model.close()
        await self.catalogue.close()


def _in_batches(waiting: Mapping[str, int]) -> str:
    where = " and ".join(f"{number:,} at {model}" for model, number in waiting.items())
    return (
        f"requests of this run are under way in batches, {where}: go on with `batch=True`, or "
        "they would be paid twice"
    )


def _checked_models(given: Any) -> Mapping[str, ChatModel]:
    """Return models by name as a caller gave them, seen to be such."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise UserError(f"models is a {type(given).__name__}; give {{'name in the recipe': model}}")
    for name, model in given.items():
        if isinstance(model, type):
            raise UserError(f"models[{name!r}] is a class; pass a model: {model.__name__}(…)")
        if isinstance(model, str):
            raise UserError(
                f"models[{name!r}] is a name, {model!r}; names stand in the recipe, under models"
            )
        if not isinstance(model, ChatModel):
            lacks = [part for part in ("name", "complete", "close") if not hasattr(model, part)]
            what = f"{type(model).__name__} has no {' and no '.join(lacks)}"
            raise UserError(f"models[{name!r}] is no model: {what}")
    return given


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
