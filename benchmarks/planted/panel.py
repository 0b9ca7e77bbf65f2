"""The reviewers of one recipe, asked about single exchanges as a run would ask them."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from benchmarks.planted.planting import Planted
from colloquia.agents.base import CallSite, TypedReply
from colloquia.agents.joint_reviewer import JointReviewer
from colloquia.agents.reviewer import Reviewer
from colloquia.core.errors import DialogueFailure
from colloquia.core.recipe import Limits, Recipe
from colloquia.core.roles import DraftedExchange, JointInput, QuestionReviewInput, ReviewInput
from colloquia.core.types import ModelCall, Verdict
from colloquia.models.ledger.ledger import Ledger
from colloquia.runs.prepare import prepare
from colloquia.runs.run_models import RunModels
from colloquia.simulator.graph import ANSWERER, CRITIC, REFUSAL_CHECKER, AnyAgent, Graph
from colloquia.simulator.verdicts import objections

Way = Literal["panel", "joint", "together"]
"""Critic and refusal checker in two calls, in one, or in one for the whole dialogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One exchange with what each reviewer thinks of it; None where no usable reply came.

    Whoever has nothing to say on its kind of question isn't there.
    """

    planted: Planted
    verdicts: dict[str, Verdict | None]
    against: frozenset[str]
    """The reviewers that turn it down."""


@dataclass(kw_only=True)
class Calls:
    """The calls made, which are kept here and nowhere else."""

    made: list[ModelCall] = field(default_factory=list)

    async def calls(self, dialogue_id: str) -> list[ModelCall]:
        """Nothing was asked before."""
        return []

    async def record(self, call: ModelCall) -> None:
        """Keep a call."""
        self.made.append(call)


@dataclass(kw_only=True)
class Panel:
    """The reviewers of one recipe, ready to be asked."""

    recipe: Recipe
    agents: dict[str, AnyAgent]
    models: RunModels
    together: bool = False
    calls: Calls = field(default_factory=Calls)

    @classmethod
    def of(
        cls, recipe: Recipe, templates: Sequence[str] = (), *, reviewers: Way | None = None
    ) -> Self:
        """Return the reviewers of the graph; of those that ask a model, only the templates named.

        A template that no agent of the graph has is asked as a reviewer of one's own would be.
        """
        recipe = _without_ceilings(recipe)
        if reviewers is None and templates:
            reviewers = "joint" if "joint_reviewer" in templates else "panel"
        if reviewers is not None:
            how = "panel" if reviewers == "panel" else "joint"
            agents = recipe.agents.model_copy(update={"reviewers": how})
            recipe = recipe.model_copy(update={"agents": agents})
        models, graph = RunModels.of(recipe), Graph.default()
        known = {agent.prompt for _, agent in prepare(recipe).graph.agents()}
        for template in templates:
            if template not in known:
                own: type[Reviewer] = type("Own", (Reviewer,), {"prompt": template})
                graph = graph.insert(own(), after=ANSWERER)
        chosen = {
            name: agent
            for name, agent in prepare(recipe, graph=graph, models=models).graph.agents()
            if agent.part in ("reviewer", "question_reviewer")
            and (not agent.asks_model or not templates or agent.prompt in templates)
        }
        return cls(recipe=recipe, agents=chosen, models=models, together=reviewers == "together")

    @property
    def free(self) -> frozenset[str]:
        """The names of the reviewers that ask no model."""
        return frozenset(name for name, agent in self.agents.items() if not agent.asks_model)

    @property
    def asked(self) -> dict[str, str]:
        """The models of those that ask one."""
        return {name: agent.model.name for name, agent in self.agents.items() if agent.model}

    async def judge(self, planted: Sequence[Planted]) -> list[Judged]:
        """Ask everybody about everything, as many at once as the recipe allows dialogues."""
        gate = asyncio.Semaphore(self.recipe.limits.at_once)

        async def judge_one(number: int, one: Planted) -> Judged:
            async with gate:
                return await self._judge(one, number=number)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(judge_one(*pair)) for pair in enumerate(planted)]
        finally:
            await self.models.aclose()
        return [task.result() for task in tasks]

    async def _judge(self, planted: Planted, *, number: int) -> Judged:
        ledger = Ledger(
            dialogue_id=f"planted.{number}", known=(), store=self.calls, limit=sys.maxsize
        )
        verdicts: dict[str, Verdict | None] = {}
        for name, agent in self.agents.items():
            if planted.settled.kind not in agent.skips:
                site = CallSite(ledger=ledger, place=name, seed=number)
                verdicts |= await self._verdicts_of(name, agent, planted, site=site)
        given = {name: verdict for name, verdict in verdicts.items() if verdict is not None}
        against = frozenset(
            name
            for name, verdict in given.items()
            if objections(((name, verdict),), self.recipe.accept)
        )
        return Judged(planted=planted, verdicts=verdicts, against=against)

    async def _verdicts_of(
        self, name: str, agent: AnyAgent, planted: Planted, *, site: CallSite
    ) -> dict[str, Verdict | None]:
        """Return what one agent thinks; the joint reviewer speaks for two."""
        joint = isinstance(agent, JointReviewer)
        try:
            if isinstance(agent, JointReviewer):
                return dict(
                    await joint_verdicts(agent, planted, site=site, all_at_once=self.together)
                )
            return {name: await verdict_of(agent, planted, site=site)}
        except DialogueFailure:
            return dict.fromkeys((CRITIC, REFUSAL_CHECKER) if joint else (name,))


async def verdict_of(reviewer: Any, planted: Planted, *, site: CallSite) -> Verdict:
    """Ask one reviewer about one exchange, or about its question."""
    case = planted.case
    given: ReviewInput | QuestionReviewInput = case
    if reviewer.part == "question_reviewer":
        given = QuestionReviewInput(
            snippet=case.snippet,
            question=case.question,
            kind=planted.settled.kind,
            transcript=case.transcript,
            foundation=None if case.transcript else case.answer,
            asked=tuple(line.text for line in case.transcript if line.speaker == "questioner"),
        )
    asked: TypedReply[Verdict] = await reviewer.review(given, site=site)
    return asked.reply


async def joint_verdicts(
    agent: JointReviewer, planted: Planted, *, site: CallSite, all_at_once: bool
) -> tuple[tuple[str, Verdict], ...]:
    """Ask for both verdicts in one call, on the exchange or on its whole dialogue."""
    case, at = planted.case, 0
    brief = JointInput(
        snippet=case.snippet, transcript=case.transcript, exchanges=(_drafted(case),)
    )
    if all_at_once:
        at = len(case.transcript) // 2
        others = planted.settled.others
        dialogue = (*others[:at], case, *others[at:])
        brief = JointInput(snippet=case.snippet, exchanges=tuple(_drafted(one) for one in dialogue))
    asked = await agent.ask(brief, site=site)
    return agent.verdicts(asked.reply.reviews[at])


def _drafted(case: ReviewInput) -> DraftedExchange:
    return DraftedExchange(
        question=case.question, answer=case.answer, quotes=case.quotes, declined=case.declined
    )


def _without_ceilings(recipe: Recipe) -> Recipe:
    """Return a recipe without limits but how much is asked at once: they are counted in a store."""
    limits = Limits(concurrency=recipe.limits.concurrency)
    return recipe.model_copy(update={"limits": limits})
