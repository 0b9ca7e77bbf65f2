"""OfflineModel: a chat model that plays every role by rule: no key, no network, no weights."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.roles import (
    AnswererInput,
    JointInput,
    Passage,
    PlannerInput,
    QuestionerInput,
    ReviewInput,
    RoleReply,
    WriterInput,
)
from colloquia.core.wording import cannot_play
from colloquia.offline.answers.answerer import answer
from colloquia.offline.questions.planner import plan
from colloquia.offline.questions.questioner import question
from colloquia.offline.reading.study import read_ahead
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.joint import review_jointly
from colloquia.offline.reviews.refusal_checker import check_refusal
from colloquia.offline.writer import write


class Play(Protocol):
    """Plays a role: its reply to what it is told, by a seed."""

    def __call__(self, given: Any, /, *, seed: int) -> RoleReply:
        """Reply."""


class OfflineModel:
    """Answers each role's request from its typed variables; the rendered messages aren't read.

    The same request and seed always get the same reply, in any process and order.
    """

    name = "offline"
    calls_tools = False
    free = True

    def __init__(self) -> None:
        """Make the model; what it reads with is loaded with the first request."""
        self._unread: dict[tuple[str, str | None], None] = {}

    @property
    def plays(self) -> tuple[str, ...]:
        """The roles it can play; an agent of another one is refused before a run begins."""
        return tuple(_ROLES)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Play the role the request asks for.

        Raises:
            UserError: the role is none that it knows, its variables don't fit the role's input, or
                there are tools.
        """
        if request.tools:
            raise UserError(
                "the offline model calls no tools; give that agent another model in the recipe"
            )
        if request.role not in _ROLES:
            raise UserError(cannot_play(request.role, _ROLES))
        kind, play = _ROLES[request.role]
        given = _typed(request, kind)
        await self._read_along(given.snippet)
        seed = request.seed if request.seed is not None else seed_for(request.variables)
        text = play(given, seed=seed).model_dump_json()
        tokens_in = sum(len(message.content.split()) for message in request.messages)
        return ChatReply(text=text, tokens_in=tokens_in, tokens_out=len(text.split()), cost_usd=0.0)

    async def _read_along(self, snippet: Passage) -> None:
        """Have a snippet parsed as one batch with those of dialogues that are as far."""
        self._unread[snippet.text, snippet.title] = None
        await asyncio.sleep(0)  # they come here first, and then one of them reads for all
        if self._unread:
            unread, self._unread = self._unread, {}
            read_ahead(unread)

    async def close(self) -> None:
        """Nothing is held open."""


def _typed(request: ChatRequest, kind: type[BaseModel]) -> Any:
    try:
        return kind.model_validate(request.variables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(
            f"the {request.role} request's variables don't fit: {where}: {first['msg']}; "
            f"the offline model needs a {kind.__name__} in `variables`"
        ) from error


def _seedless(play: Callable[[Any], RoleReply]) -> Play:
    return lambda given, *, seed: play(given)


_ROLES: dict[str, tuple[type[BaseModel], Play]] = {
    "planner": (PlannerInput, plan),
    "questioner": (QuestionerInput, question),
    "answerer": (AnswererInput, answer),
    "critic": (ReviewInput, _seedless(criticise)),
    "refusal_checker": (ReviewInput, _seedless(check_refusal)),
    "joint_reviewer": (JointInput, _seedless(review_jointly)),
    "writer": (WriterInput, write),
}
