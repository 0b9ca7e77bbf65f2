"""The curriculum planner: what to ask of a snippet, how hard, and in what order."""

import random
from dataclasses import dataclass

from colloquia.agents.base import Agent
from colloquia.core.roles import Line, Passage, PlannerInput, PlannerReply, Profile
from colloquia.core.types import UNANSWERABLE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How many exchanges, and which of them (1-based) the snippet must not answer."""

    exchanges: int
    unanswerable_at: tuple[int, ...]


def draw_shape(*, exchanges: tuple[int, int], unanswerable_share: float, seed: int) -> Shape:
    """Draw a dialogue's shape from its seed.

    The expected share of unanswerable questions is exact whatever the length: the whole part of
    `share * n` is always given and the rest by chance. The first exchange is never one of them,
    since the foundation answers it; nor is the last, where there is room before it, so that a
    conversation doesn't end on what nobody knows.
    """
    chance = random.Random(seed)
    count = chance.randint(*exchanges)
    expected = unanswerable_share * count
    unanswerable = int(expected) + (chance.random() < expected % 1)
    before_last = range(2, count)
    open_places = before_last if len(before_last) >= unanswerable else range(2, count + 1)
    places = chance.sample(open_places, min(unanswerable, len(open_places)))
    return Shape(exchanges=count, unanswerable_at=tuple(sorted(places)))


class CurriculumPlanner(Agent[PlannerInput, PlannerReply]):
    """Plans the questions for one snippet."""

    part = "planner"
    prompt = "planner"
    brief_type = PlannerInput
    reply_type = PlannerReply
    shown_as = "{exchanges}"

    def check(self, reply: PlannerReply, brief: PlannerInput) -> PlannerReply:
        """Hold the plan to what was asked; a snippet too thin for more may get fewer questions."""
        kinds = [exchange.kind for exchange in reply.exchanges]
        if kinds[0] != "overview" or "overview" in kinds[1:]:
            raise ValueError("the first exchange, and only that, must be of kind 'overview'")
        if len(kinds) > brief.exchanges:
            raise ValueError(
                f"{len(kinds)} exchanges planned where {brief.exchanges} were asked for"
            )
        places = brief.unanswerable_at if reply.moved_to is None else reply.moved_to
        if len(places) > len(brief.unanswerable_at):
            raise ValueError(f"{len(places)} unanswerable questions are more than were asked for")
        for number, kind in enumerate(kinds, start=1):
            unanswerable = number in places
            if (kind in UNANSWERABLE_KINDS) != unanswerable:
                wanted = "unanswerable" if unanswerable else "answerable"
                raise ValueError(f"exchange {number} must be {wanted}, but its kind is {kind!r}")
        aims = [exchange.aim.casefold().strip() for exchange in reply.exchanges]
        if len(set(aims)) < len(aims):
            raise ValueError("two exchanges have the same aim")
        return reply

    def read_chat(self, snippet: Passage, lines: tuple[Line, ...]) -> PlannerInput:
        """Plan three questions for a plain reader."""
        persona = Profile(name="reader")
        return PlannerInput(snippet=snippet, persona=persona, kind="tutoring", exchanges=3)
