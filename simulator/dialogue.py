"""One dialogue, driven: the policy says what is next, this file asks the agents and commits.

Every call and every turn is on disk before the next call is made. Taken up again after a crash,
a dialogue walks its old way from the ledger and goes on where the rows end.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from colloquia.agents.base import CallSite, TypedReply
from colloquia.agents.curriculum_planner import Shape, draw_shape
from colloquia.agents.evidence import spans_of
from colloquia.agents.joint_reviewer import JointReviewer
from colloquia.authoring.prompts.rendered import RenderedBefore
from colloquia.core.commit import Commit, Sink
from colloquia.core.hashing import seed_for
from colloquia.core.recipe import DialogueShape
from colloquia.core.roles import AnswererReply
from colloquia.core.types import (
    UNWRITABLE,
    Dialogue,
    Outcome,
    Plan,
    Review,
    Turn,
    Value,
    Verdict,
)
from colloquia.models.faults.errors import ABOUT_THE_RUN
from colloquia.models.ledger.ledger import Ledger
from colloquia.simulator import briefs, policy
from colloquia.simulator.ahead import QuestionsAhead
from colloquia.simulator.briefs import Case
from colloquia.simulator.graph import (
    ANSWERER,
    FOUNDATION,
    JOINT,
    PLANNER,
    QUESTIONER,
    WRITER,
    Graph,
)
from colloquia.simulator.opening import lay_foundation
from colloquia.simulator.policy import AskAgain, AskAnew, Drop, Rules, RunNodes, Settle, Stop
from colloquia.simulator.side_by_side import bare_task_group, side_by_side
from colloquia.simulator.state import (
    Draft,
    State,
    answered,
    asked,
    back_to,
    dropped,
    founded,
    planned,
    question_reviewed,
    reviewed,
    reviewed_whole,
    settled,
    written,
)
from colloquia.simulator.verdicts import Opinion, Verdicts


class Interrupted(Exception):
    """Work is to stop here; everything so far is committed."""


class Walk:
    """One dialogue's walk through the graph."""

    def __init__(
        self,
        case: Case,
        *,
        graph: Graph,
        rules: Rules,
        shape: DialogueShape,
        ledger: Ledger,
        sink: Sink,
        stopping: asyncio.Event,
    ) -> None:
        """Make ready; `stopping` ends the walk before its next call."""
        self._case = case
        self._graph = graph
        self._rules = rules
        self._shape = shape
        self._ledger = ledger
        self._sink = sink
        self._stopping = stopping
        self._state = State(root_id=case.dialogue.root_id)
        self._ahead: QuestionsAhead | None = None
        self._rendered = RenderedBefore()
        self.wasted = 0
        """Calls made in vain, known when the dialogue has ended."""

    async def run(self) -> Dialogue:
        """Walk to the end; returns the finished dialogue, already committed.

        Raises:
            DialogueFailure: the dialogue can't go on.
            Interrupted: `stopping` was set.
            WorldError: a service is out of reach.
        """
        if (reason := self._case.unwritable) is not None:
            why = f"a snippet {UNWRITABLE[reason]}"
            return await self.end("rejected", reason=reason, stop_reason=why)
        ended: Dialogue | Exception
        async with bare_task_group() as group:
            self._ahead = QuestionsAhead(ledger=self._ledger, group=group)
            try:
                ended = await self._walk_to_the_end()
            except ABOUT_THE_RUN:
                raise
            except Exception as error:  # what is being asked ahead is finished and kept
                ended = error
        if isinstance(ended, Exception):
            raise ended
        return ended

    async def _walk_to_the_end(self) -> Dialogue:
        reasons: tuple[str, ...] = ()  # what the one who speaks next is told about its last words
        while True:
            if self._stopping.is_set():
                raise Interrupted
            told, reasons = reasons, ()
            match policy.next_step(self._state, self._graph, self._rules):
                case RunNodes(nodes):
                    self._state = await self._run_nodes(nodes, self._state, told)
                case Settle(draft=draft):
                    following = settled(self._state, draft)
                    self._state = back_to(following, self._graph, "next")
                case Drop(by=by):
                    following = dropped(self._state, by=by)
                    self._state = back_to(following, self._graph, "next")
                case AskAgain(reasons):
                    self._state = back_to(self._state, self._graph, "again")
                case AskAnew(reasons):
                    self._state = back_to(self._state, self._graph, "anew")
                case Stop() as stop:
                    return await self._stop(stop)

    async def _stop(self, stop: Stop) -> Dialogue:
        if stop.draft is not None:
            self._state = settled(self._state, stop.draft)
        elif stop.outcome == "accepted":  # whatever else was tried is no part of it
            self._state = replace(self._state, question=None, drafts=())
        return await self.end(stop.outcome, reason=stop.reason, stop_reason=stop.stop_reason)

    async def end(self, outcome: Outcome, *, reason: str | None, stop_reason: str) -> Dialogue:
        """End the dialogue where it is; commit and return it."""
        state = self._state
        dialogue = self._case.dialogue.model_copy(
            update={
                "plan_id": state.plan.id if state.plan else None,
                "tip_id": state.tip_id,
                "outcome": outcome,
                "reason": reason,
                "stop_reason": stop_reason,
            }
        )
        wasted = await self._ahead.wasted() if self._ahead else frozenset()
        self.wasted = len(wasted)
        await self._sink.put(Commit(dialogue=dialogue, wasted=wasted))
        await self._sink.written()
        return dialogue

    async def _run_nodes(
        self, nodes: tuple[str, ...], state: State, reasons: tuple[str, ...]
    ) -> State:
        parts = {self._graph.agent(node).part for node in nodes}
        if parts == {"question_reviewer"}:
            return await self._ask_question_reviewers(nodes, state)
        if parts == {"reviewer"}:
            if any(map(self._graph.asks_model, nodes)):
                self._ask_ahead(state)
            return await self._ask_reviewers(nodes, state)
        for node in nodes:
            match node:
                case "foundation":
                    state = await self._lay_foundation(state)
                case "planner":
                    state = await self._make_plan(state)
                case "writer":
                    state = await self._write_all(state)
                case "questioner":
                    state = await self._ask_question(state, reasons)
                case _:
                    state = await self._write_draft(state, reasons)
        return state

    async def _lay_foundation(self, state: State) -> State:
        said = await lay_foundation(
            self._case, graph=self._graph, rules=self._rules, site=self._next_site
        )
        return founded(state, said, node=FOUNDATION)

    async def _make_plan(self, state: State) -> State:
        case = self._case
        shape = shape_of(case.dialogue, self._shape)
        brief = briefs.for_planner(case, state, kind=self._shape.kind, shape=shape)
        asked = await self._graph.agent(PLANNER).ask(brief, site=self._site(PLANNER))
        plan = Plan.of(
            snippet_id=case.snippet.id,
            persona_id=case.dialogue.persona_id,
            kind=self._shape.kind,
            difficulty=asked.reply.difficulty,
            exchanges=asked.reply.exchanges,
        )
        await self._sink.put(Commit(plan=plan))
        return planned(state, plan, node=PLANNER)

    async def _write_all(self, state: State) -> State:
        brief = briefs.for_writer(self._case, state)
        asked = await self._graph.agent(WRITER).ask(brief, site=self._site(WRITER))
        return written(state, asked, node=WRITER)

    async def _ask_question(self, state: State, reasons: tuple[str, ...]) -> State:
        question, call_id = await self._question(state, reasons)
        turn = Turn.of(
            parent_id=state.parent_id,
            speaker="questioner",
            text=question,
            call_id=call_id,
            attempt=state.asked_here,
            exchange=state.exchange,
        )
        await self._sink.put(Commit(turns=(turn,)))
        return asked(state, turn)

    async def _question(self, state: State, reasons: tuple[str, ...]) -> tuple[str, str | None]:
        """Take the question that was written with the others, or have one asked."""
        if state.written is not None and state.as_written is not None and not reasons:
            return state.as_written.question, state.written.call_id
        brief = briefs.for_questioner(self._case, state, reasons=reasons)
        reply = await self._ahead.answer(brief) if self._ahead else None
        if reply is None:
            site = self._question_site(state)
            reply = await self._graph.agent(QUESTIONER).ask(brief, site=site)
        return reply.reply.question, reply.call_id

    def _ask_ahead(self, state: State) -> None:
        if not self._shape.speculate or self._ahead is None or state.written is not None:
            return
        following = policy.ahead(state, self._graph, self._rules)
        if following is not None:
            brief = briefs.for_questioner(self._case, following)
            site = self._question_site(following)
            self._ahead.ask(self._graph.agent(QUESTIONER), brief, site=site)

    async def _ask_question_reviewers(self, nodes: tuple[str, ...], state: State) -> State:
        assert state.question is not None
        case = briefs.for_question_reviewers(self._case, state)
        sites = {node: self._question_site(state, node) for node in nodes}
        opinions = await self._opinions(case, sites)
        verdicts = await self._keep(opinions, subject=state.question)
        return question_reviewed(state, verdicts, nodes)

    async def _write_draft(self, state: State, reasons: tuple[str, ...]) -> State:
        assert state.question is not None
        reply = await self._draft(state, reasons)
        turn = Turn.of(
            parent_id=state.question.id,
            speaker="answerer",
            text=reply.reply.answer,
            spans=spans_of(reply.reply.quotes, self._case.snippet.text),
            thought=reply.thought,
            declined=reply.reply.declined,
            call_id=reply.call_id,
            attempt=len(state.drafts),
            exchange=state.exchange,
        )
        await self._sink.put(Commit(turns=(turn,)))
        return answered(state, Draft(turn=turn, reply=reply.reply))

    async def _draft(self, state: State, reasons: tuple[str, ...]) -> TypedReply[AnswererReply]:
        if not state.drafts and state.at_hand is not None:
            return state.at_hand
        brief = briefs.for_answerer(self._case, state, reasons=reasons)
        site = self._answer_site(state, ANSWERER, len(state.drafts))
        reply: TypedReply[AnswererReply] = await self._graph.agent(ANSWERER).ask(brief, site=site)
        return reply

    async def _ask_reviewers(self, nodes: tuple[str, ...], state: State) -> State:
        """Let reviewers speak side by side on the newest draft."""
        case = briefs.for_reviewers(self._case, state)
        attempt = len(state.drafts) - 1
        single = (node for node in nodes if node != JOINT)
        sites = {node: self._answer_site(state, node, attempt) for node in single}
        opinions = await self._opinions(case, sites)
        if JOINT in nodes:
            state, joint = await self._joint_opinions(state, attempt)
            opinions += joint
        verdicts = await self._keep(opinions, subject=state.drafts[-1].turn)
        return reviewed(state, verdicts, nodes)

    async def _opinions(self, case: Value, sites: Mapping[str, CallSite]) -> list[Opinion]:
        if len(sites) == 1 or not any(
            map(self._graph.asks_model, sites)
        ):  # those wait for no model
            return [await self._opinion(node, case, site) for node, site in sites.items()]
        return await side_by_side(self._opinion(node, case, site) for node, site in sites.items())

    async def _opinion(self, node: str, case: Value, site: CallSite) -> Opinion:
        reviewer: Any = self._graph.agent(node)
        asked: TypedReply[Verdict] = await reviewer.review(case, site=site)
        return Opinion(by=node, verdict=asked.reply, call_id=asked.call_id)

    async def _joint_opinions(self, state: State, attempt: int) -> tuple[State, list[Opinion]]:
        """Ask the joint reviewer: once for all that was written, else for the newest draft."""
        agent = self._graph.agent(JOINT)
        assert isinstance(agent, JointReviewer)
        if state.stands_as_written:
            if state.reviewed is None:
                to_come = state.written_to_come
                brief = briefs.for_joint_reviewer(self._case, state, to_come=to_come)
                everything = await agent.ask(brief, site=self._site(f"{WRITER}.{JOINT}"))
                state = reviewed_whole(state, everything)
            assert state.reviewed is not None
            given, which = state.reviewed, state.exchange - state.reviewed_from
        else:
            brief, which = briefs.for_joint_reviewer(self._case, state), 0
            given = await agent.ask(brief, site=self._answer_site(state, JOINT, attempt))
        verdicts = agent.verdicts(given.reply.reviews[which])
        return state, [Opinion(by=by, verdict=v, call_id=given.call_id) for by, v in verdicts]

    async def _keep(self, opinions: list[Opinion], *, subject: Turn) -> Verdicts:
        """Commit what reviewers said, all together."""
        reviews = tuple(
            Review.of(
                subject_id=subject.id,
                reviewer=opinion.by,
                verdict=opinion.verdict.decision,
                scores=opinion.verdict.scores,
                label=opinion.verdict.label,
                rationale=opinion.verdict.rationale,
                call_id=opinion.call_id,
            )
            for opinion in opinions
        )
        await self._sink.put(Commit(reviews=reviews))
        return tuple((opinion.by, opinion.verdict) for opinion in opinions)

    def _question_site(self, state: State, node: str = QUESTIONER) -> CallSite:
        place = f"{state.exchange}.{node}"
        return self._site(f"{place}.{state.tries}" if state.tries else place)

    def _answer_site(self, state: State, node: str, attempt: int) -> CallSite:
        return self._site(f"{state.exchange}.{node}.{attempt}")

    def _next_site(self, place: str) -> CallSite:
        if self._stopping.is_set():
            raise Interrupted
        return self._site(place)

    def _site(self, place: str) -> CallSite:
        dialogue = self._case.dialogue
        if dialogue.attempt:  # a retry asks anew, or it would fail on the same replies again
            place = f"retry{dialogue.attempt}.{place}"
        return CallSite(
            ledger=self._ledger, place=place, seed=dialogue.seed, rendered=self._rendered
        )


def shape_of(dialogue: Dialogue, wanted: DialogueShape) -> Shape:
    """Return how many exchanges to plan, and which of them the snippet must not answer."""
    return draw_shape(
        exchanges=wanted.exchanges,
        unanswerable_share=wanted.unanswerable_share,
        seed=seed_for(dialogue.seed, "shape"),
    )
