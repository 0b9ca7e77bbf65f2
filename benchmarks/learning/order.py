"""Does the order of rows matter? `python -m benchmarks.learning --only order`.

The task has levels: moves lead from a month to another, one to eight of them; `+` goes on and `-`
turns round, so their order matters. Only the last month is said. Four arms begin with the same
weights and take equally many steps with equally many rows: shuffled; sorted once from the fewest
moves to the most; and adaptive, which asks the student every so many steps and draws what it solves
now and then (Phi-4-reasoning, arXiv 2504.21318: seeds at the edge of ability), with a rate for each
row or one for each level. Asked at the end, greedily: questions that no arm was trained on, but for
the levels that have too few.
"""

import calendar
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from operator import mul
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.refusal import shown
from benchmarks.learning.world import Item, export_world
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import Question, read_questions
from colloquia.finetune.measure.asking import AskSettings, ask, open_student
from colloquia.finetune.measure.intervals import bootstrap_mean, wilson
from colloquia.finetune.settings import TinySettings
from colloquia.finetune.train.curriculum import Curriculum, questions_by_row
from colloquia.finetune.train.methods.sft import RowOrder
from colloquia.finetune.train.tiny import make_tiny
from colloquia.finetune.train.training import train

MONTHS = tuple(calendar.month_name)[1:]
BY_LEVEL = "adaptive by level"
ARMS = ("random", "increasing", "adaptive by row", BY_LEVEL)
GOAL = "adaptive by level above random, p < 0.05"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; tuned on seed 0."""

    levels: int = 8
    per_level: int = 600
    """Most training rows of a level; all there are where they are fewer."""
    steps: int = 900
    batch_size: int = 32
    learning_rate: float = 3e-3
    every: int = 20
    """Steps between two looks of the adaptive arm."""
    looked: int = 64
    """Rows per look, each asked four times."""
    asked: int = 48
    """Most test questions of a level."""
    tiny: Mapping[str, Any] = field(
        default_factory=lambda: {
            "hidden_size": 64,
            "layers": 2,
            "heads": 4,
            "intermediate_size": 192,
            "vocabulary": 400,
        }
    )


QUICK = Sizes(levels=2, steps=4, every=2, looked=4, asked=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one student did."""

    arm: str
    seed: int
    solved: Mapping[int, tuple[int, int]]
    """Level -> solved, of how many."""
    probes: int
    """Answers that the order asked for while training."""
    seconds: float
    """CPU time of the training."""

    @property
    def accuracy(self) -> float:
        """Mean over the levels, 0..1."""
        return sum(hits / n for hits, n in self.solved.values()) / len(self.solved)


def item(start: int, moves: str) -> Item:
    """Return the question where moves lead from a month: `+` goes on, `-` turns round."""
    there, way = start, 1
    for move in moves:
        way = -way if move == "-" else way
        there += way if move == "+" else 0
    return Item(
        question=f"Which month is it from {MONTHS[start]} by {' '.join(moves)} ?",
        answer=f"It is {MONTHS[there % len(MONTHS)]}.",
    )


def items(seed: int, sizes: Sizes) -> tuple[dict[Item, int], dict[Item, int]]:
    """Return training and test questions with their numbers of steps, which is their level.

    None is in both, but where there are too few of a level to keep some apart.
    """
    draw = Random(seed)
    taught: dict[Item, int] = {}
    tested: dict[Item, int] = {}
    for level in range(1, sizes.levels + 1):
        ways = ["".join(way) for way in product("+-", repeat=level)]
        some = [item(start, way) for start in range(len(MONTHS)) for way in ways]
        draw.shuffle(some)
        rest = some[sizes.per_level :] or some
        taught |= dict.fromkeys(some[: sizes.per_level], level)
        tested |= dict.fromkeys(rest[: sizes.asked], level)
    return taught, tested


def level_of(question: Question) -> int:
    """Return how many steps a question has."""
    return question.text.count("+") + question.text.count(" -")


def measure(
    seed: int, folder: Path, sizes: Sizes = Sizes(), arms: Sequence[str] = ARMS
) -> list[Score]:
    """Train a student per arm, from the same weights, and return what each can do.

    Args:
        seed: of strings, weights and orders.
        folder: an empty one for corpora and models.
        sizes: how much of everything.
        arms: which of `ARMS`.
    """
    taught, tested = items(seed, sizes)
    corpora = [
        export_world(some, folder / name, to=("trl-sft-turns", "trl-grpo"), seed=seed)
        for name, some in (("lessons", taught), ("exam", tested))
    ]
    lessons, exam = (read_questions(open_corpus(corpus), "train") for corpus in corpora)
    by_row = questions_by_row(lessons, book="closed")
    make_tiny(
        folder / "base",
        [
            f"{one.question} {one.answer}"
            for start in range(12)
            for one in (item(start, "+"), item(start, "-"))
        ],
        settings=TinySettings(**sizes.tiny),
        context=96,
        seed=seed,
    )
    results = []
    for arm in arms:
        order = _order(arm, by_row, sizes, seed)
        started = time.process_time()
        train(
            corpora[0],
            output=folder / arm,
            base=str(folder / "base"),
            method="sft",
            seed=seed,
            max_length=96,
            checkpoints=1,
            log_every=50,
            sft={
                "steps": sizes.steps,
                "batch_size": sizes.batch_size,
                "learning_rate": sizes.learning_rate,
            },
            order=order,
        )
        results.append(
            Score(
                arm=arm,
                seed=seed,
                solved=solved_by_level(open_student(folder / arm, batch=256), exam),
                probes=order.probes if isinstance(order, Counted) else 0,
                seconds=time.process_time() - started,
            )
        )
    return results


