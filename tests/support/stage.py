"""A snippet, a script that plays all roles on it, and a walk that keeps its rows in memory."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from colloquia.core.commit import Commit
from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
from colloquia.core.recipe import ROLES, Recipe, Snippets
from colloquia.core.types import Dialogue, ModelCall, Plan, Review, Snippet, Turn
from colloquia.models.catalogue import Catalogue
from colloquia.runs.prepare import prepare
from colloquia.runs.run_models import RunModels
from colloquia.simulator.dialogue import Walk
from colloquia.simulator.graph import Graph

SNIPPET = Snippet.of(
    "The Harrow lighthouse was built in 1851 on a chalk cliff. Its lamp could be seen for 18 miles."
    " The keeper and his family lived in two rooms below the lamp until 1923.",
    title="Harrow lighthouse",
)
QUOTE = "The Harrow lighthouse was built in 1851 on a chalk cliff."
Act = Callable[[dict[str, Any]], dict[str, Any]]


class Actor:
    """A model whose roles are functions of the variables; it remembers what it was told."""

    name = "actor"

    def __init__(self, **acts: Act) -> None:
        self.requests: list[ChatRequest] = []
        self._acts = DEFAULT_ACTS | acts

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        return ChatReply(text=json.dumps(self._acts[request.role](request.variables)))

    async def close(self) -> None:
        return None

    def heard(self, role: str) -> list[dict[str, Any]]:
        """The variables of every request to one role."""
        return [request.variables for request in self.requests if request.role == role]


def plan(told: dict[str, Any]) -> dict[str, Any]:
    kinds = ["overview"] + ["when"] * (told["exchanges"] - 1)
    for place in told["unanswerable_at"]:
        kinds[place - 1] = "near_miss"
    exchanges = [{"kind": kind, "aim": f"aim {n}"} for n, kind in enumerate(kinds)]
    return {"difficulty": 0.4, "exchanges": exchanges}


DEFAULT_ACTS: dict[str, Act] = {
    "planner": plan,
    "questioner": lambda told: {"question": f"What about {told['aim']}?"},
    "answerer": lambda told: {"answer": "It was built in 1851.", "quotes": [QUOTE]},
    "critic": lambda told: {"grounded": 1, "helpful": 1, "clear": 1},
    "writer": lambda told: {
        "exchanges": [
            {
                "question": f"What about {planned['aim']}?",
                "answer": "It was built in 1851.",
                "quotes": [QUOTE],
            }
            for planned in told["exchanges"]
        ]
    },
    "joint_reviewer": lambda told: {
        "reviews": [
            {
                "snippet_answers": True,
                "label": "answered",
                "grounded": 1,
                "helpful": 1,
                "clear": 1,
            }
        ]
        * len(told["exchanges"])
    },
    "refusal_checker": lambda told: {
        "snippet_answers": True,
        "label": "answered",
    },
}


def actors(name: str = "actor", **more: Any) -> dict[str, Any]:
    """The part of a recipe in which one model plays every role, each by itself."""
    return {role: {"model": name} for role in ROLES} | {"reviewers": "panel"} | more


class Kept:
    """A sink and call store that keeps rows in memory, in the order they were committed."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.turns: list[Turn] = []
        self.reviews: list[Review] = []
        self.dialogues: list[Dialogue] = []
        self.made: list[ModelCall] = []
        self.wasted: set[str] = set()
        self.log: list[str] = []

    async def put(self, commit: Commit) -> None:
        await asyncio.sleep(0)
        self.plans += [commit.plan] if commit.plan else []
        self.turns += commit.turns
        self.reviews += commit.reviews
        self.dialogues += [commit.dialogue] if commit.dialogue else []
        self.wasted |= set(commit.wasted)
        self.log += [f"turn {turn.speaker}" for turn in commit.turns]

    async def written(self) -> None:
        await asyncio.sleep(0)

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        return list(self.made)

    async def record(self, call: ModelCall) -> None:
        await asyncio.sleep(0)
        self.made.append(call)
        self.log.append(f"call {call.role}")


def walk_of(
    model: ChatModel,
    kept: Kept,
    *,
    graph: Graph | None = None,
    known: Sequence[ModelCall] = (),
    attempt: int = 0,
    catalogue: Catalogue | None = None,
    **recipe: Any,
) -> Walk:
    """A walk through one dialogue on the lighthouse, all roles played by one model.

    `catalogue` makes what a guest asks for; whoever gives it closes it.
    """
    made = Recipe.model_validate(
        {
            "snippets": Snippets(path="none.txt"),
            "agents": actors(model.name),
            "dialogue": {"exchanges": 3, "unanswerable_share": 0},
            **recipe,
        }
    )
    models = RunModels(given={model.name: model}, catalogue=catalogue or Catalogue())
    setup = prepare(made, graph=graph, models=models)
    return setup.walk(
        setup.dialogue_for(SNIPPET, run_id="run").model_copy(update={"attempt": attempt}),
        SNIPPET,
        calls=kept,
        known=known,
        sink=kept,
        stopping=asyncio.Event(),
    )
