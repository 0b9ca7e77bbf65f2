"""OfflineModel: a chat model that plays every role by rule: no key, no network, no weights."""

import asyncio
from bisect import insort
from collections.abc import Callable
from functools import lru_cache
from itertools import count, islice
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.ports import ChatReply, ChatRequest, in_turn
from colloquia.core.roles import (
    AnswererInput,
    JointInput,
    PlannerInput,
    QuestionerInput,
    ReviewInput,
    RoleReply,
    WriterInput,
)
from colloquia.core.wording import cannot_play, misfit
from colloquia.offline.answers.answerer import answer
from colloquia.offline.answers.reasoner import reason
from colloquia.offline.questions.planner import plan
from colloquia.offline.questions.questioner import question
from colloquia.offline.reading.study import read_ahead
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.joint import review_jointly
from colloquia.offline.reviews.refusal_checker import check_refusal
from colloquia.offline.writer import write

TOGETHER = 16  # snippets read as one batch, about 100 sentences; more save nothing


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
        self._announce = lru_cache(maxsize=256)(self._unread.setdefault)  # each once
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._tickets = count()

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
        snippet = given.snippet.text, given.snippet.title
        self._announce(snippet)
        await self._my_turn()
        if snippet in self._unread:
            self._read_along(snippet)
        seed = request.seed if request.seed is not None else seed_for(request.variables)
        text = play(given, seed=seed).model_dump_json()
        tokens_in = sum(len(message.content.split()) for message in request.messages)
        return ChatReply(text=text, tokens_in=tokens_in, tokens_out=len(text.split()), cost_usd=0.0)

    async def _my_turn(self) -> None:
        """Wait for the calls of dialogues begun earlier, so that these end first."""
        turn = asyncio.get_running_loop().create_future()
        mine = in_turn.get(), next(self._tickets), turn
        insort(self._waiting, mine)
        turn.get_loop().call_soon(self._call_next)  # when all have come who come now
        try:
            await turn
        finally:  # also where it is cancelled
            self._waiting.remove(mine)
            turn.get_loop().call_soon(self._call_next)

    def _call_next(self) -> None:
        if self._waiting and not (turn := self._waiting[0][-1]).done():
            turn.set_result(None)

    def _read_along(self, snippet: tuple[str, str | None]) -> None:
        """Have a snippet parsed as one batch with those of dialogues that come next."""
        batch = dict.fromkeys([snippet, *islice(self._unread, TOGETHER)])
        for read in batch:
            self._unread.pop(read, None)
        read_ahead(batch)

    async def close(self) -> None:
        """Nothing is held open."""


def _typed(request: ChatRequest, kind: type[BaseModel]) -> Any:
    try:
        return kind.model_validate(request.variables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(
            f"the {request.role} request's variables don't fit: {where}: {misfit(first)}; "
            f"the offline model needs a {kind.__name__} in `variables`"
        ) from error


def _seedless(play: Callable[[Any], RoleReply]) -> Play:
    return lambda given, *, seed: play(given)


_ROLES: dict[str, tuple[type[BaseModel], Play]] = {
    "planner": (PlannerInput, plan),
    "questioner": (QuestionerInput, question),
    "answerer": (AnswererInput, answer),
    "reasoner": (AnswererInput, reason),
    "critic": (ReviewInput, _seedless(criticise)),
    "refusal_checker": (ReviewInput, _seedless(check_refusal)),
    "joint_reviewer": (JointInput, _seedless(review_jointly)),
    "writer": (WriterInput, write),
}
