"""The seams: what a model backend and a ledger's store must offer."""

from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from colloquia.core.types import Message, ModelCall, Value

StopReason = Literal["stop", "length", "content_filter"]


class ChatRequest(Value):
    """One request to a chat model: rendered messages and the variables they were rendered from."""

    role: str
    """Which agent asks: planner, questioner, answerer, critic, refusal_checker or a user's node."""
    prompt: str
    """Identity of the template, `answerer@3f2a9c1b`."""
    messages: tuple[Message, ...]
    variables: dict[str, Any] = Field(default_factory=dict)
    """The typed input as plain JSON; backends that work by rule read this instead of the text."""
    reply_schema: dict[str, Any] | None = None
    """JSON Schema the reply should fit; None for free text."""
    temperature: float | None = Field(default=None, ge=0)
    max_tokens: int | None = Field(default=None, gt=0)
    seed: int | None = None


class ChatReply(Value):
    """What a model said. Token counts and cost are None where the backend doesn't know them."""

    text: str
    thought: str | None = None
    """Reasoning that the backend reported apart from the answer."""
    stop: StopReason = "stop"
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    attempts: int = Field(default=1, ge=1)
    """How often the request was sent; retries bend a distribution, so they are told."""


@runtime_checkable
class ChatModel(Protocol):
    """A model backend."""

    @property
    def name(self) -> str:
        """The model's name as written in a recipe, e.g. `offline`."""
        ...

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request; raises WorldError where the backend is out of reach."""
        ...

    async def close(self) -> None:
        """Let go of connections and memory."""
        ...


class CallStore(Protocol):
    """Where the ledger keeps its rows; a call is durable when `record` returns."""

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Return a dialogue's calls in the order they were made."""
        ...

    async def record(self, call: ModelCall) -> None:
        """Commit one call."""
        ...
