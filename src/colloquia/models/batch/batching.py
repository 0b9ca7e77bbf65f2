"""The models of one run that are asked in batches, and what works for them meanwhile."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from colloquia.core.heartbeat import Heartbeat
from colloquia.core.model_options import LOCAL_PREFIX, ModelOptions
from colloquia.core.ports import BatchStore
from colloquia.models.batch.batched_model import BatchedModel
from colloquia.models.batch.desk import BatchHttp
from colloquia.models.batch.files import FileBatches
from colloquia.models.batch.messages import MessageBatches
from colloquia.models.batch.waves import Waves
from colloquia.models.ledger.prices import PerToken
from colloquia.models.pace.clock import Clock
from colloquia.models.retry.reliable import RequestCounts
from colloquia.models.wire.providers import resolve
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.transport import Transport


@dataclass(kw_only=True)
class Batching:
    """Makes models that are asked in batches; models of one name at one server share waves."""

    store: BatchStore
    transport: Transport
    clock: Clock
    waves: dict[str, Waves] = field(default_factory=dict)
    counts: list[RequestCounts] = field(default_factory=list)

    def make(self, options: ModelOptions) -> BatchedModel | None:
        """Return the model; None where its provider takes no batches. Nothing is sent.

        Raises:
            ModelError: no such provider, or no key.
        """
        resolved = _taking_batches(options)
        if resolved is None:
            return None
        waves = self._waves_of(resolved)
        model = BatchedModel(resolved=resolved, waves=waves, structured=resolved.structured)
        self.counts.append(model.counts)
        return model

    def price(self, options: ModelOptions) -> PerToken | None:
        """Return what tokens cost in batches; None where nobody knows, or it takes none."""
        resolved = _taking_batches(options)
        return resolved.batch_price if resolved else None

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Gather requests and follow batches for the length of a block."""
        try:
            async with AsyncExitStack() as stack:
                for waves in self.waves.values():
                    await stack.enter_async_context(waves.at_work())
                yield
        except BaseExceptionGroup as errors:  # what a task group makes of the block's own error
            raise _first_of(errors) from None

    def stop(self) -> None:
        """Let nobody wait any longer: batches go on at the provider."""
        for waves in self.waves.values():
            waves.stop()

    def heartbeat(self) -> Heartbeat:
        """Tell what is under way."""
        all_waves = self.waves.values()
        return Heartbeat(
            requests=sum(counts.requests for counts in self.counts),
            retries=sum(counts.retries for counts in self.counts),
            batches=sum(len(waves.sizes) for waves in all_waves),
            batched=sum(sum(waves.sizes.values()) for waves in all_waves),
            batched_done=sum(look.done for waves in all_waves for look in waves.looks.values()),
        )

    def _waves_of(self, resolved: ResolvedModel) -> Waves:
        options = resolved.options
        name = " at ".join(filter(None, (options.model, options.api_base)))
        if name not in self.waves:
            http = BatchHttp(resolved, transport=self.transport, clock=self.clock)
            in_files = resolved.route.batches == "files"
            self.waves[name] = Waves(
                name=name,
                desk=FileBatches(http) if in_files else MessageBatches(http),
                store=self.store,
                clock=self.clock,
                price=resolved.batch_price,
            )
        return self.waves[name]


def _taking_batches(options: ModelOptions) -> ResolvedModel | None:
    if options.model.startswith(LOCAL_PREFIX):
        return None
    resolved = resolve(options)
    return resolved if resolved.route.batches else None


def _first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
