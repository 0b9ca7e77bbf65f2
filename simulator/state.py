"""A dialogue on its way: what has been said so far, and how each event changes it. Pure values."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from colloquia.agents.base import TypedReply
from colloquia.core.roles import AnswererReply, DraftedExchange, JointReply, WriterReply
from colloquia.core.types import Plan, PlannedExchange, Turn
from colloquia.simulator.graph import ANSWERER, QUESTIONER, Graph
from colloquia.simulator.verdicts import Verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One answer to the question on the table, and what its reviewers think of it."""

    turn: Turn
    reply: AnswererReply
    verdicts: Verdicts = ()

    @property
    def score(self) -> float:
        """Mean of all its scores; 0 where nothing scored it."""
        scores = [s for _, verdict in self.verdicts for s in verdict.scores.values()]
        return math.fsum(scores) / len(scores) if scores else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A dialogue on its way."""

    root_id: str
    """What the first turn hangs on: the dialogue, or a later attempt at it."""
    plan: Plan | None = None
    foundation: TypedReply[AnswererReply] | None = None
    """It answers the opening question."""
    written: TypedReply[WriterReply] | None = None
    """All exchanges as drafted in one go, where they are."""
    reviewed: TypedReply[JointReply] | None = None
    """What a joint reviewer thinks of what was written, once it was asked."""
    reviewed_from: int = 1
    """The exchange that its first review is about."""
    path: tuple[Turn, ...] = ()
    """Settled turns, question and answer by turns."""
    question: Turn | None = None
    """The question on the table."""
    question_verdicts: Verdicts = ()
    """What its reviewers think of it."""
    tries: int = 0
    """How often it was asked anew."""
    asked: tuple[Turn, ...] = ()
    """Every question drafted so far, those that were turned down too."""
    put: tuple[str, ...] = ()
    """The questions that somebody answered, whether or not an answer stood."""
    drafts: tuple[Draft, ...] = ()
    """Its answers so far, the newest last."""
    dropped: tuple[str, ...] = ()
    """For each exchange that was left out, whose objection could not be met."""
    done: frozenset[str] = frozenset()
    """Nodes that need not run again in this exchange."""

    @property
    def parent_id(self) -> str:
        """What the next settled turn hangs on."""
        return self.path[-1].id if self.path else self.root_id

    @property
    def exchange(self) -> int:
        """The number of the exchange under way, from 1, as planned."""
        return len(self.path) // 2 + len(self.dropped) + 1

    @property
    def aim(self) -> PlannedExchange:
        """What is planned for the exchange under way."""
        assert self.plan is not None
        return self.plan.exchanges[self.exchange - 1]

    @property
    def is_last(self) -> bool:
        """Whether nothing is planned after the exchange under way."""
        assert self.plan is not None
        return self.exchange >= len(self.plan.exchanges)

    @property
    def asked_here(self) -> int:
        """How many questions were put after the same turn: it tells equal ones apart."""
        return sum(turn.parent_id == self.parent_id for turn in self.asked)

    @property
    def as_written(self) -> DraftedExchange | None:
        """The exchange under way as it was drafted with the others, if they were."""
        return self.written.reply.exchanges[self.exchange - 1] if self.written else None

    @property
    def written_to_come(self) -> tuple[DraftedExchange, ...]:
        """The exchanges after this one, as they were drafted."""
        return self.written.reply.exchanges[self.exchange :] if self.written else ()

    @property
    def at_hand(self) -> TypedReply[AnswererReply] | None:
        """The first answer to the question on the table, where nobody has to be asked for it.

        The foundation answers the opening, and what was written with the others its own question.
        """
        if self.exchange == 1 and self.foundation is not None:
            return self.foundation
        if self.written is None or self.as_written is None or self.question is None:
            return None
        if self.question.text != self.as_written.question:
            return None
        reply = AnswererReply(**self.as_written.model_dump(exclude={"question"}))
        return TypedReply(reply=reply, call_id=self.written.call_id)

    @property
    def stands_as_written(self) -> bool:
        """Whether question and newest answer are those that were written with the others."""
        if self.as_written is None or self.question is None or self.at_hand is None:
            return False
        same_question = self.question.text == self.as_written.question
        return same_question and self.drafts[-1].reply == self.at_hand.reply

    @property
    def tip_id(self) -> str | None:
        """The end of the dialogue as it would be read now."""
        if self.drafts:
            return self.drafts[-1].turn.id
        return self.path[-1].id if self.path else None


def planned(state: State, plan: Plan, *, node: str) -> State:
    """The plan is made."""
    return replace(state, plan=plan, done=state.done | {node})


def founded(state: State, reply: TypedReply[AnswererReply], *, node: str) -> State:
    """The foundation is laid."""
    return replace(state, foundation=reply, done=state.done | {node})


def written(state: State, reply: TypedReply[WriterReply], *, node: str) -> State:
    """All exchanges are drafted."""
    return replace(state, written=reply, done=state.done | {node})


def asked(state: State, turn: Turn) -> State:
    """A question is on the table."""
    return replace(
        state,
        question=turn,
        question_verdicts=(),
        asked=(*state.asked, turn),
        done=state.done | {QUESTIONER},
    )


def question_reviewed(state: State, verdicts: Verdicts, nodes: Iterable[str]) -> State:
    """These reviewers have spoken on the question."""
    given = (*state.question_verdicts, *verdicts)
    return replace(state, question_verdicts=given, done=state.done.union(nodes))


def reviewed_whole(state: State, reply: TypedReply[JointReply]) -> State:
    """A joint reviewer has spoken on all that was written, from the exchange under way on."""
    return replace(state, reviewed=reply, reviewed_from=state.exchange)


def answered(state: State, draft: Draft) -> State:
    """There is one more draft."""
    assert state.question is not None
    put = state.put if state.drafts else (*state.put, state.question.text)
    return replace(state, put=put, drafts=(*state.drafts, draft), done=state.done | {ANSWERER})


def reviewed(state: State, verdicts: Verdicts, nodes: Iterable[str]) -> State:
    """These nodes have spoken on the newest draft."""
    draft = state.drafts[-1]
    draft = replace(draft, verdicts=(*draft.verdicts, *verdicts))
    return replace(state, drafts=(*state.drafts[:-1], draft), done=state.done.union(nodes))


def back_to(state: State, graph: Graph, choice: Literal["again", "anew", "next"]) -> State:
    """Undo what must run again after a choice."""
    target = ANSWERER if choice == "again" else QUESTIONER
    tries = {"again": state.tries, "anew": state.tries + 1, "next": 0}[choice]
    return replace(state, done=state.done - graph.after(target), tries=tries)


def settled(state: State, draft: Draft) -> State:
    """The exchange is over: question and answer join the path."""
    assert state.question is not None
    path = (*state.path, state.question, draft.turn)
    return replace(state, path=path, question=None, question_verdicts=(), drafts=())


def dropped(state: State, *, by: str) -> State:
    """The exchange is left out."""
    given_up = (*state.dropped, by)
    return replace(state, dropped=given_up, question=None, question_verdicts=(), drafts=())
