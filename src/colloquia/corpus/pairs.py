"""Preference pairs: an answer that stands, and a sibling in the turn tree that did worse."""

from collections.abc import Iterable
from typing import Literal

from colloquia.core.record import DialogueRecord
from colloquia.core.types import Review, Turn, Value

PairSource = Literal["revision", "judge", "refusal", "human", "pivotal_token"]


class PreferencePair(Value):
    """Two siblings, one better: the shared prefix ends at their parent."""

    prefix: tuple[Turn, ...]
    chosen: Turn
    rejected: Turn
    source: PairSource
    score_chosen: float | None = None
    score_rejected: float | None = None
    reason: str = ""

    @property
    def margin(self) -> float | None:
        """How much better, in mean reviewer score; None where either has none."""
        if self.score_chosen is None or self.score_rejected is None:
            return None
        return self.score_chosen - self.score_rejected


def preference_pairs(record: DialogueRecord) -> tuple[PreferencePair, ...]:
    """Return every answer that stands, with each sibling that did worse.

    A sibling did worse if a reviewer turned it down, or if its scores are lower. An answer that
    was itself turned down, or has the lower score, is preferred to nothing.
    """
    pairs: list[PreferencePair] = []
    for position, turn in enumerate(record.turns):
        if turn.speaker != "answerer" or record.reviews_against(turn):
            continue
        chosen = record.turn_score(turn)
        for sibling in record.siblings(turn):
            rejected, against = record.turn_score(sibling), record.reviews_against(sibling)
            margin = chosen - rejected if chosen is not None and rejected is not None else 0.0
            if margin < 0 or (margin == 0 and not against):
                continue
            pairs.append(
                PreferencePair(
                    prefix=record.turns[:position],
                    chosen=turn,
                    rejected=sibling,
                    source=_pair_source(against),
                    score_chosen=chosen,
                    score_rejected=rejected,
                    reason="; ".join(f"{r.reviewer}: {r.rationale}" for r in against),
                )
            )
    return tuple(pairs)


def _pair_source(against: Iterable[Review]) -> PairSource:
    reviewers = {review.reviewer for review in against}
    if any(reviewer.startswith("human:") for reviewer in reviewers):
        return "human"
    if "refusal_checker" in reviewers:
        return "refusal"
    return "revision" if reviewers else "judge"
