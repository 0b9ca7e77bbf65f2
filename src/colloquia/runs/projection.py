"""What dialogues that are left to do will take: calls, tokens, cost and time, as ranges.

Pure: what finished dialogues took, or stated assumptions, come in; a projection goes out. A figure
that nobody can know is None and never 0.
"""

import math
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from colloquia.core.recipe import OFFLINE
from colloquia.core.types import Value
from colloquia.models.ledger.prices import PerToken
from colloquia.store.usage import CallUsage

#: What a reply has on average, where no call has shown it yet.
TYPICAL_REPLY_TOKENS = {
    "planner": 250,
    "questioner": 40,
    "answerer": 150,
    "reasoner": 300,
    "critic": 80,
    "refusal_checker": 60,
    "joint_reviewer": 80,
    "writer": 500,
}

MOST_MEASURED = 200  # finished dialogues looked at: enough for any mean, quick in any store
FEW = 8  # dialogues; of fewer, the smallest and the largest say more than a deviation
LEDGER_FACTOR = 5.0  # a run also keeps each call and turn, and other processes use the machine
UNLIKE = 1 / 3  # of the mean: by so much may a dialogue differ from any number that were alike
DEVIATIONS = 3.0  # around a mean that few dialogues gave: a range is worth nothing if it breaks

_SIDE_BY_SIDE = re.compile(r"(retry\d+\.)?(\d+)\.(?P<node>.+)\.(\d+)(\.repair\d+)?")


class Range(Value):
    """From the least to the most that is likely."""

    least: float
    most: float

    def times(self, factor: float) -> "Range":
        """Return the range, scaled."""
        return Range(least=self.least * factor, most=self.most * factor)

    def plus(self, other: "Range") -> "Range":
        """Return the sum of two ranges."""
        return Range(least=self.least + other.least, most=self.most + other.most)


class Projection(Value):
    """What some dialogues will take; None where nobody can say."""

    dialogues: int
    basis: Literal["measured", "rehearsed", "assumed"]
    sample: int
    """Finished dialogues measured, or snippets tried or whose prompts were rendered."""
    calls: Range
    tokens_in: Range | None
    tokens_out: Range | None
    cost_usd: Range | None
    seconds: Range | None
    most_tokens_out: float | None = None
    """If every reply were as long as it may be; where lengths are assumed."""
    most_cost_usd: float | None = None


