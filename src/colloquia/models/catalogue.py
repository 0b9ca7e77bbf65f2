"""From what a recipe says about a model to a backend that is ready to be asked.

Models of one run share a transport; models at one endpoint share its breaker, since a server that
is down is down for all; and each model at an endpoint has a limiter, since limits are per model.
"""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from colloquia.core.heartbeat import Heartbeat
from colloquia.core.model_options import LOCAL_PREFIX, ModelOptions
from colloquia.core.ports import Budget, ChatModel
from colloquia.core.wording import did_you_mean, first_problem
from colloquia.models.faults.errors import ModelError
from colloquia.models.ledger.metered import Metered
from colloquia.models.ledger.prices import FREE, PerToken, per_token
from colloquia.models.local.transformers_model import TransformersModel
from colloquia.models.pace.clock import Clock, RealClock
from colloquia.models.pace.limiter import Limiter
from colloquia.models.retry.breaker import Breaker
from colloquia.models.retry.reliable import ReliableModel, RequestCounts
from colloquia.models.wire.http_model import HttpModel
from colloquia.models.wire.litellm_client import LitellmClientModel
from colloquia.models.wire.providers import resolve
from colloquia.models.wire.transport import Transport

LOCAL_AT_ONCE = 1024  # a model in this process gathers its own batches from all that wait


@dataclass(kw_only=True)
class Catalogue:
    """Makes the models of one run and closes what they share."""

    folder: Path = field(default_factory=Path)
    """Where the paths of local models start."""
    clock: Clock = field(default_factory=RealClock)
    transport: Transport = field(default_factory=Transport)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    limiters: dict[tuple[str, str], Limiter] = field(default_factory=dict)
    made: list[ChatModel] = field(default_factory=list)
    counts: list[RequestCounts] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)
    """What tells a local model from another at the same path, by its name."""
    commits: dict[str, str] = field(default_factory=dict)
    """Of models of the Hub: the name with the commit it stands for, by the name as written."""
    budget: Budget | None = None
    """What the models may spend; None for as much as they need."""
    needs_prices: bool = False
    """Whether a model of unknown price is refused."""

    def make(self, options: ModelOptions) -> ReliableModel:
        """Return the model; nothing is sent.

        Raises:
            ModelError: no such provider, folder or key, not a model's name, or no price where a
                budget needs one; one line with the fix.
        """
        local = options.model.startswith(LOCAL_PREFIX)
        model = self._make_local(options) if local else self._make_hosted(options)
        self.made.append(model)
        return model

    def price(self, options: ModelOptions) -> PerToken | None:
        """Return the recipe's price, else litellm's, else None; nothing is sent.

        A local model costs nothing unless the recipe says otherwise.

        Raises:
            ModelError: no such provider, or no key.
        """
        if options.model.startswith(LOCAL_PREFIX):
            return per_token(options.price, {}) or FREE
        return resolve(options).price

    async def close(self) -> None:
        """Close the models and the connections they share."""
        for model in self.made:
            await model.close()
        await self.transport.close()

    def wrap(self, inner: ChatModel, *, endpoint: str, at_once: int | None = None) -> ReliableModel:
        """Put a raw backend behind limiter, breaker and retries.

        Args:
            inner: a backend that tries once and raises `CallFailed`.
            endpoint: what it shares with other models of the same server.
            at_once: how many calls it takes; None where that is to be found out.
        """
        breaker = self.breakers.setdefault(endpoint, Breaker(endpoint=endpoint, clock=self.clock))
        limiter = self.limiters.setdefault(
            (endpoint, inner.name),
            Limiter(clock=self.clock)
            if at_once is None
            else Limiter(clock=self.clock, start=at_once, learns=False),
        )
        model = ReliableModel(inner=inner, limiter=limiter, breaker=breaker, clock=self.clock)
        self.counts.append(model.counts)
        return model

    def heartbeat(self) -> Heartbeat:
        """Sum what all models are doing now."""
        limiters = self.limiters.values()
        return Heartbeat(
            in_flight=sum(limiter.in_flight for limiter in limiters),
            limit=sum(limiter.limit for limiter in limiters),
            requests=sum(counts.requests for counts in self.counts),
            rate_limits=sum(counts.rate_limits for counts in self.counts),
            retries=sum(counts.retries for counts in self.counts),
            worked_on=sum(limiter.worked_on for limiter in limiters),
            outage=any(breaker.is_down for breaker in self.breakers.values()),
        )

    def _make_local(self, options: ModelOptions) -> ReliableModel:
        inner = TransformersModel(options, base=self.folder)
        self.fingerprints[options.model] = inner.folder.fingerprint()
        if inner.folder.hub is not None:
            self.commits[options.model] = LOCAL_PREFIX + inner.folder.hub
        price = per_token(options.price, {})
        metered = self._metered(inner, price) if is_counted(options) else inner
        return self.wrap(metered, endpoint=options.model, at_once=LOCAL_AT_ONCE)

    def _make_hosted(self, options: ModelOptions) -> ReliableModel:
        resolved = resolve(options)
        if resolved.price is None and self.needs_prices:
            raise no_price(options.model)
        inner: ChatModel
        if resolved.route.shape is None:
            inner = LitellmClientModel(resolved, clock=self.clock)
        else:
            inner = HttpModel(
                resolved, shape=resolved.route.shape, transport=self.transport, clock=self.clock
            )
        return self.wrap(self._metered(inner, resolved.price), endpoint=resolved.endpoint)

    def _metered(self, inner: ChatModel, price: PerToken | None) -> ChatModel:
        if self.budget is None:
            return inner
        return Metered(inner=inner, budget=self.budget, price=price)


def is_counted(options: ModelOptions) -> bool:
    """Whether a budget counts a model's calls: a local one's are free, unless it has a price."""
    return not options.model.startswith(LOCAL_PREFIX) or options.price is not None


def no_price(name: str) -> ModelError:
    """Return the error of a model whose price a budget needs and nobody told."""
    return ModelError(
        f"model {name!r}: its price is unknown, so limits.budget_usd can't hold; name it under "
        "models with price: {input: …, output: …} in USD per million tokens, or count it as 0 "
        "with limits.allow_unpriced (`allow_unpriced=True`)"
    )


def options_of(name: str, **settings: object) -> ModelOptions:
    """Return checked options.

    Raises:
        ModelError: a setting doesn't fit; one line with the fix.
    """
    try:
        return ModelOptions.model_validate({"model": name, **settings})
    except ValidationError as error:
        path, what, known = first_problem(error, ModelOptions)
        where = ".".join(str(part) for part in path)
        hint = did_you_mean(where, known)
        raise ModelError(f"model {name!r}: {where}: {what}{hint}") from None  # it quotes values


def make_model(name: str, **settings: object) -> ChatModel:
    """Return one model on its own, e.g. `make_model("ollama_chat/llama3.2")`.

    Args:
        name: `provider/name` as litellm writes it, or `hf:PATH`.
        settings: see `ModelOptions`.

    Raises:
        ModelError: no such provider, no key, or a setting that doesn't fit.
    """
    return _Alone(Catalogue(), options_of(name, **settings))


class _Alone:
    """A model that closes its whole catalogue."""

    def __init__(self, catalogue: Catalogue, options: ModelOptions) -> None:
        model = catalogue.make(options)
        self.name = model.name
        self.complete = model.complete
        self.close = catalogue.close
