"""An answer that a student wrote while it learns, with all that a reward may look at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from colloquia.finetune.data.questions import Question
from colloquia.finetune.measure.asking import spoken_part
from colloquia.finetune.measure.grading import AnswerVerdict, grade, solving_verdict


@dataclass(frozen=True, kw_only=True)
class SampledAnswer:
    """One answer to one question."""

    question: Question
    text: str
    """As it was written, a thought included."""
    tokens: int
    """Its length, with the token that ends it."""
    ended: bool
    """False where it was cut at `most_tokens`."""
    most_tokens: int
    """As long as it may become."""

    @cached_property
    def verdict(self) -> AnswerVerdict:
        """What the grader says of it, its thought aside."""
        return grade(spoken_part(self.text), self.question).verdict

    @property
    def is_right(self) -> bool:
        """Whether it is correct, or declines what has no answer."""
        return self.verdict == solving_verdict(self.question)


#: Returns what an answer earns; None where this reward has nothing to say of it.
Reward = Callable[[SampledAnswer], float | None]
