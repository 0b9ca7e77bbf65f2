"""The seams: what a model backend, a ledger's store, a budget and batches' store must offer."""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from operator import not_
from typing import Any, Literal, Protocol, Self, runtime_checkable

from pydantic import Field

from colloquia.core.types import Message, ModelCall, Tokens, ToolCall, Usd, Value

#: In a reply's schema, of which alternatives one must hold beside its properties. For backends that
#: hold a reply to the schema themselves: servers read `anyOf` there in different ways, and lose it.
ANY_OF = "x-anyOf"

#: Whose call goes first where calls must wait: that of the dialogue begun first, thus the lowest.
in_turn: ContextVar[int] = ContextVar("in_turn", default=0)

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
    tokens_in: Tokens = None
    tokens_out: Tokens = None
    cost_usd: Usd = None
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
    """Where the ledger keeps its rows; they are durable before the next call is made."""

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Return a dialogue's calls in the order they were made."""
        ...

    async def record(self, call: ModelCall) -> None:
        """Take one call; it is paid for, so it is kept even where the caller is cancelled."""
        ...


class Spending(Value):
    """What requests cost, or may cost at most."""

    usd: float = Field(default=0.0, ge=0)
    calls: int = Field(default=0, ge=0)
    tokens: int = Field(default=0, ge=0)
    """Sent and generated."""

    @classmethod
    def total(cls, parts: Iterable[Self]) -> Self:
        """Return the sum; nothing for none."""
        usd, calls, tokens = 0.0, 0, 0
        for part in parts:
            usd, calls, tokens = usd + part.usd, calls + part.calls, tokens + part.tokens
        return cls(usd=usd, calls=calls, tokens=tokens)


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


class BatchLine(Value):
    """One request of a batch."""

    key: str
    """The hash of its request, see `models.ledger.ledger.request_hash`."""
    most: Spending
    """What is set aside for it."""


class StoredBatch(Value):
    """A batch that is under way, or may be."""

    id: str
    """Ours; the provider is told it."""
    model: str
    asked_at: float
    """When it was noted, in seconds since 1970."""
    lines: tuple[BatchLine, ...] = Field(min_length=1)
    remote_id: str | None = None
    """The provider's; None where it isn't known whether there is one."""

    @property
    def most(self) -> Spending:
        """What is set aside for all of it."""
        return Spending.total(line.most for line in self.lines)


class BatchStore(Protocol):
    """Where batches are kept; each change is durable when its method returns.

    A batch is noted before it is handed in, and again once the provider has given it an id: who
    is killed between the two leaves a note by which the next process looks for the batch.
    """

    async def under_way(self, model: str) -> Sequence[StoredBatch]:
        """Return a model's batches that have not ended."""
        ...

    async def unused(self, model: str) -> Mapping[str, ChatReply]:
        """Return a model's replies, by key, that came before and that no call has been made of."""
        ...

    async def intend(self, batch: StoredBatch) -> int:
        """Note a batch about to be handed in, and set aside what it may cost.

        Returns how many of its lines, the first ones, fit into the budget; only these are noted.
        """
        ...

    async def wait_for_room(self, most: Spending) -> None:
        """Return when something under way came to less than was set aside for it.

        Raises:
            BudgetReached: nothing is under way.
        """
        ...

    async def handed_in(self, batch: StoredBatch, remote_id: str) -> None:
        """Note the provider's id."""
        ...

    async def end(
        self, batch: StoredBatch, replies: Mapping[str, ChatReply], spent: Spending
    ) -> None:
        """Keep a batch's replies, by key, and put what it came to in place of what was set aside.

        One that was never made ends without replies, and has cost nothing.
        """
        ...
