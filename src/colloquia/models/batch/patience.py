"""Steps at a provider that may be tried again: what fails for a while is waited out."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from colloquia.core.errors import Postponed
from colloquia.models.faults.errors import CallFailed, EndpointDown, Fault, ModelError
from colloquia.models.pace.clock import Clock
from colloquia.models.retry.breaker import GIVE_UP_AFTER_S, LOOK_EVERY_S
from colloquia.models.retry.reliable import TRIES_TO_REACH, WRONG_SETUP, fix_of
from colloquia.models.retry.retry import jittered

Result = TypeVar("Result")


@dataclass(slots=True, kw_only=True)
class Patience:
    """Tries steps again until they are done, for half an hour of failing at most."""

    name: str
    """The model's."""
    clock: Clock
    worked: Callable[[], bool]
    """Whether the endpoint ever did what was asked."""
    stopped: bool = False
    """Whether nothing is to be tried again any more."""
    draw: random.Random = field(default_factory=random.Random)
    """Jitter only."""

    async def until_done(
        self,
        step: Callable[[], Awaitable[Result]],
        *,
        again: Callable[[Fault], bool] = lambda fault: True,
    ) -> Result:
        """Return what a step comes to.

        Args:
            step: what to do; tried again after a fault that may pass.
            again: whether a step that failed so may be repeated.

        Raises:
            CallFailed: it may not be repeated.
            Postponed: it failed, and nothing is to be tried again.
            ModelError: key, model or endpoint are wrong.
            EndpointDown: the endpoint is out of reach.
        """
        failed_since: float | None = None
        failures = 0
        while True:
            try:
                done = await step()
            except CallFailed as error:
                fault = error.fault
                failed_since = self.clock.now() if failed_since is None else failed_since
                failures += 1
                self._stop_if_hopeless(fault, failures, self.clock.now() - failed_since)
                if not again(fault):
                    raise
                wait = jittered(failures, draw=self.draw)
                await self._wait(max(wait, fault.retry_after_s or 0.0))
            else:
                return done

    async def _wait(self, seconds: float) -> None:
        until = self.clock.now() + seconds
        while (left := until - self.clock.now()) > 0 and not self.stopped:
            await self.clock.sleep(min(left, LOOK_EVERY_S))
        if self.stopped:
            raise Postponed(f"model {self.name!r}: stopped while its endpoint was out of reach")

    def _stop_if_hopeless(self, fault: Fault, failures: int, seconds: float) -> None:
        told = f"model {self.name!r}: {fault.detail}"
        if fault.exhausted and self.worked():
            raise EndpointDown(f"{told}; mend that and run the same command again")
        if fault.status in WRONG_SETUP and not self.worked():
            fix = fix_of(fault)
            raise ModelError(f"{told}; {fix}, or run it without `batch=True`")
        if fault.cause in {"fatal", "refused"}:
            raise EndpointDown(f"{told}; what is done is kept, and batches under way go on there")
        if fault.unreachable and not self.worked() and failures >= TRIES_TO_REACH:
            raise EndpointDown(f"{told}; start the server, or correct api_base")
        if seconds >= GIVE_UP_AFTER_S:
            minutes = GIVE_UP_AFTER_S / 60
            raise EndpointDown(
                f"{told}, for {minutes:.0f} minutes; run the same command again when it is back"
            )
