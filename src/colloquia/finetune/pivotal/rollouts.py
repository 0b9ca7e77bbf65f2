"""Continuations of what a student has begun to say, each right or wrong, and never made twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field

from colloquia.core.errors import UserError
from colloquia.core.hashing import seed_for
from colloquia.core.text import brief
from colloquia.core.types import Value
from colloquia.finetune.pivotal.journal import RolloutJournal
from colloquia.finetune.pivotal.tasks import Task
from colloquia.finetune.users_code import telling
from colloquia.models.faults.errors import CallFailed

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

Ids = tuple[int, ...]


class RolloutSettings(Value):
    """How a student goes on."""

    temperature: float = Field(default=1.0, gt=0)
    max_tokens: int = Field(default=96, ge=1)
    """Of a whole response."""
    seed: int = Field(default=0, ge=0)


class BudgetSpent(Exception):
    """No more rollouts may be made."""


class Stopped(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """One continuation."""

    ids: Ids
    """Its tokens, the one that ended it included; of a continuation that isn't a whole response,
    the first alone."""
    tokens: int
    right: bool


@dataclass(kw_only=True)
class Rollouts:
    """All rollouts of a search, by task and beginning."""

    student: "TextGenerator"
    settings: RolloutSettings
    most_rollouts: int | None = None
    most_tokens: int | None = None
    journal: RolloutJournal | None = None
    stopped: Callable[[], bool] = lambda: False
    watch: Callable[["Rollouts"], None] = lambda _: None
    made: int = 0
    """Rollouts so far, those of earlier processes included."""
    tokens: int = 0
    """Tokens written for them."""
    known: dict[tuple[str, Ids], list[Continuation]] = field(default_factory=dict)
    """Task and beginning -> continuations."""
    _earlier: dict[tuple[str, Ids], list[Continuation]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take what earlier processes have made."""
        for line in self.journal.known if self.journal else ():
            rollouts = [Continuation(tuple(ids), n, right) for ids, n, right in line["rollouts"]]
            self._earlier.setdefault((line["task"], tuple(line["prefix"])), []).extend(rollouts)

    def after(self, task: Task, prefix: Ids, number: int) -> Sequence[Continuation]:
        """Return at least so many continuations of a beginning.

        Raises:
            BudgetSpent: too few more may be made.
            Stopped: somebody asked to stop.
            CallFailed: it can't be asked.
            UserError: the oracle fails.
        """
        known = self.known.setdefault((task.id, prefix), [])
        missing = number - len(known)
        if missing <= 0:
            return known
        if self.most_rollouts is not None and self.made + missing > self.most_rollouts:
            raise BudgetSpent
        if self.most_tokens is not None and self.tokens >= self.most_tokens:
            raise BudgetSpent
        earlier = self._earlier.get((task.id, prefix), [])[len(known) : number]
        # What was made is what would be made now: a rollout's seed is its place.
        fresh = self._make(task, prefix, range(len(known) + len(earlier), number))
        known += earlier + fresh
        self.made += missing
        self.tokens += sum(one.tokens for one in [*earlier, *fresh])
        self.watch(self)
        return known

    def rate(self, task: Task, prefix: Ids, number: int) -> float:
        """Return the share of right continuations of a beginning, of at least so many, 0..1."""
        rollouts = self.after(task, prefix, number)
        return sum(one.right for one in rollouts) / len(rollouts)

    def _make(self, task: Task, prefix: Ids, numbers: range) -> list[Continuation]:
        from colloquia.models.local.text_generator import Chat, Sampling

        if not numbers:
            return []
        prompt = (*self.student.prompts.ids(task.messages), *prefix)
        chats = [
            Chat(
                messages=(),
                ids=prompt,
                sampling=Sampling(
                    temperature=self.settings.temperature,
                    top_p=1.0,
                    top_k=0,
                    max_tokens=self.settings.max_tokens - len(prefix),
                    seed=seed_for(self.settings.seed, task.id, list(prefix), number),
                ),
            )
            for number in numbers
        ]
        answers = self.student.answer(chats, stopped=self.stopped)
        if self.stopped():
            raise Stopped
        judged: dict[Ids, bool] = {}  # many say the same
        made = [self._rollout(task, prefix, answer, judged) for answer in answers]
        if self.journal:
            rows = [[list(one.ids), one.tokens, one.right] for one in made]
            self.journal.add({"task": task.id, "prefix": list(prefix), "rollouts": rows})
        return made

    def _rollout(
        self, task: Task, prefix: Ids, answer: Any, judged: dict[Ids, bool]
    ) -> Continuation:
        if isinstance(answer, CallFailed):
            raise answer
        if answer.ids not in judged:
            judged[answer.ids] = succeeds(task, self.student.text_of((*prefix, *answer.ids)))
        ids = (*answer.ids, *(() if answer.end is None else (answer.end,)))
        return Continuation(ids if not prefix else ids[:1], len(ids), judged[answer.ids])


def succeeds(task: Task, text: str) -> bool:
    """Ask a task's oracle.

    Raises:
        UserError: it fails, or says something else than yes or no.
    """
    what = f"{task.oracle}, asked about {brief(text)},"
    with telling(what):
        said = task.succeeds(text)
        is_verdict = said in (True, False)  # numpy's are others by type
    if not is_verdict:
        raise UserError(f"{what} said {brief(str(said))}; it says True or False")
    return bool(said)
