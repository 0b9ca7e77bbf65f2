"""Does the order matter to a student that knows most of it already?

The colours of things in places, ten topics of fifty facts. A student is taught nine topics until it
can recite them, and then trained on all ten: as when a corpus has grown by a few snippets.
Shuffled, nine rows of ten teach it nothing; an adaptive order asks it every few steps, gives half
of its draws to what is mastered, and half to what isn't. Asked at the end, greedily, closed book:
all facts, as they were asked in training.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.refusal import COMMON, OBSCURE, VALUES, place_name, shown
from benchmarks.learning.refusal import Sizes as Refusals
from benchmarks.learning.world import Item, export_world
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import Question, read_questions
from colloquia.finetune.measure.asking import AskSettings, ask, open_student
from colloquia.finetune.measure.intervals import wilson
from colloquia.finetune.train.curriculum import Curriculum, questions_by_row
from colloquia.finetune.train.training import train

TOPICS = (*COMMON, *OBSCURE)
BY_TOPIC = "adaptive by topic"
ARMS = ("random", "adaptive by row", BY_TOPIC)
GOAL = "adaptive by topic above random on new facts, every seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; steps, and the curriculum's replay, were chosen on seeds 7 to 10."""

    places: int = 50
    """Facts per topic."""
    taught_steps: int = 700
    steps: int = 60
    batch_size: int = 32
    every: int = 10
    """Steps between two looks of an adaptive arm."""
    looked: int = 64
    """Rows per look, each asked four times."""


QUICK = Sizes(places=4, taught_steps=4, steps=4, every=2, looked=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one student knew: right, of how many."""

    arm: str
    seed: int
    old: tuple[int, int]
    new: tuple[int, int]
    seconds: float
    """CPU time of the second training."""

    @property
    def all(self) -> tuple[int, int]:
        """Old and new ones."""
        return self.old[0] + self.new[0], self.old[1] + self.new[1]


def facts(seed: int, places: int) -> tuple[dict[Item, str], str]:
    """Return all facts with their topics, and which topic is new."""
    draw = Random(seed)
    told = {
        Item(
            question=f"What colour is the {topic} of {place_name(number)}?",
            answer=f"It is {draw.choice(VALUES)}.",
        ): topic
        for topic in TOPICS
        for number in range(places)
    }
    return told, draw.choice(TOPICS)


def measure(seed: int, folder: Path, sizes: Sizes = Sizes()) -> list[Score]:
    """Teach a student nine topics, train it on ten in each order, and ask everything.

    Args:
        seed: of facts, weights and orders.
        folder: an empty one for corpora and models.
        sizes: how much of everything.
    """
    told, new = facts(seed, sizes.places)
    known = [item for item, topic in told.items() if topic != new]
    first = export_world(known, folder / "first", to=("trl-sft-turns",), seed=seed)
    corpus = export_world(told, folder / "all", to=("trl-sft-turns", "trl-grpo"), seed=seed)
    questions = read_questions(open_corpus(corpus), "train")
    shared: dict[str, Any] = {"method": "sft", "seed": seed, "max_length": 64, "checkpoints": 1}
    batch = {"batch_size": sizes.batch_size}
    train(
        first,
        output=folder / "student",
        base="tiny",
        tiny=dict(Refusals().tiny),
        sft={"steps": sizes.taught_steps, "learning_rate": 3e-3} | batch,
        **shared,
    )
    results = []
    for arm in ARMS:
        started = time.process_time()
        train(
            corpus,
            output=folder / arm,
            base=str(folder / "student"),
            sft={"steps": sizes.steps, "learning_rate": 1e-3} | batch,
            order=_order(arm, questions, sizes, seed),
            **shared,
        )
        seconds = time.process_time() - started
        results.append(
            Score(arm=arm, seed=seed, seconds=seconds, **_right(folder / arm, questions, new))
        )
    return results


def topic_of(question: Question) -> str:
    """Return what a question is about."""
    return next(topic for topic in TOPICS if f" {topic} " in question.text)


def _order(arm: str, questions: Sequence[Question], sizes: Sizes, seed: int) -> Curriculum | None:
    if arm == "random":
        return None  # the trainer's own
    by_row = questions_by_row(questions, book="closed")
    topics = {row: topic_of(question) for row, question in by_row.items()}
    return Curriculum(
        questions=by_row,
        levels=topics if arm == BY_TOPIC else {},
        settings=AskSettings(samples=4, temperature=1.0, max_tokens=16, seed=seed),
        every=sizes.every,
        rows=sizes.looked,
        batch=512,
    )


def _right(model: Path, questions: Sequence[Question], new: str) -> Mapping[str, tuple[int, int]]:
    answers = ask(open_student(model, batch=256), questions, AskSettings(max_tokens=16))
    counts = {}
    for name, is_new in (("old", False), ("new", True)):
        own = [one for one in answers if (topic_of(one.question) == new) == is_new]
        counts[name] = (sum(one.attempts[0].graded.exact for one in own), len(own))
    return counts


def table(results: Sequence[Score]) -> str:
    """Return shares of old and new facts known after each order, over all seeds and by seed."""
    lines = []
    for arm in ARMS:
        own = [one for one in results if one.arm == arm]
        cells = []
        for name in ("new", "old", "all"):
            counts = [getattr(one, name) for one in own]
            share = wilson(sum(right for right, _ in counts), sum(n for _, n in counts))
            each = " ".join(f"{right / n:.2f}" for right, n in counts)
            cells.append(f"{name} {shown(share)} n={share.n} ({each})")
        seconds = sum(one.seconds for one in own) / len(own)
        lines.append(f"{arm:<18}{', '.join(cells)}, {seconds:.0f} CPU s")
    gains = [
        other.new[0] - one.new[0]
        for one in results
        for other in results
        if (one.arm, other.arm, one.seed) == ("random", BY_TOPIC, other.seed)
    ]
    return "\n".join([*lines, f"goal: {GOAL}: {'met' if min(gains) > 0 else 'MISSED'}"])
