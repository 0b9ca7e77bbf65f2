"""What an agent would be told: a dialogue played by the offline teacher, with its requests kept.

A prompt can only be judged with real values in it: a plan that was drawn, a transcript that grew, a
draft that a critic has seen. So the dialogue is played for real, in memory, and nothing is stored.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from colloquia.core.commit import Commit
from colloquia.core.errors import UserError
from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
from colloquia.core.recipe import OFFLINE, PACKAGED_ROLES, Recipe
from colloquia.core.types import ModelCall, Snippet
from colloquia.language.reading.pipeline import ENGLISH
from colloquia.offline.model import OfflineModel
from colloquia.runs.event_loop import finish
from colloquia.runs.prepare import prepare
from colloquia.runs.run_models import RunModels

UNBOUND = 10_000  # calls: a trial shows what is asked, however little a run may ask


@dataclass(slots=True)
class RecordingTeacher:
    """The offline teacher, with a memory of what it was asked; the first of each place counts."""

    teacher: ChatModel = field(default_factory=OfflineModel)
    requests: list[ChatRequest] = field(default_factory=list)
    name: str = OFFLINE

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Remember the request and answer it."""
        self.requests.append(request)
        return await self.teacher.complete(request)

    async def close(self) -> None:
        """Nothing is held open."""


class _Nowhere:
    """A sink that keeps nothing, and a call store that only lists."""

    def __init__(self) -> None:
        self.recorded: list[ModelCall] = []

    async def put(self, commit: Commit) -> None:
        return None

    async def written(self) -> None:
        return None

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        return []

    async def record(self, call: ModelCall) -> None:
        self.recorded.append(call)


class Trial:
    """Where dialogues of one recipe are tried out, all roles played by the offline teacher."""

    def __init__(self, recipe: Recipe, *, speculate: bool = False) -> None:
        """Make ready; the recipe's own models are neither asked nor made.

        Args:
            recipe: its models give way to the offline teacher, which takes any text for English.
            speculate: whether questions are asked ahead, of which some are dropped.
        """
        self._recorder = RecordingTeacher()
        name = self._recorder.name
        unbound = recipe.limits.model_copy(update={"calls_per_dialogue": UNBOUND})
        calm = recipe.dialogue.model_copy(update={"speculate": speculate})
        # Of the recipe's own models, before they give way: they decide how reviews are asked for.
        reviewers = "joint" if recipe.reviews_jointly else "panel"
        parts = {"limits": unbound, "dialogue": calm, "language": ENGLISH}
        played = recipe.override(model=name)
        agents = played.agents.model_copy(update={"reviewers": reviewers})
        played = played.model_copy(update=parts | {"agents": agents})
        self._setup = prepare(played, models=RunModels(given={name: self._recorder}))
        self.calls: list[ModelCall] = []
        """All calls of the dialogue played last, mended answers and all."""

    def play(self, snippet: Snippet) -> tuple[ChatRequest, ...]:
        """Return what agents are asked in a snippet's dialogue in which no answer needs mending."""
        self._recorder.requests.clear()
        nowhere = _Nowhere()
        walk = self._setup.walk(
            self._setup.dialogue_for(snippet, run_id="trial"),
            snippet,
            calls=nowhere,
            sink=nowhere,
            stopping=asyncio.Event(),
        )
        finish(walk.run())
        self.calls = nowhere.recorded
        return tuple(asked for asked in self._recorder.requests if not _is_repeat(asked))


def role_input(
    recipe: Recipe, snippet: Snippet, *, role: str, exchange: int | None = None
) -> dict[str, Any]:
    """Return the variables that a role's template is rendered with.

    Args:
        recipe: all roles are played by the offline teacher, whatever it says.
        snippet: what the dialogue is about.
        role: one of the five, or a reviewer of the user's own.
        exchange: from 1; the planner is asked before the first. The first it is asked in if None.

    Raises:
        UserError: the dialogue has no such exchange.
    """
    if role == "judge":
        raise UserError(
            "the judge is asked about a student's answers, by colloquia judge, and never in a "
            "dialogue; name another template"
        )
    told = [
        request.variables
        for request in Trial(_with_role(recipe, role)).play(snippet)
        if request.role == (role if role in PACKAGED_ROLES else "critic")
    ]
    by_exchange: dict[int, dict[str, Any]] = {
        _exchange_of(role, variables): variables for variables in reversed(told)
    }
    if not by_exchange:
        raise UserError(
            f"the {role} is not asked on this snippet: nothing can be asked of so little; give a "
            "longer one"
        )
    if exchange is None:
        return by_exchange[min(by_exchange)]
    if exchange not in by_exchange:
        known = ", ".join(str(number) for number in sorted(by_exchange))
        raise UserError(f"the {role} is not asked in exchange {exchange} here; it is in {known}")
    return by_exchange[exchange]


def _with_role(recipe: Recipe, role: str) -> Recipe:
    """Return the recipe with that way of drafting and reviewing in which the role is asked."""
    draft = "whole" if role == "writer" else "turns"
    reviewers = "joint" if role == "joint_reviewer" else "panel"
    answerer = recipe.agents.answerer
    if role in ("answerer", "reasoner"):
        style = "reasoning" if role == "reasoner" else "plain"
        answerer = answerer.model_copy(update={"style": style})
    agents = {"reviewers": reviewers, "answerer": answerer}
    update = {
        "dialogue": recipe.dialogue.model_copy(update={"draft": draft}),
        "agents": recipe.agents.model_copy(update=agents),
    }
    return recipe.model_copy(update=update)


def _is_repeat(request: ChatRequest) -> bool:
    """Whether this asks again for what was drafted before, or for the foundation of it all."""
    return bool(request.variables.get("reasons")) or request.variables.get("sample", 0) > 0


def _exchange_of(role: str, variables: dict[str, Any]) -> int:
    if role in ("planner", "writer"):
        return 1  # asked before there is any question
    if role in ("answerer", "reasoner") and variables.get("question") is None:
        return 1  # asked before there is any question; the answer to the first comes of it
    return len(variables["transcript"]) // 2 + 1
