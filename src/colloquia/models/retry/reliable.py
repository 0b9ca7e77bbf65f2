"""The one place that sends again: any backend, made patient, polite and honest.

A raw backend tries once and raises `CallFailed` with its fault. This wraps it: room from the
limiter, leave from the breaker, one attempt, and then what `retry.Tries` says. Nothing else in the
product retries, so a fault costs the same number of requests whoever the provider is.
"""

import random
from dataclasses import dataclass, field

from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
from colloquia.models.faults.errors import CallFailed, EndpointDown, Fault, ModelError
from colloquia.models.pace.clock import Clock, RealClock
from colloquia.models.pace.limiter import Limiter
from colloquia.models.retry.breaker import Breaker
from colloquia.models.retry.retry import GiveUp, Tries

TRIES_TO_REACH = 3  # connections to an endpoint that never worked, before saying so
WRONG_SETUP = frozenset({401, 403, 404})


@dataclass(slots=True, kw_only=True)
class RequestCounts:
    """How often one model was asked, for live panels."""

    calls: int = 0
    """Those that were answered."""
    requests: int = 0
    """Those that were sent, retries among them."""
    rate_limits: int = 0
    retries: int = 0

    def ended(self, outcome: ChatReply | Fault, *, attempts: int) -> ChatReply | Fault:
        """Return the reply that a call ends with, counted; a fault where it doesn't end yet.

        A refusal ends it, with nothing said: a result, and data, not to be asked for again.
        """
        if isinstance(outcome, ChatReply):
            self.calls += 1
            return outcome.model_copy(update={"attempts": attempts}) if attempts > 1 else outcome
        if outcome.cause == "refused":
            return ChatReply(text="", stop="content_filter", attempts=attempts)
        return outcome


@dataclass(slots=True, kw_only=True)
class ReliableModel:
    """A backend behind limiter, breaker and retries."""

    inner: ChatModel
    limiter: Limiter
    breaker: Breaker
    clock: Clock = field(default_factory=RealClock)
    draw: random.Random = field(default_factory=random.Random)
    """Jitter only; never a source of content."""
    counts: RequestCounts = field(default_factory=RequestCounts)

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self.inner.name

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request, however often that needs sending.

        Raises:
            CallFailed: the call failed for good; its cause says why.
            ModelError: the first calls show that key, model or endpoint are wrong.
            EndpointDown: the endpoint is out of reach, or takes no more calls from this account.
        """
        tries, sent, unreached = Tries(), 0, 0
        while True:
            sent += 1
            outcome = self.counts.ended(await self._attempt(request), attempts=sent)
            if isinstance(outcome, ChatReply):
                return outcome
            unreached += outcome.unreachable
            tries, step = tries.after(outcome, draw=self.draw)
            self._stop_if_hopeless(outcome, over=isinstance(step, GiveUp), unreached=unreached)
            if isinstance(step, GiveUp):
                if step.outage:
                    raise EndpointDown(f"{self.name}: {outcome.detail}; {_LATER}")
                raise CallFailed(outcome, attempts=sent)
            if outcome.cause == "rate_limit":
                self.counts.rate_limits += 1
                self.limiter.pause(outcome.retry_after_s or 0.0)
            self.counts.retries += 1
            await self.clock.sleep(step.seconds)

    async def close(self) -> None:
        """Close the inner model."""
        await self.inner.close()

    async def _attempt(self, request: ChatRequest) -> ChatReply | Fault:
        async with self.limiter.slot() as permit:
            await self.breaker.admit()  # with a place in hand: nothing slips out once it is down
            self.counts.requests += 1
            permit.sent()
            try:
                reply = await self.inner.complete(request)
            except CallFailed as error:
                fault = error.fault
                if fault.cause == "rate_limit" or fault.silent:
                    permit.refused()
                self.breaker.note(fault)
                return fault
            permit.succeeded(tokens=reply.tokens_out)
            self.breaker.note(None)
            return reply

    def _stop_if_hopeless(self, fault: Fault, *, over: bool, unreached: int) -> None:
        """Raise where no other call could fare better: nothing is gained by failing dialogues."""
        wrong = fault.status in WRONG_SETUP or fault.exhausted
        if wrong and not self.counts.calls:  # of this model: another one there may well work
            raise ModelError(f"model {self.name!r}: {fault.detail}; {fix_of(fault)}")
        if not self.breaker.worked and fault.cause == "transient":
            if unreached >= TRIES_TO_REACH:
                raise EndpointDown(f"{self.name}: {fault.detail}; {_START}")
            if over:
                raise EndpointDown(f"{self.name}: {fault.detail}; {_CHECK}")


def fix_of(fault: Fault) -> str:
    """Return what to do about a refusal that every call would meet."""
    if fault.status == 404:
        return "check the model's name and api_base"
    if fault.status == 403:
        return "this key may not use that model"
    return "set api_key_env to the variable that holds a key, or mend the key in it"


_START = "start the server, or correct api_base"
_CHECK = "check api_base, or run the same command again later"
_LATER = "mend that and run the same command again; what is done is kept"
