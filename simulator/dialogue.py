"""One dialogue, driven: the policy says what is next, this file asks the agents and commits.

Every call and every turn is committed before the next call is made. Taken up again after a crash,
a dialogue walks its old way from the ledger and goes on where the rows end.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from colloquia.agents.base import CallSite, TypedReply
from colloquia.agents.curriculum_planner import Shape, draw_shape
from colloquia.agents.evidence import spans_of
from colloquia.core.commit import Commit, Sink
from colloquia.core.errors import WorldError
from colloquia.core.hashing import seed_for
from colloquia.core.recipe import DialogueShape
from colloquia.core.roles import (
    AnswererInput,
    AnswererReply,
    Line,
    Passage,
    PlannerInput,
    Profile,
    QuestionerInput,
    ReviewInput,
)
from colloquia.core.types import Dialogue, Outcome, Plan, Review, Snippet, Turn, Verdict
from colloquia.models.faults.errors import ABOUT_THE_RUN
from colloquia.models.ledger.ledger import Ledger
from colloquia.simulator import policy
from colloquia.simulator.ahead import QuestionsAhead
from colloquia.simulator.graph import ANSWERER, ENTRY, FOUNDATION, QUESTIONER, Graph
from colloquia.simulator.policy import AskAgain, Draft, Rules, RunNodes, Settle, State, Stop

Result = TypeVar("Result")


class Interrupted(Exception):
    """Work is to stop here; everything so far is committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What one dialogue is about and who asks."""

    dialogue: Dialogue
    snippet: Snippet
    persona: Profile
    participant: str | None
    """The participant profile for the answerer; None leaves it out."""


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
        self._state = State(root_id=_root_of(case.dialogue))
        self._passage = Passage(title=case.snippet.title, text=case.snippet.text)
        self._ahead: QuestionsAhead | None = None
        self.wasted = 0
        """Calls made in vain, known when the dialogue has ended."""

    async def run(self) -> Dialogue:
        """Walk to the end; returns the finished dialogue, already committed.

        Raises:
            DialogueFailure: the dialogue can't go on.
            Interrupted: `stopping` was set.
            WorldError: a service is out of reach.
        """
        ended: Dialogue | Exception
        try:
            async with asyncio.TaskGroup() as group:
                self._ahead = QuestionsAhead(ledger=self._ledger, group=group)
                try:
                    ended = await self._walk_to_the_end()
                except ABOUT_THE_RUN:
                    raise
                except Exception as error:  # what is being asked ahead is finished and kept
                    ended = error
        except BaseExceptionGroup as errors:
            raise _weightiest(errors) from None
        if isinstance(ended, Exception):
            raise ended
        return ended

    async def _walk_to_the_end(self) -> Dialogue:
        reasons: tuple[str, ...] = ()
        while True:
            if self._stopping.is_set():
                raise Interrupted
            match policy.next_step(self._state, self._graph, self._rules):
                case RunNodes(nodes):
                    self._state = await self._run_nodes(nodes, self._state, reasons)
                case Settle(draft=draft):
                    settled = policy.settled(self._state, draft)
                    self._state = policy.back_to(settled, self._graph, "next")
                    reasons = ()
                case AskAgain(reasons):
                    self._state = policy.back_to(self._state, self._graph, "again")
                case Stop() as stop:
                    if stop.draft is not None:
                        self._state = policy.settled(self._state, stop.draft)
                    return await self.end(
                        stop.outcome, reason=stop.reason, stop_reason=stop.stop_reason
                    )

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
        return dialogue

    async def _run_nodes(
        self, nodes: tuple[str, ...], state: State, reasons: tuple[str, ...]
    ) -> State:
        if all(self._graph.agent(node).part == "reviewer" for node in nodes):
            self._ask_ahead(state)
            return await self._ask_reviewers(nodes, state)
        for node in nodes:
            match node:
                case "planner":
                    state = await self._make_plan(state)
                case "foundation":
                    state = await self._lay_foundation(state)
                case "questioner":
                    state = await self._ask_question(state)
                case _:
                    state = await self._write_draft(state, reasons)
        return state

    async def _make_plan(self, state: State) -> State:
        case = self._case
        shape = shape_of(case.dialogue, self._shape)
        brief = PlannerInput(
            snippet=self._passage,
            persona=case.persona,
            kind=self._shape.kind,
            exchanges=shape.exchanges,
            unanswerable_at=shape.unanswerable_at,
        )
        asked = await self._graph.agent(ENTRY).ask(brief, site=self._site(ENTRY))
        plan = Plan.of(
            snippet_id=case.snippet.id,
            persona_id=case.dialogue.persona_id,
            kind=self._shape.kind,
            difficulty=asked.reply.difficulty,
            exchanges=asked.reply.exchanges,
        )
        await self._sink.put(Commit(plan=plan))
        return policy.planned(state, plan, node=ENTRY)

    async def _lay_foundation(self, state: State) -> State:
        brief = AnswererInput(snippet=self._passage, profile=self._case.participant)
        asked = await self._graph.agent(FOUNDATION).ask(brief, site=self._site(FOUNDATION))
        return policy.founded(state, asked.reply, call_id=asked.call_id, node=FOUNDATION)

    async def _ask_question(self, state: State) -> State:
        brief, site = self._question_brief(state)
        asked = await self._ahead.answer(brief) if self._ahead else None
        if asked is None:
            asked = await self._graph.agent(QUESTIONER).ask(brief, site=site)
        turn = Turn.of(
            parent_id=state.parent_id,
            speaker="questioner",
            text=asked.reply.question,
            call_id=asked.call_id,
        )
        await self._sink.put(Commit(turns=(turn,)))
        return policy.asked(state, turn)

    def _ask_ahead(self, state: State) -> None:
        if not self._shape.speculate or self._ahead is None:
            return
        following = policy.ahead(state, self._graph, self._rules)
        if following is not None:
            brief, site = self._question_brief(following)
            self._ahead.ask(self._graph.agent(QUESTIONER), brief, site=site)

    def _question_brief(self, state: State) -> tuple[QuestionerInput, CallSite]:
        """Return what the questioner is told in this state, and where it is asked."""
        assert state.plan is not None
        planned = state.plan.exchanges[state.exchange - 1]
        opening = state.exchange == 1 and state.foundation is not None
        brief = QuestionerInput(
            snippet=self._passage,
            persona=self._case.persona,
            kind=planned.kind,
            aim=planned.aim,
            transcript=_lines_of(state),
            foundation=state.foundation.answer if opening and state.foundation else None,
        )
        return brief, self._site(f"{state.exchange}.{QUESTIONER}")

    async def _write_draft(self, state: State, reasons: tuple[str, ...]) -> State:
        assert state.question is not None
        asked = await self._draft_reply(state, reasons)
        reply = asked.reply
        turn = Turn.of(
            parent_id=state.question.id,
            speaker="answerer",
            text=reply.answer,
            spans=spans_of(reply.quotes, self._case.snippet.text),
            declined=reply.declined,
            call_id=asked.call_id,
            attempt=len(state.drafts),
        )
        await self._sink.put(Commit(turns=(turn,)))
        return policy.answered(state, Draft(turn=turn, reply=reply))

    async def _draft_reply(
        self, state: State, reasons: tuple[str, ...]
    ) -> TypedReply[AnswererReply]:
        """The foundation answers the opening question; everything else is asked for."""
        assert state.question is not None
        if state.exchange == 1 and not state.drafts and state.foundation is not None:
            return TypedReply(reply=state.foundation, call_id=state.foundation_call)
        brief = AnswererInput(
            snippet=self._passage,
            question=state.question.text,
            transcript=_lines_of(state),
            profile=self._case.participant,
            draft=state.drafts[-1].turn.text if reasons else None,
            reasons=reasons,
            sample=0 if reasons else len(state.drafts),
        )
        site = self._site(f"{state.exchange}.{ANSWERER}.{len(state.drafts)}")
        asked: TypedReply[AnswererReply] = await self._graph.agent(ANSWERER).ask(brief, site=site)
        return asked

    async def _ask_reviewers(self, nodes: tuple[str, ...], state: State) -> State:
        """Let reviewers speak side by side; their words are committed together."""
        assert state.question is not None
        draft = state.drafts[-1]
        case = ReviewInput(
            snippet=self._passage,
            question=state.question.text,
            transcript=_lines_of(state),
            answer=draft.turn.text,
            quotes=draft.reply.quotes,
            declined=draft.reply.declined,
        )
        replies = await side_by_side(
            self._ask_reviewer(node, case, f"{state.exchange}.{node}.{len(state.drafts) - 1}")
            for node in nodes
        )
        reviews = tuple(
            _as_review(node, asked, subject=draft.turn)
            for node, asked in zip(nodes, replies, strict=True)
        )
        await self._sink.put(Commit(reviews=reviews))
        verdicts = zip(nodes, (asked.reply for asked in replies), strict=True)
        return policy.reviewed(state, tuple(verdicts))

    async def _ask_reviewer(self, node: str, case: ReviewInput, place: str) -> TypedReply[Verdict]:
        reviewer: Any = self._graph.agent(node)
        asked: TypedReply[Verdict] = await reviewer.review(case, site=self._site(place))
        return asked

    def _site(self, place: str) -> CallSite:
        dialogue = self._case.dialogue
        if dialogue.attempt:  # a retry asks anew, or it would fail on the same replies again
            place = f"retry{dialogue.attempt}.{place}"
        return CallSite(ledger=self._ledger, place=place, seed=dialogue.seed)


def shape_of(dialogue: Dialogue, wanted: DialogueShape) -> Shape:
    """Return how many exchanges to plan, and which of them the snippet must not answer."""
    return draw_shape(
        exchanges=wanted.exchanges,
        unanswerable_share=wanted.unanswerable_share,
        seed=seed_for(dialogue.seed, "shape"),
    )


async def side_by_side(work: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run coroutines at once and return their results in order; an error is raised bare."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(piece) for piece in work]
    except BaseExceptionGroup as errors:
        raise _weightiest(errors) from None
    return [task.result() for task in tasks]


def _weightiest(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error, but an outage before any: it is about more than one dialogue."""
    flat = list(_flattened(errors))
    return next((error for error in flat if isinstance(error, WorldError)), flat[0])


def _flattened(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _flattened(inner)


def _root_of(dialogue: Dialogue) -> str:
    return f"{dialogue.id}.{dialogue.attempt}" if dialogue.attempt else dialogue.id


def _lines_of(state: State) -> tuple[Line, ...]:
    return tuple(Line(speaker=turn.speaker, text=turn.text) for turn in state.path)


def _as_review(node: str, asked: TypedReply[Verdict], *, subject: Turn) -> Review:
    verdict = asked.reply
    return Review.of(
        subject_id=subject.id,
        reviewer=node,
        verdict=verdict.decision,
        scores=verdict.scores,
        label=verdict.label,
        rationale=verdict.rationale,
        call_id=asked.call_id,
    )
