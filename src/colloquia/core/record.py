"""A dialogue with everything that belongs to it, and what can be read off its turn tree."""

import math
from functools import cached_property
from typing import Self

from pydantic import model_validator

from colloquia.core.text import brief
from colloquia.core.types import (
    Dialogue,
    Persona,
    Plan,
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
    declined: bool = False
    """Whether it was declined, by the refusal checker's label; by its own mark without one."""
    said: tuple[Turn, ...] = ()
    """All turns after the question in their order, the answer among them: what was done in an
    environment, and what it said."""


class DialogueRecord(Value):
    """One dialogue as stored; `tree` holds all turns, failed drafts too, as committed."""

    dialogue: Dialogue
    snippet: Snippet
    persona: Persona
    plan: Plan | None = None
    tree: tuple[Turn, ...] = ()
    reviews: tuple[Review, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Hold every turn to its id, and the turns to a tree under their dialogue."""
        if not _reads_as_named(self.snippet):
            raise ValueError(f"snippet {self.snippet.id} doesn't read as its id says")
        parents = {turn.id: turn.parent_id for turn in self.tree}
        if self.dialogue.tip_id is not None and self.dialogue.tip_id not in parents:
            raise ValueError(f"its last turn, {self.dialogue.tip_id}, isn't one of its turns")
        rooted = set[str]()
        for turn in self.tree:
            above, way = turn.id, set[str]()
            while above not in rooted and not self.dialogue.is_root(above):
                if above in way:
                    raise ValueError(f"turn {above} is its own ancestor")
                if above not in parents:
                    raise ValueError(f"{above}, which a turn follows, isn't one of its turns")
                way.add(above)
                above = parents[above]
            rooted |= way
            if not _reads_as_named(turn):
                raise ValueError(f"turn {turn.id} doesn't read as its id says")
        return self

    def __repr__(self) -> str:
        ended = self.dialogue.reason or ("" if self.score is None else f"{self.score:.2f}")
        return (
            f"<DialogueRecord {self.dialogue.id} {self.dialogue.outcome}{ended and f' {ended}'}: "
            f"{self.persona.name} on {brief(self.snippet.title or self.snippet.text, 40)}, "
            f"{len(self.exchanges)} exchanges, {len(self.tree)} turns with drafts>"
        )

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
        """The questions on the path, each with the last answer before the next one."""
        asked: list[tuple[Turn, list[Turn]]] = []
        for turn in self.turns:
            if turn.speaker == "questioner":
                asked.append((turn, []))
            elif asked:
                asked[-1][1].append(turn)
        planned = self.plan.exchanges if self.plan else ()
        exchanges: list[Exchange] = []
        for question, said in asked:
            answer = next((turn for turn in reversed(said) if turn.speaker == "answerer"), None)
            if answer is None:
                continue
            place = (question.exchange or len(exchanges) + 1) - 1
            plan = planned[place] if place < len(planned) else None
            exchanges.append(
                Exchange(
                    question=question,
                    answer=answer,
                    answerable=plan.answerable if plan else None,
                    kind=plan.kind if plan else None,
                    declined=self._declined(answer),
                    said=tuple(said),
                )
            )
        return tuple(exchanges)

    @cached_property
    def left_out(self) -> tuple[Turn, ...]:
        """The last question of each exchange that was dropped; `answers_to` has its drafts."""
        standing = {turn.exchange for turn in self.turns}
        last = {
            turn.exchange: turn
            for turn in self.tree
            if turn.speaker == "questioner" and turn.exchange not in standing
        }
        return tuple(turn for number, turn in last.items() if number is not None)

    def answers_to(self, question: Turn) -> tuple[Turn, ...]:
        """Every answer drafted to a question, as committed."""
        return tuple(turn for turn in self.tree if turn.parent_id == question.id)

    def asked_before(self, question: Turn) -> tuple[Turn, ...]:
        """The questions that had to be asked anew before this one was put."""
        return tuple(
            turn
            for turn in self.siblings(question)
            if turn.exchange == question.exchange and turn.attempt < question.attempt
        )

    def _declined(self, answer: Turn) -> bool:
        labels = {r.label for r in self.reviews_of(answer) if r.reviewer == "refusal_checker"}
        if labels & {"answered", "overreached"}:
            return False
        return answer.declined or bool(labels & {"declined", "overrefused"})

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

    def reviews_against(self, turn: Turn) -> tuple[Review, ...]:
        """The reviews that turned one turn down."""
        return tuple(review for review in self.reviews_of(turn) if review.verdict != "accept")


def _reads_as_named(value: Turn | Snippet) -> bool:
    """Whether an id is the hash of what is said; what no store can hold was replaced in it."""
    match value:
        case Snippet():
            named: Turn | Snippet = Snippet.of(value.text)
        case Turn():
            named = Turn.of(
                parent_id=value.parent_id,
                speaker=value.speaker,
                text=value.text,
                attempt=value.attempt,
            )
    return named.id == value.id or "\ufffd" in value.text
