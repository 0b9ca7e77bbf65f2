"""What every role shares: render the template, ask the model, return a typed reply.

An agent is an AutoGen `BaseChatAgent`, so it works in any AutoGen team; inside our own graph the
driver calls `ask` with a typed brief and a call site. Agents hold no dialogue: one graph serves
many.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseChatMessage, StructuredMessage
from autogen_core import CancellationToken
from pydantic import BaseModel

from colloquia.agents import fit
from colloquia.agents.guest_calls import GuestContext, guest_context
from colloquia.agents.reply import (
    PlainRefusal,
    beginning_of,
    parse_reply,
    reply_schema,
    text_to_read,
)
from colloquia.authoring.prompts.rendered import RenderedBefore
from colloquia.authoring.prompts.template import PromptTemplate
from colloquia.core.errors import DialogueFailure, GraphError, Refused, UnparsableReply
from colloquia.core.hashing import seed_for
from colloquia.core.ports import CallStore, ChatModel, ChatRequest
from colloquia.core.recipe import Accept, Limits, ModelSettings
from colloquia.core.roles import Line, Passage
from colloquia.core.types import Message, ModelCall, QuestionKind
from colloquia.core.wording import THE_LAST_BEGINS
from colloquia.language.reading.identification import language_of
from colloquia.models.ledger.ledger import Ledger

Brief = TypeVar("Brief", bound=BaseModel)
Reply = TypeVar("Reply", bound=BaseModel)

REPAIRS = 2  # a model that misses its schema three times in a row rarely finds it


CHAT_CALLS = Limits().calls_per_dialogue  # for one reply outside a run, a guest's own calls too


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """Where one ask happens: the dialogue's ledger, the place in it, and the dialogue's seed."""

    ledger: Ledger
    place: str
    seed: int
    rendered: RenderedBefore = field(default_factory=RenderedBefore)
    """What was rendered for the dialogue before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedReply(Generic[Reply]):
    """A typed reply and the ledger row it came from; None where no model was asked."""

    reply: Reply
    call_id: str | None = None
    thought: str | None = None
    """What led to it; never a part of what others are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """What agents are bound to: models, settings and templates, each by name."""

    model: Callable[[ModelSettings], ChatModel]
    settings: Callable[[str, str | None], ModelSettings]
    """Role, and the model the agent asked for (None leaves it to the recipe) -> settings."""
    template: Callable[[str], PromptTemplate]
    accept: Accept = field(default_factory=Accept)
    """What an answer needs to stand."""

    @classmethod
    def of_one(
        cls,
        model: ChatModel,
        settings: ModelSettings,
        template: Callable[[str], PromptTemplate],
    ) -> Self:
        """Return those of agents that are all played by one model."""
        return cls(model=lambda _: model, settings=lambda role, wanted: settings, template=template)


class Agent(BaseChatAgent, Generic[Brief, Reply]):
    """A role: subclasses name their template and types, and how to read a plain chat."""

    part: ClassVar[str]
    """planner, writer, questioner, question_reviewer, answerer or reviewer: where it may stand."""
    asks_model: ClassVar[bool] = True
    """Whether what it does has its price; what has none is done first."""
    skips: ClassVar[frozenset[QuestionKind]] = frozenset()
    """Kinds of question that it has nothing to say about."""
    prompt: ClassVar[str]
    """Name of its template; also the role that the recipe gives a model to."""
    brief_type: ClassVar[type[BaseModel]]
    reply_type: ClassVar[type[BaseModel]]
    shown_as: ClassVar[str]
    """How AutoGen shows a reply, e.g. `{answer}`."""

    def __init__(self, *, name: str | None = None, model: str | ChatModel | None = None) -> None:
        """Make the agent.

        Args:
            name: its name in the graph; the template's name by default.
            model: a model, a name under the recipe's `models`, or a model's own name; the recipe's
                choice for this role by default.
        """
        super().__init__(name or self.prompt, description=(self.__doc__ or "").split("\n")[0])
        self._wanted = model
        self._bindings: Bindings | None = None
        self._model: ChatModel | None = None
        self._settings: ModelSettings | None = None
        self._template: PromptTemplate | None = None
        self._heard: list[BaseChatMessage] = []

    def bind(self, bindings: Bindings) -> Self:
        """Return a copy of the agent with its model and template; the agent itself stays bare.

        Raises:
            PromptError: no such template, or one that doesn't fit what the agent is told and reads.
            GraphError: the model can't play this role.
        """
        bound = copy(self)
        bound._heard = []
        bound._bindings = bindings
        bound._template = bindings.template(self.prompt)
        if self._wanted is None or isinstance(self._wanted, str):
            bound._settings = bindings.settings(self.prompt, self._wanted)
            bound._model = bindings.model(bound._settings)
        else:
            bound._settings = ModelSettings(model=self._wanted.name)
            bound._model = self._wanted
        kind = type(self).__name__
        fit.check_inputs(bound._template, self.brief_type, agent=kind)
        if type(self).parse is Agent.parse:
            fit.check_output(bound._template, self.reply_type, agent=kind)
        fit.check_model(bound._model, self.prompt, agent=kind)
        return bound

    @property
    def wants(self) -> str | ChatModel | None:
        """The model that it was made with; None for the recipe's choice."""
        return self._wanted

    @property
    def model(self) -> ChatModel | None:
        """The model it asks; None for an agent that asks none, or has none yet."""
        return self._model

    @property
    def accept(self) -> Accept:
        """What an answer needs to stand, by the recipe; the defaults where it has none yet."""
        return self._bindings.accept if self._bindings else Accept()

    @property
    def template_identity(self) -> str | None:
        """Identity of its template, `critic@3f2a9c1b`; None for an agent that needs none."""
        return self._bound_parts()[2].identity

    @property
    def identity(self) -> str:
        """What the recipe's hash sees of this agent: its class, its template and its model."""
        model, settings, template = self._bound_parts()
        shown = settings.model_dump_json(exclude={"api_key_env", "price", "timeout_s"})
        return " ".join((kind_of(self), template.identity, model.name, shown))

    async def ask(self, brief: Brief, *, site: CallSite) -> TypedReply[Reply]:
        """Render, ask and validate; what doesn't fit is quoted back at most twice.

        Raises:
            UnparsableReply: the reply still doesn't fit its type.
            Refused: the model, or the provider's content filter, declines to reply.
        """
        model, settings, template = self._bound_parts()
        variables = brief.model_dump(mode="json")
        messages = self.render(brief, variables, before=site.rendered)
        for repair in range(REPAIRS + 1):
            request = ChatRequest(
                role=self.prompt,
                prompt=template.identity,
                messages=messages,
                variables=variables,
                reply_schema=reply_schema(self.reply_type),
                temperature=settings.temperature,
                max_tokens=settings.max_tokens * self.texts_in(brief),
                seed=seed_for(site.seed, site.place),
            )
            place = f"{site.place}.repair{repair}" if repair else site.place
            context = GuestContext(
                ledger=site.ledger,
                place=place,
                seed=site.seed,
                role=self.prompt,
                lookup=self._model_by_name,
            )
            with guest_context(context):
                call = await site.ledger.ask(model, request, place=place)
            try:
                return TypedReply(reply=self.read_reply(call, brief), call_id=call.id)
            except ValueError as error:
                problem = error
                messages = (*messages, *_quote_back(call, str(error)))
        raise _given_up(self.name, call, problem)

    def render(
        self, brief: Brief, variables: dict[str, Any], *, before: RenderedBefore
    ) -> tuple[Message, ...]:
        """Return what the model is told: its template, filled with the brief's variables."""
        return self._bound_parts()[2].render(variables, before=before)

    def texts_in(self, brief: Brief) -> int:
        """Return how many replies of the usual length this brief asks for in one."""
        return 1

    def parse(self, text: str, brief: Brief) -> Reply:
        """Read the model's text as a reply, or raise ValueError with what is wrong with it."""
        return cast(Reply, parse_reply(text, self.reply_type))

    def check(self, reply: Reply, brief: Brief) -> Reply:
        """Return the reply, or raise ValueError with what is wrong with it for this brief."""
        return reply

    @abstractmethod
    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> Brief:
        """Make a brief from a plain chat whose first message is the snippet."""

    def read_reply(self, call: ModelCall, brief: Brief) -> Reply:
        """Return what a call replied, or raise ValueError with what is wrong with it.

        Raises:
            Refused: the provider's content filter stopped it.
        """
        if call.stop == "content_filter":
            raise Refused(f"{self.name}: the provider's content filter stopped the reply")
        return self.check(self.parse(text_to_read(call), brief), brief)

    def _bound_parts(self) -> tuple[ChatModel, ModelSettings, PromptTemplate]:
        if self._model is None or self._settings is None or self._template is None:
            raise GraphError(f"agent {self.name!r} has no model yet; call bind(bindings) first")
        return self._model, self._settings, self._template

    def _model_by_name(self, name: str) -> tuple[ChatModel, ModelSettings]:
        assert self._bindings is not None
        settings = self._bindings.settings(self.prompt, name)
        return self._bindings.model(settings), settings

    # AutoGen's face: the same agent in any AutoGen team.

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        """One structured message with the typed reply."""
        return (StructuredMessage[self.reply_type],)  # type: ignore[name-defined]

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """Answer a chat; a structured message with a brief is taken as it is."""
        self._heard.extend(messages)
        brief = self._brief_from(self._heard)
        ledger = Ledger(dialogue_id=self.name, known=(), store=_NoCallStore(), limit=CHAT_CALLS)
        site = CallSite(ledger=ledger, place=str(len(self._heard)), seed=0)
        asking = asyncio.ensure_future(self.ask(brief, site=site))
        cancellation_token.link_future(asking)
        asked = await asking
        message = StructuredMessage[type(asked.reply)](  # type: ignore[operator, misc]
            content=asked.reply, source=self.name, format_string=self.shown_as
        )
        self._heard.append(message)
        return Response(chat_message=message)

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Forget the chat."""
        self._heard.clear()

    def _brief_from(self, messages: Sequence[BaseChatMessage]) -> Brief:
        last = messages[-1] if messages else None
        if isinstance(last, StructuredMessage) and isinstance(last.content, self.brief_type):
            return cast(Brief, last.content)
        if not messages:
            raise GraphError(f"agent {self.name!r} was asked with no message; send a snippet first")
        lines = tuple(
            Line(
                speaker="answerer" if _is_answer(message) else "questioner", text=message.to_text()
            )
            for message in messages[1:]
        )
        text = messages[0].to_text()
        return self.read_chat(Passage(text=text, language=language_of(text)), lines)


def kind_of(agent: object) -> str:
    """Return the full name of an agent's class."""
    return f"{type(agent).__module__}.{type(agent).__qualname__}"


class _NoCallStore:
    """A call store for chats outside a run: nothing is kept."""

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        return []

    async def record(self, call: ModelCall) -> None:
        return None


_: CallStore = _NoCallStore()


def _is_answer(message: BaseChatMessage) -> bool:
    return isinstance(message, StructuredMessage) and hasattr(message.content, "answer")


def _given_up(name: str, call: ModelCall, problem: ValueError) -> DialogueFailure:
    """Return why a dialogue ends: what was wrong with the last reply, and how it begins."""
    told = f"{name}: no usable reply after {REPAIRS} repairs: {problem}"
    if call.stop == "length":
        told += ", or raise its max_tokens"
    if beginning := beginning_of(call):
        told += f"{THE_LAST_BEGINS}{beginning}"
    return Refused(told) if isinstance(problem, PlainRefusal) else UnparsableReply(told)


def _quote_back(call: ModelCall, problem: str) -> tuple[Message, Message]:
    return (
        Message(role="assistant", content=call.reply or "(empty)"),
        Message(role="user", content=f"That reply can't be used: {problem}. Reply again, as JSON."),
    )
