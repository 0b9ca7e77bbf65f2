"""The seams: what a model backend, a ledger's store and a budget must offer."""

from operator import not_
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from colloquia.core.types import Message, ModelCall, ToolCall, Value

#: In a reply's schema, of which alternatives one must hold beside its properties. For backends that
#: hold a reply to the schema themselves: servers read `anyOf` there in different ways, and lose it.
ANY_OF = "x-anyOf"

StopReason = Literal["stop", "length", "content_filter"]


class ToolSpec(Value):
    """A tool that a model may ask to have called."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    """As narrow as OpenAI and Anthropic want it."""
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON Schema of its arguments."""
    strict: bool = False
    """Whether the provider should hold the arguments to the schema, where it can."""


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
    """JSON Schema the reply should fit; None for free text. `ANY_OF` is a key of ours in it."""
    temperature: float | None = Field(default=None, ge=0)
    max_tokens: int | None = Field(default=None, gt=0)
    seed: int | None = None
    # Both are left out of dumps where there are no tools, so that such requests keep their hash.
    tools: tuple[ToolSpec, ...] = Field(default=(), exclude_if=not_)
    tool_choice: str = Field(default="auto", exclude_if=lambda given: given == "auto")
    """`auto`, `required`, `none`, or the name of the tool that is to be called."""


class ChatReply(Value):
    """What a model said. Token counts and cost are None where the backend doesn't know them."""

    text: str
    thought: str | None = None
    """Reasoning that the backend reported apart from the answer."""
    tool_calls: tuple[ToolCall, ...] = ()
    """What the model wants called before it goes on."""
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
        """Commit one call; it is paid for, so that happens even where the caller is cancelled."""
        ...


class Spending(Value):
    """What requests cost, or may cost at most."""

    usd: float = Field(default=0.0, ge=0)
    calls: int = Field(default=0, ge=0)
    tokens: int = Field(default=0, ge=0)
    """Sent and generated."""


class Budget(Protocol):
    """What a run may still spend: nothing is sent before its highest cost is set aside."""

    async def reserve(self, most: Spending) -> None:
        """Set aside the most that one request can cost; it is durable when this returns.

        Raises:
            BudgetReached: it doesn't fit, and nothing under way could make room.
        """
        ...

    def settle(self, most: Spending, spent: Spending) -> None:
        """Put what the request came to in place of what was set aside for it."""
        ...