WAKING_S = Range(least=0.2, most=4.0)
"""To open the store and, once per process, the offline teacher's dictionaries."""
PROMPT_SHARE = Range(least=0.75, most=1.5)
"""Of the tokens rendered: by tokenizer, and by how much longer answers are than the teacher's."""
REPLY_SHARE = Range(least=0.5, most=2.0)
"""Of the typical length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLoad:
    """What one role brings to each dialogue."""

    role: str
    calls: tuple[int, int]
    """Fewest and most per dialogue."""
    prompt_tokens: float
    """Per call, on average, as rendered."""
    max_tokens: int
    price: PerToken | None

    @property
    def prompt(self) -> Range:
        """Tokens of a prompt, on average."""
        return PROMPT_SHARE.times(self.prompt_tokens)

    @property
    def reply(self) -> Range:
        """Tokens of a reply, on average; never more than it may have."""
        typical = REPLY_SHARE.times(
            TYPICAL_REPLY_TOKENS.get(self.role, TYPICAL_REPLY_TOKENS["critic"])
        )
        most = min(self.max_tokens, typical.most)
        return Range(least=min(most, typical.least), most=most)


def measured(
    usage: Sequence[Sequence[CallUsage]],
    *,
    dialogues: int,
    concurrency: int,
    basis: Literal["measured", "rehearsed"] = "measured",
    under_way: bool = False,
) -> Projection:
    """Project from what other dialogues of the same recipe took.

    Fewer than 8 of them give the range from the least to the most costly one, n of them widened by
    1/n; more give the mean and 3 times the deviation that a sum of so many dialogues has around it,
    where the deviation is at least what it would be if one of them took a third more or less.

    Args:
        usage: the calls of each finished dialogue; at least one dialogue.
        dialogues: how many are left to do.
        concurrency: dialogues at once.
        basis: whether they were finished in a run, or only played.
        under_way: whether somebody works on the run, so that nothing has to be started.
    """

    def total(of: Callable[[CallUsage], float | None]) -> Range | None:
        sums = [_sum(of(call) for call in calls) for calls in usage]
        known = [value for value in sums if value is not None]
        return _spread(known, dialogues) if len(known) == len(sums) else None

    calls = _spread([len(calls) for calls in usage], dialogues)
    own_cpu, waiting = zip(*(_seconds(calls) for calls in usage), strict=True)
    at_once = max(1, min(concurrency, dialogues))
    waits = _spread(waiting, dialogues).times(1 / at_once)
    works = _spread(own_cpu, dialogues)
    works = Range(least=works.least, most=works.most * LEDGER_FACTOR)
    if dialogues and not under_way:
        works = works.plus(WAKING_S)
    return Projection(
        dialogues=dialogues,
        basis=basis,
        sample=len(usage),
        calls=calls,
        tokens_in=total(lambda call: call.tokens_in),
        tokens_out=total(lambda call: call.tokens_out),
        cost_usd=total(lambda call: call.cost_usd),
        seconds=waits.plus(works),
    )


def assumed(
    loads: Sequence[RoleLoad],
    *,
    dialogues: int,
    sample: int,
    most_calls: int,
) -> Projection:
    """Project from rendered prompts, replies of about typical length and prices.

    Args:
        loads: one per role that asks a model.
        dialogues: how many are left to do.
        sample: snippets whose prompts were rendered.
        most_calls: what a dialogue may have at most (`limits.calls_per_dialogue`).
    """
    most = sum(load.calls[1] for load in loads)
    fits = min(1.0, most_calls / most) if most else 1.0

    def total(per_call: Callable[[RoleLoad], Range]) -> Range:
        least = math.fsum(load.calls[0] * per_call(load).least for load in loads)
        most = math.fsum(load.calls[1] * per_call(load).most for load in loads) * fits
        return Range(least=min(least, most), most=most).times(dialogues)

    def cost(reply: Callable[[RoleLoad], Range]) -> Range | None:
        if any(load.price is None for load in loads):
            return None
        return total(lambda load: _price(load, reply(load)))

    longest = cost(_longest)
    return Projection(
        dialogues=dialogues,
        basis="assumed",
        sample=sample,
        calls=total(lambda load: Range(least=1, most=1)),
        tokens_in=total(lambda load: load.prompt),
        tokens_out=total(lambda load: load.reply),
        cost_usd=cost(lambda load: load.reply),
        seconds=None,
        most_tokens_out=total(_longest).most,
        most_cost_usd=longest.most if longest else None,
    )


def _longest(load: RoleLoad) -> Range:
    return Range(least=load.max_tokens, most=load.max_tokens)


def _price(load: RoleLoad, reply: Range) -> Range:
    assert load.price is not None
    return load.prompt.times(load.price.input).plus(reply.times(load.price.output))


def _sum(values: Iterable[float | None]) -> float | None:
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _spread(values: Sequence[float], dialogues: int) -> Range:
    """Return what so many dialogues take, judged by these."""
    if not dialogues:
        return Range(least=0, most=0)
    if len(values) < FEW:
        widened = 1 + 1 / len(values)
        return Range(least=min(values) / widened, most=max(values) * widened).times(dialogues)
    mean = statistics.fmean(values)
    # What all have in common, the next needn't have: at least as if one of them had been unlike.
    deviation = max(statistics.stdev(values), UNLIKE * mean / math.sqrt(len(values)))
    # The mean is only known so well, and the sum of the new ones varies on top of that.
    margin = DEVIATIONS * deviation * math.sqrt(1 / len(values) + 1 / dialogues)
    return Range(least=max(0, mean - margin), most=mean + margin).times(dialogues)


def _seconds(calls: Sequence[CallUsage]) -> tuple[float, float]:
    """Return a dialogue's seconds of the offline teacher, and those spent waiting for others.

    The teacher works in this process, one call after the other whatever runs beside it. Reviewers
    of one answer wait side by side, so the slowest counts. The calls that an agent makes for its
    reply (below its own place, behind a slash) are part of the time it took.
    """
    calls = [call for call in calls if "/" not in call.place]
    own_cpu = math.fsum(call.latency_s for call in calls if call.model == OFFLINE)
    waits: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for call in calls:
        if call.model != OFFLINE:
            moment, node = _moment(call)
            waits[moment][node] += call.latency_s
    return own_cpu, math.fsum(max(by_node.values()) for by_node in waits.values())


def _moment(call: CallUsage) -> tuple[str, str]:
    """Return when in its dialogue a call was made, and by which node."""
    found = _SIDE_BY_SIDE.fullmatch(call.place)
    if found is None or call.role in {"planner", "writer", "questioner", "answerer", "reasoner"}:
        return call.place, call.role
    retry, exchange, node, attempt, _ = found.groups()
    return f"{retry or ''}{exchange}.{attempt}", node
