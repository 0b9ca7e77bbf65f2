"""A run's models for AutoGen agents in the graph, each call a row of the dialogue's ledger.

AutoGen makes an agent once and hands it a client, long before any dialogue; so the client looks up
where it is when it is asked. While an agent of the graph waits for its reply, a context variable
holds a guest's context: the ledger, the place of its own row, and the way to models by name.
AutoGen runs tools and inner agents in tasks, which inherit the variable.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from autogen_core.models import ChatCompletionClient

from colloquia.core.errors import ColloquiaError, GraphError, UserError, WorldError
from colloquia.core.hashing import seed_for
from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
from colloquia.core.recipe import ModelSettings
from colloquia.core.types import ModelCall
from colloquia.models.autogen_client import AsAutogen
from colloquia.models.ledger.ledger import Ledger, request_hash

Lookup = Callable[[str], tuple[ChatModel, ModelSettings]]


def model_client(name: str) -> ChatCompletionClient:
    """Return a run's model as an AutoGen client, for an agent that is put into the graph.

    Every call is a row of the dialogue's ledger, below the agent's own: found again when the
    dialogue is taken up again, and counted by limits and budget.

    Args:
        name: a name under the recipe's `models`, or a model's own name; looked up when asked.
    """
    return AsAutogen(_RunModel(name))


@dataclass(slots=True, kw_only=True)
class GuestContext:
    """Where one reply of an agent in the graph is made, and which calls were made for it."""

    ledger: Ledger
    place: str
    """Of the agent's own row."""
    seed: int
    role: str
    lookup: Lookup
    calls: list[ModelCall] = field(default_factory=list)
    failed: ColloquiaError | None = None
    """An error that tools and teams may hide or rename on its way out: the last call's, or one
    that is about the whole run."""
    _asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def ask(self, name: str, request: ChatRequest) -> ChatReply:
        """Ask a model of the run, at a place of its own below the guest's."""
        model, settings = self.lookup(name)
        update: dict[str, Any] = {"role": self.role, "seed": None}
        unset = {"temperature": settings.temperature, "max_tokens": settings.max_tokens}
        update |= {key: own for key, own in unset.items() if getattr(request, key) is None}
        request = request.model_copy(update=update)
        # Numbered by the state of the talk, not by the clock: side by side calls come in any order.
        place = f"{self.place}/guest.{1 + sum(m.role == 'assistant' for m in request.messages)}"
        key = (place, request_hash(model.name, request))
        if again := self._asked[key]:
            place = f"{place}.again{again}"
        self._asked[key] += 1
        request = request.model_copy(update={"seed": seed_for(self.seed, place)})
        try:
            call = await self.ledger.ask(model, request, place=place)
        except BaseException as error:
            self._asked[key] -= 1  # so that a second try has the place of the first
            if isinstance(error, ColloquiaError) and not self.stops_run:
                self.failed = error
            raise
        self.calls.append(call)
        if not self.stops_run:
            self.failed = None
        return _reply_of(call)

    @property
    def stops_run(self) -> bool:
        """Whether a call failed for a reason that no other dialogue would escape."""
        return isinstance(self.failed, UserError | WorldError)


_CONTEXT: ContextVar[GuestContext | None] = ContextVar("colloquia_guest_context", default=None)


@contextmanager
def guest_context(context: GuestContext) -> Iterator[None]:
    """Let what is awaited inside find the context."""
    token = _CONTEXT.set(context)
    try:
        yield
    finally:
        _CONTEXT.reset(token)


def current_context() -> GuestContext | None:
    """Return the context of the agent that is being asked; None outside a graph."""
    return _CONTEXT.get()


class _RunModel:
    """Whatever model the current context knows by this name."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: ChatRequest) -> ChatReply:
        context = current_context()
        if context is None:
            raise GraphError(
                f"model_client({self.name!r}) speaks only for an agent at work in a graph; "
                "run it with colloquia.run(…, graph=Graph.default().insert(agent, after=…))"
            )
        return await context.ask(self.name, request)

    async def close(self) -> None:
        """The run closes its models."""


def _reply_of(call: ModelCall) -> ChatReply:
    kept = call.model_dump(include={"thought", "tool_calls", "stop", "tokens_in", "tokens_out"})
    return ChatReply.model_validate({"text": call.reply or "", **kept})
