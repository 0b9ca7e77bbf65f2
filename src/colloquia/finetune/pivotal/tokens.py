"""Pivotal tokens of a student's own responses, and the pairs of tokens that teach them.

Prefixes are token ids throughout: read as text and taken apart again they may be other tokens, and
the chances would be those of another beginning.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic import Field

from colloquia.core.types import Value
from colloquia.finetune.pivotal.rollouts import Continuation, Ids, Rollouts, succeeds
from colloquia.finetune.pivotal.search import Pivot, SearchSettings, find_pivots
from colloquia.finetune.pivotal.tasks import Task

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

#: Of so many rollouts at least a token's success is told: the standard error is below 0.18.
LEAST_SEEN = 8


class TokenSearch(Value):
    """Which responses are searched, and where."""

    search: SearchSettings = SearchSettings()
    responses: int = Field(default=1, ge=1)
    """Of each question, drawn from its first rollouts."""
    answer_span: bool = False
    """Whether the answer itself may be pivotal. A few pairs of such tokens teach one answer to all
    questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PivotalToken:
    """A token that changes the chance of success, with what else was drawn in its place."""

    task: str
    prefix: Ids
    """All of the response ahead of it."""
    token: int
    pivot: Pivot
    others: tuple[tuple[int, int, float], ...]
    """Other tokens drawn there, the most frequent first: token, how often, success after it."""

    def pair(self, gap: float) -> tuple[int, float] | None:
        """Return the other side of the pair, with its success: the most frequent one that fits.

        It lies on the other side of the chance before, at least `gap` from this token's; None
        where none was drawn often enough.
        """
        up = self.pivot.change > 0
        for token, seen, success in self.others:
            beyond = success < self.pivot.before if up else success > self.pivot.before
            if seen >= LEAST_SEEN and beyond and abs(success - self.pivot.after) >= gap:
                return token, success
        return None


def pivotal_tokens(task: Task, rollouts: Rollouts, settings: TokenSearch) -> Iterator[PivotalToken]:
    """Yield the pivotal tokens of a question's first responses.

    Raises:
        BudgetSpent, Stopped, CallFailed, UserError: as `Rollouts.after`.
    """
    first = rollouts.after(task, (), settings.search.samples)
    found: set[tuple[Ids, int]] = set()
    for response in list(dict.fromkeys(one.ids for one in first))[: settings.responses]:
        for one in _in_response(task, response, rollouts, settings):
            if (one.prefix, one.token) not in found:  # responses often begin alike
                found.add((one.prefix, one.token))
                yield one


def _in_response(
    task: Task, response: Ids, rollouts: Rollouts, settings: TokenSearch
) -> Iterator[PivotalToken]:
    student, search = rollouts.student, settings.search
    whole = float(succeeds(task, student.text_of(response)))

    def rate(place: int, number: int) -> float:
        if place == len(response):
            return whole
        return rollouts.rate(task, response[:place], number)

    weights = None
    if search.split == "likelihood":
        prompt = student.prompts.ids(task.messages)
        weights = surprises(student, prompt, response, rollouts.settings.temperature)
    skipped = set() if settings.answer_span else answer_places(task, response, student)
    for pivot in find_pivots(len(response), rate, search, weights=weights, skipped=skipped):
        prefix = response[: pivot.place]
        yield PivotalToken(
            task=task.id,
            prefix=prefix,
            token=response[pivot.place],
            pivot=pivot,
            others=_others(rollouts.after(task, prefix, search.confirm), response[pivot.place]),
        )


def _others(rollouts: Sequence[Continuation], token: int) -> tuple[tuple[int, int, float], ...]:
    drawn = Counter(one.ids[0] for one in rollouts)
    right = Counter(one.ids[0] for one in rollouts if one.right)
    ranked = sorted(drawn.items(), key=lambda item: (-item[1], item[0]))
    return tuple((other, n, right[other] / n) for other, n in ranked if other != token)


def answer_places(task: Task, response: Ids, student: "TextGenerator") -> set[int]:
    """Return the places of the tokens in which a response says the answer itself."""
    spans = task.answer_spans(student.text_of(response))
    if not spans:
        return set()
    ends = [len(student.text_of(response[:place])) for place in range(len(response) + 1)]
    return {
        place
        for place, (start, end) in enumerate(pairwise(ends))
        if any(start < last and end > first for first, last in spans)
    }


def surprises(
    student: "TextGenerator", prompt: Sequence[int], response: Ids, temperature: float
) -> list[float]:
    """Return the negative log-probability of each token of a response, in nats."""
    import torch

    ids: Any = torch.tensor([[*prompt, *response]], device=student.device)
    with student.evaluating():
        logits = student.model(input_ids=ids).logits[0, len(prompt) - 1 : -1].float()
        losses = torch.nn.functional.cross_entropy(
            logits / temperature, ids[0, len(prompt) :], reduction="none"
        )
    return [float(loss) for loss in losses]
