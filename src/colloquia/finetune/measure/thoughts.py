"""How a student thinks: whether it does, for how long, and whether it comes to an end.

Only the answer is graded. A thought without an end has no answer after it, and is graded as none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colloquia.core.types import Value
from colloquia.finetune.measure.intervals import Share, bootstrap_mean, wilson
from colloquia.models.wire.thoughts import THOUGHT_ENDS, thought_apart

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """What was thought before one answer."""

    text: str
    tokens: int
    """By the student's own tokenizer, without the marks around it."""
    ended: bool


class ThoughtLengths(Value):
    """The thoughts of many answers."""

    answers: int
    thought: Share
    """Of the answers: the share that a thought came before, ended or not."""
    unended: Share
    """Of the thoughts: the share without an end."""
    tokens: Share
    """Mean length of a thought, and its interval, in tokens; one without an end counts as far as
    it got."""


def thought_in(text: str, student: "TextGenerator") -> Thought | None:
    """Return the thought that a student's text begins with, if any."""
    parted = thought_apart(text)
    ended = any(mark in text for mark in THOUGHT_ENDS)
    if parted is None or (ended and not parted.thought):  # some templates open and close one
        return None
    tokens = student.tokenizer.encode(parted.thought, add_special_tokens=False)
    return Thought(text=parted.thought, tokens=len(tokens), ended=ended)


def thought_lengths(thoughts: Sequence[Thought | None]) -> ThoughtLengths:
    """Sum up, given what was thought before each answer."""
    found = [thought for thought in thoughts if thought is not None]
    return ThoughtLengths(
        answers=len(thoughts),
        thought=wilson(len(found), len(thoughts)),
        unended=wilson(sum(not one.ended for one in found), len(found)),
        tokens=bootstrap_mean([float(one.tokens) for one in found]),
    )
