"""A model's name taken apart, what is known about it, and what of a request it gets."""

from dataclasses import dataclass
from typing import Any

from colloquia.core.model_options import ModelOptions
from colloquia.core.ports import ANY_OF, ChatRequest
from colloquia.models.ledger.prices import PerToken
from colloquia.models.wire.routes import Route
from colloquia.models.wire.shapes.shape import Dialect, ModelRequest

# By OpenAI's names, as litellm lists which of them a model has; and what we call them.
SETTINGS = {
    "response_format": "schema",
    "seed": "seed",
    "stream_options": "stream_usage",
    "tool_choice": "tool_choice",
    "tools": "tools",
    "top_p": "top_p",
}
_SEED_BITS = 0x7FFF_FFFF  # 31 bits; some servers read no more


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedModel:
    """A model, where and how it is reached, and what it takes."""

    options: ModelOptions
    model: str
    """The name that the provider knows it by."""
    provider: str
    key: str | None
    base: str | None
    route: Route
    price: PerToken | None
    batch_price: PerToken | None
    """In batches."""
    structured: bool
    """Whether a JSON Schema may be sent along."""
    streams: bool
    """Whether replies are asked for in pieces."""
    samples: bool
    """Whether it takes sampling settings other than the usual ones."""
    lacks: frozenset[str]
    """Settings of a `ModelRequest` that it doesn't have."""
    dialect: Dialect

    @property
    def endpoint(self) -> str:
        """What it shares with other models of the same server."""
        return self.base or self.provider

    def plain_request(self, request: ChatRequest, *, schema: bool, stream: bool) -> ModelRequest:
        """Return all that is wanted, as litellm's client is told it, which leaves out by itself."""
        return ModelRequest(**self._wanted(request, schema=schema, stream=stream))

    def own_request(self, request: ChatRequest, *, schema: bool, stream: bool) -> ModelRequest:
        """Return what the model takes of it, in its dialect."""
        wanted = self._wanted(request, schema=schema, stream=stream)
        for name in self.lacks & wanted.keys():
            del wanted[name]
        if not self.samples:
            wanted.pop("top_p", None)
            if wanted["temperature"] != 1:
                del wanted["temperature"]
        return ModelRequest(**wanted, dialect=self.dialect)

    def _wanted(self, request: ChatRequest, *, schema: bool, stream: bool) -> dict[str, Any]:
        forbidden = request.tool_choice == "none" and not self.route.forbids_tools
        tools = () if forbidden else request.tools
        held = schema and (not tools or self.route.schema_beside_tools)
        return {
            "model": self.model,
            "messages": request.messages,
            "temperature": request.temperature,
            "top_p": self.options.top_p,
            "max_tokens": request.max_tokens,
            "seed": None if request.seed is None else request.seed & _SEED_BITS,
            "schema": _as_sent(request.reply_schema) if held else None,
            "tools": tools,
            "tool_choice": request.tool_choice if tools else "auto",
            "stream": stream,
            "stream_usage": stream,
        }


def _as_sent(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {k: _as_sent(v) for k, v in schema.items() if k != ANY_OF}
    return schema
