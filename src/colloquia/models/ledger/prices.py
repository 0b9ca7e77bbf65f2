"""What a call cost: tokens times price, and None where either is unknown. Never a guess."""

from dataclasses import dataclass
from typing import Any

from colloquia.core.model_options import Price
from colloquia.core.ports import ChatReply

MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PerToken:
    """USD per token."""

    input: float
    output: float


FREE = PerToken(input=0.0, output=0.0)


def per_token(price: Price | None, entry: dict[str, Any]) -> PerToken | None:
    """Return the recipe's price, else litellm's, else None.

    Args:
        price: as the recipe gives it.
        entry: the model's row in litellm's table; empty where there is none.
    """
    if price is not None:
        return PerToken(input=price.input / MILLION, output=price.output / MILLION)
    cost_in, cost_out = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if cost_in is None or cost_out is None:
        return None
    return PerToken(input=float(cost_in), output=float(cost_out))


def per_token_in_batches(price: Price | None, entry: dict[str, Any]) -> PerToken | None:
    """Return what tokens cost in batches: by litellm's table, else half of what they cost else.

    Half is what OpenAI and Anthropic ask. Arguments are those of `per_token`.
    """
    cost_in = entry.get("input_cost_per_token_batches")
    cost_out = entry.get("output_cost_per_token_batches")
    if price is None and cost_in is not None and cost_out is not None:
        return PerToken(input=float(cost_in), output=float(cost_out))
    usual = per_token(price, entry)
    return usual and PerToken(input=usual.input / 2, output=usual.output / 2)


def with_cost(reply: ChatReply, price: PerToken | None) -> ChatReply:
    """Return the reply with what it cost, before any discount for cached prompts, where known."""
    if price is None or reply.tokens_in is None or reply.tokens_out is None:
        return reply
    cost = reply.tokens_in * price.input + reply.tokens_out * price.output
    return reply.model_copy(update={"cost_usd": cost})
