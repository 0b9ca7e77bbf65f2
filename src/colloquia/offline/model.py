"""OfflineModel: a chat model that plays every role by rule: no key, no network, no weights."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.roles import (
    AnswererInput,
    JointInput,
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
from colloquia.offline.reviews.critic import criticise
from colloquia.offline.reviews.joint import review_jointly
from colloquia.offline.reviews.refusal_checker import check_refusal
from colloquia.offline.writer import write

Input = TypeVar("Input", bound=BaseModel)
Play = Callable[[ChatRequest, int], RoleReply]


class OfflineModel:
    """Answers each role's request from its typed variables; the rendered messages aren't read.

    The same request and seed always get the same reply, in any process and order.
    """

    name = "offline"
    calls_tools = False
    free = True

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
        play = _ROLES.get(request.role)
        if play is None:
            raise UserError(cannot_play(request.role, _ROLES))
        seed = request.seed if request.seed is not None else seed_for(request.variables)
        text = play(request, seed).model_dump_json()
        tokens_in = sum(len(message.content.split()) for message in request.messages)
        return ChatReply(text=text, tokens_in=tokens_in, tokens_out=len(text.split()), cost_usd=0.0)

    async def close(self) -> None:
        """Nothing is held open."""


def _typed(request: ChatRequest, kind: type[Input]) -> Input:
    try:
        return kind.model_validate(request.variables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(
            f"the {request.role} request's variables don't fit: {where}: {first['msg']}; "
            f"the offline model needs a {kind.__name__} in `variables`"
        ) from error


def _plan(request: ChatRequest, seed: int) -> RoleReply:
    return plan(_typed(request, PlannerInput), seed=seed)


def _question(request: ChatRequest, seed: int) -> RoleReply:
    return question(_typed(request, QuestionerInput), seed=seed)


def _answer(request: ChatRequest, seed: int) -> RoleReply:
    return answer(_typed(request, AnswererInput), seed=seed)


def _criticise(request: ChatRequest, seed: int) -> RoleReply:
    return criticise(_typed(request, ReviewInput))


def _check_refusal(request: ChatRequest, seed: int) -> RoleReply:
    return check_refusal(_typed(request, ReviewInput))


def _write(request: ChatRequest, seed: int) -> RoleReply:
    return write(_typed(request, WriterInput), seed=seed)


def _review_jointly(request: ChatRequest, seed: int) -> RoleReply:
    return review_jointly(_typed(request, JointInput))


_ROLES: dict[str, Play] = {
    "planner": _plan,
    "questioner": _question,
    "answerer": _answer,
    "critic": _criticise,
    "refusal_checker": _check_refusal,
    "joint_reviewer": _review_jointly,
    "writer": _write,
}
