"""Any AutoGen agent as a node of our graph.

A guest plays one of our roles: the role renders its template, the guest is the model that answers,
and the reply goes through the ledger like any other. What it asks of the run's own models
(`guest_calls.model_client`) are further rows below that one. Guests may speak plainly: an answer or
a question is taken as it is, and a review may be one line, `revise: the unit is missing`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from autogen_agentchat.base import ChatAgent, Response
from autogen_agentchat.messages import BaseChatMessage, TextMessage
from autogen_core import CancellationToken

from colloquia.agents.answerer import Answerer
from colloquia.agents.base import Agent
from colloquia.agents.guest_calls import current_context
from colloquia.agents.questioner import Questioner
from colloquia.agents.reply import PlainRefusal
from colloquia.agents.reviewer import Reviewer
from colloquia.core.errors import GraphError
from colloquia.core.ports import ChatReply, ChatRequest, StopReason
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    QuestionerInput,
    QuestionerReply,
    ReviewInput,
)
from colloquia.core.text import clean_text
from colloquia.core.types import Message, ModelCall, Verdict, token_count
from colloquia.language.reading.sentences import split_sentences
from colloquia.models.wire.thoughts import thought_apart

Guest = ChatAgent | Callable[[], ChatAgent]

_DECISION = re.compile(r"\s*(accept|revise|reject)\b[\s:,.-]*(.*)", re.IGNORECASE | re.DOTALL)


def as_node(guest: Guest, *, part: str, name: str | None = None) -> Agent[Any, Any]:
    """Return the guest as a node for one part of the graph.

    Args:
        guest: an AutoGen agent, or a function that makes one. A single agent answers one call at a
            time and is reset before each; a function serves as many dialogues as run at once.
        part: questioner, answerer or reviewer.
        name: the node's name; the agent's own by default.
    """
    model = GuestModel(guest)
    name = name or model.name.removeprefix("autogen:")
    match part:
        case "reviewer":
            return GuestReviewer(name=name, model=model)
        case "answerer":
            return GuestAnswerer(name=name, model=model)
        case "questioner":
            return GuestQuestioner(name=name, model=model)
        case _:
            raise GraphError(f"an AutoGen agent can't play {part!r}; subclass colloquia.Agent")


class GuestModel:
    """An AutoGen agent behind the model port: it hears the messages, and its text is the reply."""

    def __init__(self, guest: Guest) -> None:
        """Take the guest, or the function that makes guests."""
        self._make = None if isinstance(guest, ChatAgent) else guest
        self._only = guest if isinstance(guest, ChatAgent) else guest()
        if not isinstance(self._only, ChatAgent) or isinstance(self._only, Agent):
            made = type(self._only).__name__
            raise GraphError(f"a guest is an AutoGen agent, and not {made}; pass an instance")
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )
        self.name = f"autogen:{self._only.name}"
        self.free = bool(getattr(self._only, "free", False))
        """Whether it says that it costs nothing beside what its `model_client` counts."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Let the guest answer one request, from a clean slate."""
        context = current_context()
        async with self._guest() as guest:
            heard = [_as_text(message) for message in request.messages]
            try:
                response = await guest.on_messages(heard, CancellationToken())
            except Exception:
                if context is not None and context.failed is not None:
                    raise context.failed from None  # AutoGen's teams let only its text through
                raise
        if context is not None and context.failed is not None and context.stops_run:
            raise context.failed
        return _as_reply(response, calls=context.calls if context else ())

    async def close(self) -> None:
        """Close the guest."""
        await self._only.close()

    @asynccontextmanager
    async def _guest(self) -> AsyncIterator[ChatAgent]:
        if self._make is not None:
            guest = self._make()
            try:
                yield guest
            finally:
                await guest.close()
            return
        loop = asyncio.get_running_loop()  # a lock is of one loop, a guest may see several
        async with self._locks.setdefault(loop, asyncio.Lock()):
            await self._only.on_reset(CancellationToken())
            yield self._only


class GuestReviewer(Reviewer):
    """A guest that reviews; its prompt asks for one line."""

    prompt = "guest_reviewer"

    def parse(self, text: str, brief: ReviewInput) -> Verdict:
        """Read a verdict as JSON, or a line that begins with the decision."""
        try:
            return Verdict.model_validate(super().parse(text, brief))
        except ValueError as error:
            said = _DECISION.match(text)
            if said is None and isinstance(error, PlainRefusal):
                raise
        if said is None:
            raise ValueError("begin with accept, revise or reject, then a colon and the reason")
        return Verdict.model_validate(
            {"decision": said.group(1).lower(), "rationale": clean_text(said.group(2))}
        )


class GuestAnswerer(Answerer):
    """A guest that answers; sentences it takes over from the passage count as quotes."""

    def parse(self, text: str, brief: AnswererInput) -> AnswererReply:
        """Read an answer as JSON, or as plain text."""
        try:
            return super().parse(text, brief)
        except ValueError:
            if _looks_like_json(text):
                raise
            pieces = (piece.text.strip() for piece in split_sentences(text))
            quotes = tuple(piece for piece in pieces if piece in brief.snippet.text)
            return AnswererReply(answer=clean_text(text), quotes=quotes, declined=not quotes)


class GuestQuestioner(Questioner):
    """A guest that asks."""

    def parse(self, text: str, brief: QuestionerInput) -> QuestionerReply:
        """Read a question as JSON, or as plain text."""
        try:
            return super().parse(text, brief)
        except ValueError as error:
            if isinstance(error, PlainRefusal) or _looks_like_json(text):
                raise
            return QuestionerReply(question=clean_text(text))


def _as_reply(response: Response, *, calls: Sequence[ModelCall]) -> ChatReply:
    """Return what a guest said; tokens and cost are only what its calls' own rows don't count."""
    messages = (*(response.inner_messages or ()), response.chat_message)
    usages = [message.models_usage for message in messages if message.models_usage]
    said = response.chat_message.to_text()
    aloud = thought_apart(said)
    spoken = {"text": aloud.answer, "thought": aloud.thought} if aloud else {"text": said}
    filtered = not said.strip() and bool(calls) and calls[-1].stop == "content_filter"
    stop: StopReason = "content_filter" if filtered else "stop"
    if not usages and not calls:
        return ChatReply(**spoken, stop=stop)
    counted = [(token_count(u.prompt_tokens), token_count(u.completion_tokens)) for u in usages]
    known = [(sent, made) for sent, made in counted if sent is not None and made is not None]
    if len(known) < len(counted):
        return ChatReply(**spoken, stop=stop)
    tokens_in = sum(sent for sent, _ in known) - sum(c.tokens_in or 0 for c in calls)
    tokens_out = sum(made for _, made in known) - sum(c.tokens_out or 0 for c in calls)
    elsewhere = tokens_in > 0 or tokens_out > 0 or not calls  # by a client that isn't ours
    return ChatReply(
        **spoken,
        stop=stop,
        tokens_in=max(0, tokens_in),
        tokens_out=max(0, tokens_out),
        cost_usd=None if elsewhere else 0.0,
    )


def _looks_like_json(text: str) -> bool:
    return text.lstrip().startswith(("{", "```"))


def _as_text(message: Message) -> BaseChatMessage:
    return TextMessage(content=message.content, source=message.role)
