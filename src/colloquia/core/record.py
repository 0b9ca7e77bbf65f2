"""A dialogue with everything that belongs to it, and what can be read off its turn tree."""

import math
from functools import cached_property

from colloquia.core.types import (
    Dialogue,
    PairSource,
    Persona,
    Plan,
    PreferencePair,
    Review,
    Snippet,
    Turn,
    Value,
)


class Exchange(Value):
    """One question and the answer that stood in the end."""

    question: Turn
    answer: Turn
    answerable: bool | None
    """What the plan meant it to be; None without a plan."""
    kind: str | None


class DialogueRecord(Value):
    """One dialogue as stored; `tree` holds all turns, failed drafts too, as committed."""

    dialogue: Dialogue
    snippet: Snippet
    persona: Persona
    plan: Plan | None = None
    tree: tuple[Turn, ...] = ()
    reviews: tuple[Review, ...] = ()

    @cached_property
    def _by_id(self) -> dict[str, Turn]:
        return {turn.id: turn for turn in self.tree}

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The turns from the first to the tip: the dialogue as a reader sees it."""
        path: list[Turn] = []
        turn = self._by_id.get(self.dialogue.tip_id or "")
        while turn is not None:
            path.append(turn)
            turn = self._by_id.get(turn.parent_id)
        return tuple(reversed(path))

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The questions and answers on the path; an environment's turns stand apart."""
        spoken = [turn for turn in self.turns if turn.speaker != "environment"]
        planned = self.plan.exchanges if self.plan else ()
        exchanges: list[Exchange] = []
        for question, answer in zip(spoken[::2], spoken[1::2], strict=False):
            plan = planned[len(exchanges)] if len(exchanges) < len(planned) else None
            exchanges.append(
                Exchange(
                    question=question,
                    answer=answer,
                    answerable=plan.answerable if plan else None,
                    kind=plan.kind if plan else None,
                )
            )
        return tuple(exchanges)

    def siblings(self, turn: Turn) -> tuple[Turn, ...]:
        """The other turns by the same speaker after the same turn, in the order of commits."""
        return tuple(
            other
            for other in self.tree
            if other.parent_id == turn.parent_id
            and other.speaker == turn.speaker
            and other.id != turn.id
        )

    def reviews_of(self, turn: Turn) -> tuple[Review, ...]:
        """The reviews of one turn."""
        return tuple(review for review in self.reviews if review.subject_id == turn.id)

    def turn_score(self, turn: Turn) -> float | None:
        """Mean of all rubric scores on one turn (0..1); None where nothing scored it."""
        scores = [s for review in self.reviews_of(turn) for s in review.scores.values()]
        return math.fsum(scores) / len(scores) if scores else None

    @cached_property
    def score(self) -> float | None:
        """Mean score of the answers on the path (0..1); None where nothing scored them."""
        scores = [s for e in self.exchanges if (s := self.turn_score(e.answer)) is not None]
        return math.fsum(scores) / len(scores) if scores else None

    def pairs(self) -> tuple[PreferencePair, ...]:
        """Every answer that stands, against each sibling that did worse.

        A sibling did worse if a reviewer turned it down, or if its scores are lower. An answer that
        was itself turned down, or has the lower score, is preferred to nothing.
        """
        pairs: list[PreferencePair] = []
        for position, turn in enumerate(self.turns):
            if turn.speaker != "answerer" or self._reviews_against(turn):
                continue
            chosen = self.turn_score(turn)
            for sibling in self.siblings(turn):
                rejected, against = self.turn_score(sibling), self._reviews_against(sibling)
                margin = chosen - rejected if chosen is not None and rejected is not None else 0.0
                if margin < 0 or (margin == 0 and not against):
                    continue
                pairs.append(
                    PreferencePair(
                        prefix=self.turns[:position],
                        chosen=turn,
                        rejected=sibling,
                        source=_pair_source(against),
                        score_chosen=chosen,
                        score_rejected=rejected,
                        reason="; ".join(f"{r.reviewer}: {r.rationale}" for r in against),
                    )
                )
        return tuple(pairs)

    def _reviews_against(self, turn: Turn) -> list[Review]:
        return [review for review in self.reviews_of(turn) if review.verdict != "accept"]


def _pair_source(against: list[Review]) -> PairSource:
    reviewers = {review.reviewer for review in against}
    if any(reviewer.startswith("human:") for reviewer in reviewers):
        return "human"
    if "refusal_checker" in reviewers:
        return "refusal"
    return "revision" if reviewers else "judge"