class Counted(Curriculum):
    """A curriculum that counts what it asks."""

    probes = 0

    def update_rates(self, student: Any, *, step: int) -> dict[str, float]:
        """Look, and count."""
        found = super().update_rates(student, step=step)
        self.probes += len(found) * self.settings.samples
        return found


def _order(arm: str, questions: Mapping[str, Question], sizes: Sizes, seed: int) -> RowOrder | None:
    levels = {row: level_of(question) for row, question in questions.items()}
    total = sizes.steps * sizes.batch_size
    match arm:
        case "random":
            return None  # the trainer's own
        case "increasing":
            return lambda ids: sorted_once([levels[row] for row in ids], total=total, seed=seed)
    return Counted(
        questions=questions,
        levels={row: str(level) for row, level in levels.items()} if arm == BY_LEVEL else {},
        settings=AskSettings(samples=4, temperature=1.0, max_tokens=16, seed=seed),
        every=sizes.every,
        rows=sizes.looked,
        batch=512,
        replay=0.2,
    )


def sorted_once(levels: Sequence[int], *, total: int, seed: int) -> list[int]:
    """Return places from the lowest level to the highest, shuffled within a level.

    Each row comes equally often, up to rounding.
    """
    places = [place for _ in range(-(-total // len(levels))) for place in range(len(levels))]
    Random(seed).shuffle(places)
    return sorted(places[:total], key=lambda place: levels[place])


GREEDILY = AskSettings(max_tokens=32)


def solved_by_level(
    student: Any,
    exam: Sequence[Question],
    settings: AskSettings = GREEDILY,
    *,
    level_of: Callable[[Question], int] = level_of,
) -> dict[int, tuple[int, int]]:
    """Return by level how many answers are right, and how many there are."""
    answers = ask(student, exam, settings)
    found: dict[int, list[bool]] = {}
    for one in answers:
        hits = found.setdefault(level_of(one.question), [])
        hits += [attempt.graded.exact for attempt in one.attempts]
    return {level: (sum(hits), len(hits)) for level, hits in sorted(found.items())}


def table(results: Sequence[Score]) -> str:
    """Return mean accuracy per seed and over all, and accuracy by level, and the goal."""
    arms = list(dict.fromkeys(one.arm for one in results))
    lines = []
    for arm in arms:
        own = [one for one in results if one.arm == arm]
        levels = {
            level: wilson(
                sum(o.solved[level][0] for o in own), sum(o.solved[level][1] for o in own)
            )
            for level in own[0].solved
        }
        mean = bootstrap_mean([one.accuracy for one in own])
        lines += [
            f"{arm}: mean over levels {shown(mean)}, n={mean.n} seeds: "
            + " ".join(f"{one.accuracy:.3f}" for one in own)
            + f"; {own[0].probes:,} answers asked for per training, "
            f"{sum(one.seconds for one in own) / len(own):.0f} CPU s",
            "  by level: "
            + " ".join(f"{level}:{share.value:.2f}" for level, share in levels.items()),
        ]
    return "\n".join([*lines, *_against_random(results)])


def _against_random(results: Sequence[Score]) -> list[str]:
    random = {one.seed: one.accuracy for one in results if one.arm == "random"}
    lines = []
    for arm in dict.fromkeys(one.arm for one in results if one.arm != "random"):
        gains = [one.accuracy - random[one.seed] for one in results if one.arm == arm]
        mean, chance = bootstrap_mean(gains), by_chance(gains)
        ahead = sum(gain > 0 for gain in gains)
        lines.append(
            f"{arm} minus random: {shown(mean)}, above in {ahead} of {mean.n} seeds, p={chance:.4f}"
        )
        if arm == BY_LEVEL:
            is_met = sum(gains) > 0 and chance < 0.05
            lines.append(f"goal: {GOAL}: {'met' if is_met else 'MISSED'}")
    return lines


def by_chance(gains: Sequence[float]) -> float:
    """Return how likely a mean so far from 0 is where each sign is as likely as the other.

    Fisher's exact test of paired differences, two-sided, over all 2^n signs; n up to about 16.
    """
    found = abs(math.fsum(gains))
    sums = [abs(math.fsum(map(mul, gains, signs))) for signs in product((1, -1), repeat=len(gains))]
    return sum(one >= found - 1e-12 for one in sums) / len(sums)
