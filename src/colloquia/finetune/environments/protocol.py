"""What a student can act in: anything in Python that answers an action with an observation.

An environment tells what really is so, which is what makes its words worth learning (ECHO, arXiv
2605.24517). What a harness says on its own account ("say one command") is a warning: it is no fact
about the world, a model knows it by heart in a few dozen steps, and so it is told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

ObservationKind = Literal["observation", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an environment says, and where the episode stands after it."""

    text: str
    """Empty where it has nothing to say; a student that is to go on hears `(nothing)` then."""
    kind: ObservationKind = "observation"
    reward: float = 0.0
    """For the action before it; an episode's reward is the sum."""
    done: bool = False


class Environment(Protocol):
    """One episode's world at a time; what several episodes share belongs into its factory."""

    def reset(self, task: str) -> Observation:
        """Begin a task anew and return what is to be done.

        Raises:
            UserError: there is no such task.
        """
        ...

    def step(self, action: str) -> Observation:
        """Take the student's whole reply, whatever it is, and return what comes of it."""
        ...


class TaskSet(Protocol):
    """An environment's tasks and the environments to try them in."""

    @property
    def name(self) -> str:
        """What transcripts call it."""
        ...

    def tasks(self, split: str) -> Sequence[str]:
        """Return the names of a split's tasks, `train` or `test`; no task is in both."""
        ...

    def make(self) -> Environment:
        """Return an environment for one episode."""
        ...
