"""A raw backend that sends nothing before its highest cost is set aside.

It stands inside the retries, so each attempt is set aside for itself: a reply that was billed and
then got lost stays counted. What a request may cost at most is known before it is sent: no
byte-level tokenizer makes more tokens of a text than the text has UTF-8 bytes, and a reply has at
most `max_tokens`.
"""

import json
from dataclasses import dataclass

from colloquia.core.ports import Budget, ChatModel, ChatReply, ChatRequest, Spending
from colloquia.core.recipe import ModelSettings
from colloquia.models.faults.errors import CallFailed, Fault
from colloquia.models.ledger.prices import PerToken

PER_MESSAGE = 16  # tokens that a chat template puts around a message: marks, role, line breaks
# Tokens that a provider puts before the first message: a system prompt of the template's own, or
# the instructions for tools by which Anthropic keeps to a schema (up to 530 by its price list).
PER_REQUEST = 600
UNKNOWN_MAX_TOKENS: int = ModelSettings.model_fields["max_tokens"].default
NOTHING = Spending()


@dataclass(slots=True, kw_only=True)
class Metered:
    """A raw backend that spends from a run's budget."""

    inner: ChatModel
    budget: Budget
    price: PerToken | None
    """None where it is unknown, and the recipe allows that: then only calls and tokens count."""

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self.inner.name

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request with one attempt.

        Raises:
            BudgetReached: the attempt might cost more than is left; nothing was sent.
            CallFailed: with the attempt's fault.
        """
        most = highest_cost(request, self.price)
        await self.budget.reserve(most)
        spent = most  # however this ends: a reply that gets lost may have been billed
        try:
            reply = await self.inner.complete(request)
            spent = cost_of(reply, most)
        except CallFailed as error:
            if is_unbilled(error.fault):
                spent = NOTHING
            raise
        finally:
            self.budget.settle(most, spent)
        return reply

    async def close(self) -> None:
        """Close the inner model."""
        await self.inner.close()


def highest_cost(request: ChatRequest, price: PerToken | None) -> Spending:
    """Return the most that sending a request once can cost."""
    texts = [message.content for message in request.messages]
    texts += [message.tool_call_id or "" for message in request.messages]
    texts += [call.model_dump_json() for m in request.messages for call in m.tool_calls]
    texts += [tool.model_dump_json() for tool in request.tools]
    if request.reply_schema is not None:
        texts.append(json.dumps(request.reply_schema))
    sent = sum(len(text.encode("utf-8", "replace")) for text in texts)
    sent += PER_REQUEST + PER_MESSAGE * len(request.messages)
    generated = request.max_tokens or UNKNOWN_MAX_TOKENS
    usd = price.input * sent + price.output * generated if price else 0.0
    return Spending(usd=usd, calls=1, tokens=sent + generated)


def cost_of(reply: ChatReply, most: Spending) -> Spending:
    """Return what a reply came to; what it doesn't tell is taken for the most it could be."""
    # No request has 0 tokens: a server that says so doesn't count.
    if not reply.tokens_in or reply.tokens_out is None:
        return most
    usd = most.usd if reply.cost_usd is None else reply.cost_usd
    return Spending(usd=usd, calls=1, tokens=reply.tokens_in + reply.tokens_out)


def is_unbilled(fault: Fault) -> bool:
    """Return whether a failed attempt surely cost nothing.

    That is a request that never arrived or was turned away; a timeout, a broken connection, an
    unreadable reply or a server's error may come after the work was done and billed.
    """
    if fault.unreachable or fault.cause == "rate_limit":
        return True
    refused = fault.cause in {"fatal", "refused"}
    return refused and fault.status is not None and 400 <= fault.status < 500
