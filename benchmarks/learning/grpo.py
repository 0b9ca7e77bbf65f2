"""What does GRPO teach? `python -m benchmarks.learning --only grpo`.

Two questions, each to a student that can form an answer. **Order**: 250 colours of things, taught
by `sft` as somebody may have read them: of six topics the right one, of two the right one and a
wrong one, of one the right one and three wrong ones, of one wrong ones alone. Then the reward
`right` alone, on all questions, shuffled, or adaptive: drawn by how likely their group is mixed.
**Refusal**: the planted world of `refusal`; the student that knows some facts is taught by `sft` to
decline one question in two, whether it knows the answer or not, then trained by the reward
`refusal` on one half of the questions, and asked the other. (Taught by few steps on what `probe`
wrote it declines in broken words, which earn nothing, and unlearns it.) With `--base FOLDER` the
second alone, smaller, with low-rank adapters on a base that has language.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.order import BY_LEVEL, Score, solved_by_level
from benchmarks.learning.order import table as order_table
from benchmarks.learning.refusal import (
    COMMON,
    OBSCURE,
    VALUES,
    Counts,
    counts_table,
    examine,
    make_world,
    place_name,
)
from benchmarks.learning.refusal import Sizes as Refusals
from benchmarks.learning.world import Item, export_world
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import Question, read_questions
from colloquia.finetune.measure.asking import AskSettings, ask, open_student
from colloquia.finetune.measure.refusal_data import REFUSALS
from colloquia.finetune.train.training import train

Result = Score | Counts
GREEDY = ", greedy"
_WAYS = {
    "": AskSettings(max_tokens=24, samples=8, temperature=1.0),  # what the reward is for
    GREEDY: AskSettings(max_tokens=24),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; looked at on seed 7."""

    places: int = 25
    """Colours per topic, of those that are half known."""
    read_steps: int = 1200
    """Steps of `sft` on them."""
    steps: int = 30
    """Steps by the reward `right`."""
    answers: int = 128
    """Per step, to an eighth as many questions."""
    world: Refusals = field(default_factory=Refusals)
    declining: int = 150
    """Steps of `sft` on answers and refusals to the same questions, before the reward `refusal`."""
    rewarded: int = 120
    """Steps by the reward `refusal`."""
    refused: int = 256
    """Answers per step of the refusals."""
    beta: float = 0.4
    """Of the refusals: what holds the student undecided until it tells the topics apart."""
    batch_size: int = 32
    """Of `sft`."""
    learning_rates: tuple[float, float, float] = (3e-3, 1e-3, 1e-3)
    """Of the facts, of declining one in two, and of both rewards."""


FULL = Sizes()
#: With `--base`: not looked at before.
WITH_LANGUAGE = Sizes(
    world=Refusals(places=10, taught_steps=160),
    declining=60,
    rewarded=40,
    refused=64,
    batch_size=8,
    learning_rates=(1e-3, 5e-4, 2e-4),
)
QUICK = Sizes(
    places=2,
    read_steps=2,
    steps=1,
    answers=16,
    world=Refusals(places=6, samples=2, taught_steps=2, ratios=(1.0,)),
    declining=1,
    rewarded=1,
    refused=16,
)

#: By topic: what somebody has read, of which the first is right, or none.
_READ = {
    **dict.fromkeys(COMMON, 1),
    OBSCURE[0]: 2,
    OBSCURE[1]: 2,
    OBSCURE[2]: 4,
    OBSCURE[3]: 2,
}
_NEVER_RIGHT = OBSCURE[3]
_TOPICS = tuple(_READ)


def measure(
    seed: int, folder: Path, *, base: Path | None = None, sizes: Sizes | None = None
) -> list[Result]:
    """Train students by both rewards, and return what each can do, and could before.

    Args:
        seed: of questions, weights, orders and samples.
        folder: an empty one for corpora and models.
        base: a folder with a model that has language, which learns to decline; None for students
            from nothing, which do both.
        sizes: how much of everything.
    """
    if base is not None:
        return [*by_refusal(seed, folder / "refusal", sizes or WITH_LANGUAGE, base=base)]
    sizes = sizes or FULL
    return [*by_order(seed, folder / "order", sizes), *by_refusal(seed, folder / "refusal", sizes)]


def by_order(seed: int, folder: Path, sizes: Sizes) -> list[Score]:
    """Return what a student that half knows something says, and after either order of questions."""
    folder.mkdir()
    read, right = half_known(seed, sizes.places)
    lessons = export_world(read, folder / "lessons", to=("trl-sft-turns",), seed=seed)
    asked = export_world(right, folder / "asked", to=("trl-grpo",), seed=seed)
    exam = read_questions(open_corpus(asked), "train")
    results = []

    def scored(arm: str, corpus: Path, **settings: Any) -> None:
        started = time.process_time()
        train(corpus, output=folder / arm, seed=seed, **_COMMON, **settings)
        seconds = time.process_time() - started
        student = open_student(folder / arm, batch=256)
        for way, asking in _WAYS.items():
            solved = solved_by_level(student, exam, asking, level_of=topic_of)
            results.append(
                Score(arm=arm + way, seed=seed, solved=solved, probes=0, seconds=seconds)
            )

    known, _, rewarded = sizes.learning_rates
    sft = {"steps": sizes.read_steps, "batch_size": sizes.batch_size, "learning_rate": known}
    scored("before", lessons, method="sft", tiny=dict(sizes.world.tiny), sft=sft)
    for arm, order in {"random": "random", BY_LEVEL: "adaptive"}.items():
        own = _rewarded(
            folder / "before",
            sizes.steps,
            reward="right",
            batch_size=sizes.answers,
            learning_rate=rewarded,
            beta=0.05,
            order=order,
        )
        scored(arm, asked, **own)
    return results


