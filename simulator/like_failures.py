"""Whether dialogues fail of their snippets or of a bug that would fail every one of them.

A reviewer, a guest or a template of the user's may raise anything, and nobody can tell from one
error which it is. So a dialogue that one ends is held back, neither failed nor done, until another
dialogue comes through all agents: then each of those held back fell over its own snippet. Where
several failed alike (the same exception from the same line) and none came through, no dialogue is
begun any more and those under way decide, since a failure ends sooner than a good dialogue.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from traceback import walk_tb

from colloquia.core.errors import AgentError, PromptError
from colloquia.core.types import Dialogue
from colloquia.models.faults.redactor import redact
from colloquia.simulator.dialogue import Walk

ALIKE_AT_FIRST = 3  # nothing has worked yet: each further one would pay as far as the bug
ALIKE_LATER = 10  # the agents did work: of a thousand snippets, three in a row may be odd


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A dialogue that an agent's or a template's error ended."""

    walk: Walk
    dialogue: Dialogue
    error: Exception

    @property
    def kind(self) -> tuple[type[Exception], str, int]:
        """The exception's class, and the file and line that raised it."""
        where = [
            (frame.f_code.co_filename, line) for frame, line in walk_tb(self.error.__traceback__)
        ]
        return (type(self.error), *where[-1])

    @property
    def says(self) -> str:
        """The error in words that may be stored."""
        return redact(f"{type(self.error).__name__}: {self.error}")


@dataclass(slots=True)
class LikeFailures:
    """The dialogues that are held back, in the order in which they failed."""

    _held: list[HeldBack] = field(default_factory=list)

    def add(self, failure: HeldBack) -> None:
        """Hold one back."""
        self._held.append(failure)

    @property
    def alike(self) -> list[HeldBack]:
        """The most of them that failed alike."""
        by_kind = defaultdict[object, list[HeldBack]](list)
        for failure in self._held:
            by_kind[failure.kind].append(failure)
        return max(by_kind.values(), key=len, default=[])

    def take(self) -> list[HeldBack]:
        """Return all of them, to be recorded; none is held back any more."""
        taken, self._held = self._held, []
        return taken

    def as_error(self) -> AgentError:
        """Return what ends the run, with the last one's exception as its cause."""
        alike = self.alike
        last, again = alike[-1], "run again"
        if not isinstance(last.error, PromptError):  # another template makes another run
            again += ": they are still pending, and what was paid is not asked anew"
        error = AgentError(
            f"{len(alike)} dialogues failed alike and none came through: {last.says}; mend it and "
            f"{again}"
        )
        error.__cause__ = last.error
        return error
