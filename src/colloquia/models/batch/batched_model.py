"""A model whose requests go in batches; what expired or failed goes along with the next wave."""

from dataclasses import dataclass, field

from colloquia.core.ports import ChatReply, ChatRequest, Spending
from colloquia.models.batch.waves import Waves
from colloquia.models.faults import causes
from colloquia.models.faults.errors import CallFailed, EndpointDown, Fault
from colloquia.models.ledger.ledger import request_hash
from colloquia.models.ledger.metered import highest_cost
from colloquia.models.retry.reliable import RequestCounts
from colloquia.models.retry.retry import ATTEMPTS
from colloquia.models.wire.resolved import ResolvedModel
from colloquia.models.wire.shapes.shape import ModelRequest


@dataclass(slots=True, kw_only=True)
class BatchedModel:
    """One model, as `core.ports.ChatModel`; a reply may take hours."""

    resolved: ResolvedModel
    waves: Waves
    structured: bool
    """Whether a reply's schema is sent along, until the model turns out not to take one."""
    counts: RequestCounts = field(default_factory=RequestCounts)

    @property
    def name(self) -> str:
        """The model's name as written in a recipe."""
        return self.resolved.options.model

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request, in as many waves as that needs.

        Raises:
            CallFailed: the call failed for good; its cause says why.
            Postponed: the run stops; the batch goes on at the provider.
            WorldError, UserError: see `Waves.reply`.
        """
        key = request_hash(self.name, request)
        sent = 0
        without_schema = False
        while True:
            outcome = await self.waves.reply(key, lambda: self._written(request))
            if outcome is None:  # it never got there
                continue
            self.counts.requests += 1
            if _is_about_schema(outcome, request) and not without_schema:
                self.structured = False  # from now on the prompt must do
                without_schema = True
                continue
            sent += 1
            outcome = self.counts.ended(outcome, attempts=sent)
            if isinstance(outcome, ChatReply):
                return outcome
            self._stop_if_over(outcome, sent)
            self.counts.retries += 1

    async def close(self) -> None:
        """Nothing of its own."""

    def _written(self, request: ChatRequest) -> tuple[ModelRequest, Spending, int]:
        most = highest_cost(request, self.waves.price)
        wanted = self.resolved.own_request(request, schema=self.structured, stream=False)
        return wanted, most, most.tokens  # no text has more bytes than it counts tokens

    def _stop_if_over(self, fault: Fault, sent: int) -> None:
        if fault.exhausted:
            raise EndpointDown(f"{self.name}: {fault.detail}; mend that and run it again")
        if fault.cause == "rate_limit" and sent >= ATTEMPTS:
            raise EndpointDown(f"{self.name}: {fault.detail}, {sent} times; run it again later")
        if fault.cause in {"content", "fatal"} or sent >= ATTEMPTS:
            raise CallFailed(fault, attempts=sent)


def _is_about_schema(outcome: ChatReply | Fault, request: ChatRequest) -> bool:
    asked = request.reply_schema is not None
    return asked and isinstance(outcome, Fault) and causes.is_about_schema(outcome)