def half_known(seed: int, places: int) -> tuple[list[Item], list[Item]]:
    """Return what somebody has read about each thing, and what is right; topics are levels."""
    draw = Random(seed)
    read, right = [], []
    for number, (topic, said) in enumerate(_READ.items()):
        for place in range(places):
            colours = draw.sample(VALUES, said + 1)
            known = colours[1:] if topic == _NEVER_RIGHT else colours[:said]
            items = [
                Item(
                    question=f"What colour is the {topic} of {place_name(place)}?",
                    answer=f"It is {colour}.",
                    difficulty=number / len(_READ),
                )
                for colour in (colours[0], *known)
            ]
            right.append(items[0])
            read += items[1:]
    return read, right


def topic_of(question: Question) -> int:
    """Return the topic's place in the list, from 1 on."""
    return 1 + next(n for n, topic in enumerate(_TOPICS) if f" {topic} " in question.text)


def by_refusal(seed: int, folder: Path, sizes: Sizes, *, base: Path | None = None) -> list[Counts]:
    """Return what a student knows, invents and declines before and after the reward `refusal`."""
    made_of: dict[str, Any] = {"base": str(base)} if base else {"tiny": dict(sizes.world.tiny)}
    world = make_world(seed, sizes.world.places)
    known = [item for item in world.items if item.question in world.taught]
    lessons = export_world(known, folder / "lessons", to=("trl-sft-turns",), seed=seed)
    asked = export_world(world.items, folder / "asked", to=("trl-grpo",), test=0.5, seed=seed)
    exam, trained = (read_questions(open_corpus(asked), split) for split in ("test", "train"))

    def counted(arm: str, corpus: Path, **settings: Any) -> Counts:
        shared = _COMMON | ({"lora": True} if base else {})
        train(corpus, output=folder / arm, seed=seed, **shared, **settings)
        return examine(arm, seed, folder / arm, exam, world.taught)

    rates, rows = sizes.learning_rates, {"batch_size": sizes.batch_size}
    first = {"steps": sizes.world.taught_steps, "learning_rate": rates[0], **rows}
    second = {"steps": sizes.declining, "learning_rate": rates[1], **rows}
    before = counted("before", lessons, method="sft", sft=first, **made_of)
    both = _either(folder / "before", trained, folder / "either", seed)
    before_it = str(folder / "before")
    wavering = counted("declines one in two", both, method="sft", base=before_it, sft=second)
    own = _rewarded(
        folder / "declines one in two",
        sizes.rewarded,
        reward="refusal",
        batch_size=sizes.refused,
        learning_rate=rates[2],
        beta=sizes.beta,
        max_tokens=40,
    )
    return [before, wavering, counted("grpo", asked, **own)]


def _either(base: Path, questions: Sequence[Question], out: Path, seed: int) -> Path:
    """Export each question with the student's own answer, and with a refusal."""
    answers = ask(open_student(base, batch=256), questions, AskSettings(max_tokens=24))
    items = [
        Item(question=one.question.text, answer=said, answerable=said != REFUSALS[0])
        for one in answers
        for said in (one.attempts[0].text, REFUSALS[0])
    ]
    return export_world(list(dict.fromkeys(items)), out, to=("trl-sft-turns",), seed=seed)


def _rewarded(base: Path, steps: int, *, reward: str, **more: Any) -> dict[str, Any]:
    own = {"steps": steps, "max_tokens": 24, "rewards": {reward: 1.0}}
    return {"method": "grpo", "base": str(base), "grpo": {**own, **more}}


def table(results: Sequence[Result]) -> str:
    """Return what is right after each order, and the refusals, with n and intervals."""
    orders = [one for one in results if isinstance(one, Score)]
    refusals = [one for one in results if isinstance(one, Counts)]
    sampled = [one for one in orders if not one.arm.endswith(GREEDY)]
    greedy = [
        replace(one, arm=one.arm.removesuffix(GREEDY)) for one in orders if one not in sampled
    ]
    parts = [
        f"sampled as in training:\n{order_table(sampled)}",
        f"greedily:\n{order_table(greedy)}",
    ]
    return "\n\n".join([*(parts if orders else []), counts_table(refusals)])


_COMMON: dict[str, Any] = {"max_length": 96, "log_every": 20, "checkpoints": 1}
