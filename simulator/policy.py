"""What happens next, decided purely: state in, next nodes out. No I/O, no clock, no chance.

The driver runs the nodes that `next_step` names and hands their results to the small functions of
`state`, which return the next one. Limits count exchanges.
"""

from dataclasses import dataclass, replace
from typing import Literal

from colloquia.core.recipe import Accept
from colloquia.core.types import Outcome
from colloquia.simulator.graph import ANSWERER, GATE, QUESTIONER, Graph
from colloquia.simulator.state import Draft, State, back_to, settled
from colloquia.simulator.verdicts import objections


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the recipe asks of a dialogue."""

    revisions: int
    samples: int
    accept: Accept
    fewest: int = 1
    """Exchanges that must stand, where so many were planned."""
    stuck: Literal["skip", "cut", "reject"] = "skip"


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


@dataclass(frozen=True, slots=True)
class AskAnew:
    """The questioner speaks again, told these reasons."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The exchange is left out of the dialogue, and the next one follows."""

    by: str
    """Whose objection could not be met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The dialogue is over."""

    outcome: Outcome
    reason: str | None = None
    stop_reason: str
    draft: Draft | None = None
    """The answer that stands last, where it was accepted."""


Step = RunNodes | Settle | AskAgain | AskAnew | Drop | Stop


def next_step(state: State, graph: Graph, rules: Rules) -> Step:
    """Return what to do now.

    What asks no model goes first; a question or a draft that was turned down is decided on at once,
    whoever else would have had an opinion.
    """
    if _opens_on_nothing(state):
        return _give_up(state, rules, by=state.dropped[-1], why="nothing to open with")
    if QUESTIONER in state.done and objections(state.question_verdicts, rules.accept):
        return decide_question(state, rules)
    if ANSWERER in state.done and objections(state.drafts[-1].verdicts, rules.accept):
        return decide(state, rules)
    unheard = graph.unheard(state.aim.kind) if state.plan is not None else frozenset()
    ready = graph.ready(state.done | unheard)
    if GATE in ready:
        return decide(state, rules)
    free = tuple(name for name in ready if not graph.asks_model(name))
    return RunNodes(free or ready)


def ahead(state: State, graph: Graph, rules: Rules) -> State | None:
    """Return the state that follows if the newest draft stands and another question is due.

    None where that can't be told before the reviews: of several samples the best will stand.
    """
    assert state.drafts
    if rules.samples > 1 or state.is_last:
        return None
    following = back_to(settled(state, state.drafts[-1]), graph, "next")
    return following if graph.ready(following.done) == (QUESTIONER,) else None


def decide_question(state: State, rules: Rules) -> Step:
    """Judge a question that was turned down: ask anew, or give it up."""
    against = objections(state.question_verdicts, rules.accept)
    if state.tries < rules.revisions and not any(objection.final for objection in against):
        return AskAnew(tuple(objection.says for objection in against))
    return _give_up(state, rules, by=against[0].by, why="no better question was found")


def decide(state: State, rules: Rules) -> Step:
    """Judge the drafts on the table: settle one, ask for another, or give the exchange up."""
    assert state.question is not None and state.drafts
    if len(state.drafts) < rules.samples:
        return AskAgain()
    good = [draft for draft in state.drafts if not objections(draft.verdicts, rules.accept)]
    if good:
        best = max(good, key=lambda draft: draft.score)  # the earliest of equals
        return _finish(state, rules, draft=best) if state.is_last else Settle(draft=best)
    last = state.drafts[-1]
    against = objections(last.verdicts, rules.accept)
    final = next((objection for objection in against if objection.final), None)
    if final is not None:
        return _give_up(state, rules, by=final.by, why="rejected by a reviewer")
    revisions = len(state.drafts) - rules.samples
    unchanged = revisions > 0 and any(draft.reply == last.reply for draft in state.drafts[:-1])
    if unchanged or revisions >= rules.revisions:
        return _give_up(state, rules, by=against[0].by, why="no revision helped")
    return AskAgain(reasons=tuple(objection.says for objection in against))


def _opens_on_nothing(state: State) -> bool:
    """Whether the opening was left out, and what follows it is what nobody knows."""
    return bool(state.dropped) and not state.path and not state.aim.answerable


def _give_up(state: State, rules: Rules, *, by: str, why: str) -> Step:
    """Return what becomes of an exchange that can't be mended."""
    if rules.stuck == "reject":
        return Stop(outcome="rejected", reason=by, stop_reason=why)
    without = replace(state, dropped=(*state.dropped, by))
    if rules.stuck == "cut" or state.is_last or not _can_suffice(without, rules):
        return _finish(without, rules)
    return Drop(by=by)


def _can_suffice(state: State, rules: Rules) -> bool:
    """Whether enough exchanges would stand if all that are still planned did."""
    assert state.plan is not None
    return len(state.plan.exchanges) - len(state.dropped) >= _needed(state, rules)


def _needed(state: State, rules: Rules) -> int:
    """Return how many exchanges must stand; a thin snippet may have afforded fewer."""
    assert state.plan is not None
    return max(1, min(rules.fewest, len(state.plan.exchanges)))


def _finish(state: State, rules: Rules, *, draft: Draft | None = None) -> Stop:
    """End the dialogue; it is accepted if enough exchanges stand."""
    assert state.plan is not None
    standing = len(state.path) // 2 + (draft is not None)
    if standing < _needed(state, rules):
        few = "too few exchanges stood"
        return Stop(outcome="rejected", reason=state.dropped[-1], stop_reason=few, draft=draft)
    left_out = len(state.plan.exchanges) - standing
    reason = f"{left_out} of {standing + left_out} exchanges left out"
    return Stop(
        outcome="accepted", stop_reason=reason if left_out else "plan fulfilled", draft=draft
    )
