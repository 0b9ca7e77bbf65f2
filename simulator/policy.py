"""What happens next, decided purely: state in, next nodes out. No I/O, no clock, no chance.

The driver runs the nodes that `next_step` names and hands their results to the small functions
below, which return the next state. Limits count exchanges.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from colloquia.core.recipe import Accept
from colloquia.core.roles import AnswererReply
from colloquia.core.types import Outcome, Plan, Turn, Verdict
from colloquia.simulator.graph import ANSWERER, GATE, QUESTIONER, Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the recipe asks of a dialogue."""

    revisions: int
    samples: int
    accept: Accept


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One answer to the question on the table, and what its reviewers think of it."""

    turn: Turn
    reply: AnswererReply
    verdicts: tuple[tuple[str, Verdict], ...] = ()

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
    foundation: AnswererReply | None = None
    foundation_call: str | None = None
    """The call that laid it."""
    path: tuple[Turn, ...] = ()
    """Settled turns, question and answer by turns."""
    question: Turn | None = None
    """The question on the table."""
    drafts: tuple[Draft, ...] = ()
    """Its answers so far, the newest last."""
    done: frozenset[str] = frozenset()
    """Nodes that need not run again in this exchange."""

    @property
    def parent_id(self) -> str:
        """What the next settled turn hangs on."""
        return self.path[-1].id if self.path else self.root_id

    @property
    def exchange(self) -> int:
        """The number of the exchange under way, from 1."""
        return len(self.path) // 2 + 1

    @property
    def tip_id(self) -> str | None:
        """The end of the dialogue as it would be read now."""
        if self.drafts:
            return self.drafts[-1].turn.id
        return self.path[-1].id if self.path else None


@dataclass(frozen=True, slots=True)
class RunNodes:
    """Run these nodes side by side."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """This draft stands; the next question follows."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The answerer speaks again: another sample, or a revision with these reasons."""

    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The dialogue is over."""

    outcome: Outcome
    reason: str | None = None
    stop_reason: str
    draft: Draft | None = None
    """The answer that stands last, where it was accepted."""


Step = RunNodes | Settle | AskAgain | Stop


def next_step(state: State, graph: Graph, rules: Rules) -> Step:
    """Return what to do now."""
    if _question_repeats(state):
        return Stop(outcome="rejected", reason="repeated_question", stop_reason="repeated question")
    ready = graph.ready(state.done)
    return decide(state, rules) if GATE in ready else RunNodes(ready)


def ahead(state: State, graph: Graph, rules: Rules) -> State | None:
    """Return the state that follows if the newest draft stands and another question is due.

    None where that can't be told before the reviews: of several samples the best will stand.
    """
    assert state.plan is not None and state.drafts
    if rules.samples > 1 or state.exchange >= len(state.plan.exchanges):
        return None
    following = back_to(settled(state, state.drafts[-1]), graph, "next")
    return following if graph.ready(following.done) == (QUESTIONER,) else None


def decide(state: State, rules: Rules) -> Step:
    """Judge the drafts on the table: settle one, ask for another, or stop."""
    assert state.plan is not None and state.question is not None and state.drafts
    if len(state.drafts) < rules.samples:
        return AskAgain()
    good = [draft for draft in state.drafts if not objections(draft, rules.accept)]
    if good:
        best = max(good, key=lambda draft: draft.score)  # the earliest of equals
        if state.exchange < len(state.plan.exchanges):
            return Settle(draft=best)
        return Stop(outcome="accepted", stop_reason="plan fulfilled", draft=best)
    last = state.drafts[-1]
    against = objections(last, rules.accept)
    final = next((objection for objection in against if objection.final), None)
    if final is not None:
        return Stop(outcome="rejected", reason=final.by, stop_reason="rejected by a reviewer")
    revisions = len(state.drafts) - rules.samples
    stuck = revisions > 0 and any(draft.reply == last.reply for draft in state.drafts[:-1])
    if stuck or revisions >= rules.revisions:
        return Stop(outcome="rejected", reason=against[0].by, stop_reason="no revision helped")
    return AskAgain(reasons=tuple(objection.says for objection in against))


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why an answer can't stand, and who says so."""

    by: str
    says: str
    final: bool = False
    """Whether the reviewer thinks that no revision can help."""


def objections(draft: Draft, accept: Accept) -> tuple[Objection, ...]:
    """Return everything that keeps a draft from standing; nothing means it may stand."""
    against: list[Objection] = []
    for name, verdict in draft.verdicts:
        if name == "refusal_checker" and not accept.refusal_correct:
            continue
        if verdict.decision != "accept":
            says = verdict.rationale or f"{name}: {verdict.decision}"
            against.append(Objection(by=name, says=says, final=verdict.decision == "reject"))
        for score, least in (("grounded", accept.grounded), ("helpful", accept.helpful)):
            given = verdict.scores.get(score)
            if given is not None and given < least and verdict.decision == "accept":
                says = f"{score} is {given:.2f}; {least:.2f} is needed"
                against.append(Objection(by=name, says=says))
    return tuple(against)


def planned(state: State, plan: Plan, *, node: str) -> State:
    """The plan is made."""
    return replace(state, plan=plan, done=state.done | {node})


def founded(state: State, reply: AnswererReply, *, call_id: str | None, node: str) -> State:
    """The foundation is laid; it will answer the opening question."""
    return replace(state, foundation=reply, foundation_call=call_id, done=state.done | {node})


def asked(state: State, question: Turn) -> State:
    """The question is on the table."""
    return replace(state, question=question, done=state.done | {QUESTIONER})


def answered(state: State, draft: Draft) -> State:
    """There is one more draft."""
    return replace(state, drafts=(*state.drafts, draft), done=state.done | {ANSWERER})


def reviewed(state: State, verdicts: tuple[tuple[str, Verdict], ...]) -> State:
    """These reviewers have spoken on the newest draft."""
    draft = state.drafts[-1]
    draft = replace(draft, verdicts=(*draft.verdicts, *verdicts))
    names = {name for name, _ in verdicts}
    return replace(state, drafts=(*state.drafts[:-1], draft), done=state.done | names)


def back_to(state: State, graph: Graph, choice: Literal["again", "next"]) -> State:
    """Undo what must run again after the gate's choice."""
    target = {"again": ANSWERER, "next": QUESTIONER}[choice]
    return replace(state, done=state.done - graph.after(target))


def settled(state: State, draft: Draft) -> State:
    """The exchange is over: question and answer join the path."""
    assert state.question is not None
    path = (*state.path, state.question, draft.turn)
    return replace(state, path=path, question=None, drafts=())


def _question_repeats(state: State) -> bool:
    if state.question is None or state.drafts:
        return False
    earlier = {turn.text.casefold().strip() for turn in state.path[::2]}
    return state.question.text.casefold().strip() in earlier
