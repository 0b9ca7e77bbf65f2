"""Does a thought help? `python -m benchmarks.learning --only thinking`.

A student learns by heart in which town people live and in which land each town lies, and for some
of the people, in which land they live. Asked, closed book, is in which land the others live: both
facts are known and were never put together. After Allen-Zhu and Li (arXiv 2309.14402), a model
can't put together what it knows unless it says the first step aloud. So the same questions and
answers are learnt twice: bare, and with a thought that recalls town and land. Equal steps; thoughts
and system message as the product makes them. `--base FOLDER` takes a base that has language, with
low-rank adapters.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.facts import people
from benchmarks.learning.world import Item, export_world
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import Question, read_questions
from colloquia.finetune.measure.asking import AskSettings, ask, open_student
from colloquia.finetune.measure.intervals import Share, wilson
from colloquia.finetune.measure.thoughts import ThoughtLengths, thought_lengths
from colloquia.finetune.train.training import train

ARMS = ("plain", "thinking")
_TOWNS = """
    Lisbon Vienna Oslo Prague Dublin Athens Bergen Geneva Malmo Turin Seville Krakow Ghent Porto
    Riga Tallinn Zagreb Bern Lyon Basel
"""
TOWNS = _TOWNS.split()
LANDS = ("Arvia", "Belmora", "Cardenia", "Doskol", "Estria")
KINDS = ("taught", "held out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; chosen on seed 7."""

    people: int = 80
    composed: float = 0.6
    """The share of the people whose land is taught."""
    steps: int = 400
    batch_size: int = 32
    learning_rate: float = 3e-3
    asked: int = 1000
    """Most questions of each kind."""


FULL = Sizes()
#: With `--base`: hours of CPU.
WITH_LANGUAGE = Sizes(people=40, steps=240, batch_size=8, learning_rate=1e-3, asked=32)
QUICK = Sizes(people=5, steps=2, batch_size=4, asked=2)
_TINY = {
    "hidden_size": 96,
    "layers": 2,
    "heads": 4,
    "intermediate_size": 256,
    "vocabulary": 600,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one student did."""

    arm: str
    seed: int
    right: dict[str, tuple[int, int]]
    """Taught and held-out questions about lands: right, of how many."""
    thoughts: ThoughtLengths
    """Of the held-out ones."""
    seconds: float
    """CPU time of the training."""


def items(seed: int, sizes: Sizes) -> tuple[list[Item], list[Item], list[Item]]:
    """Return single facts, and lands of people: those that are taught, and the others."""
    draw = Random(seed)
    land = {town: draw.choice(LANDS) for town in TOWNS}
    facts = [
        Item(
            question=f"In which land is {town}?",
            answer=f"{town} is in {land[town]}.",
            thought=f"{town} is a town in {land[town]}.",
        )
        for town in TOWNS
    ]
    composed = []
    for person in people(sizes.people):
        town = draw.choice(TOWNS)
        facts.append(
            Item(
                question=f"In which town does {person.name} live?",
                answer=f"{person.name} lives in {town}.",
                thought=f"{person.name} lives in the town of {town}.",
            )
        )
        composed.append(
            Item(
                question=f"In which land does {person.name} live?",
                answer=f"{person.name} lives in {land[town]}.",
                thought=f"{person.name} lives in the town of {town}. "
                f"{town} is a town in {land[town]}.",
            )
        )
    cut = round(sizes.composed * len(composed))
    return facts, composed[:cut], composed[cut:]


def measure(
    seed: int, folder: Path, *, base: Path | None = None, sizes: Sizes | None = None
) -> list[Result]:
    """Train both students and ask them.

    Args:
        seed: of the facts, the weights and the order of rows.
        folder: an empty one for corpora and models.
        base: a folder with a model that has language; None for one from nothing.
        sizes: how large all of it is.
    """
    sizes = sizes or (WITH_LANGUAGE if base else FULL)
    facts, taught, held_out = items(seed, sizes)
    results = []
    for arm in ARMS:
        worded = [
            [one if arm == "thinking" else replace(one, thought=None) for one in some]
            for some in ([*facts, *taught], taught, held_out)
        ]
        places = [folder / f"{arm}-{name}" for name in ("rows", *KINDS)]
        for some, place in zip(worded, places, strict=True):
            export_world(some, place, to=("trl-sft-turns", "trl-grpo"), seed=seed)
        shared = _settings(seed, base, sizes)
        started = time.process_time()
        train(places[0], output=folder / arm, **shared)
        seconds = time.process_time() - started
        asked = [_asked(folder / arm, place, sizes) for place in places[1:]]
        results.append(
            Result(
                arm=arm,
                seed=seed,
                right={kind: _right(own) for kind, own in zip(KINDS, asked, strict=True)},
                thoughts=thought_lengths([one.attempts[0].thought for one in asked[1]]),
                seconds=seconds,
            )
        )
    return results


def _settings(seed: int, base: Path | None, sizes: Sizes) -> dict[str, Any]:
    sft = {
        "steps": sizes.steps,
        "batch_size": sizes.batch_size,
        "learning_rate": sizes.learning_rate,
    }
    own: dict[str, Any] = {"base": str(base), "lora": True} if base else {"tiny": _TINY}
    return {"method": "sft", "seed": seed, "max_length": 256, "checkpoints": 1, "sft": sft} | own


def _asked(model: Path, corpus: Path, sizes: Sizes) -> list[Any]:
    questions: Sequence[Question] = read_questions(open_corpus(corpus), "train")[: sizes.asked]
    settings = AskSettings(max_tokens=24, thought_tokens=48)
    return list(ask(open_student(model, batch=128), questions, settings))


def _right(asked: Sequence[Any]) -> tuple[int, int]:
    graded = [one.attempts[0].graded for one in asked if one.attempts]
    return sum(one.exact for one in graded), len(graded)


def table(results: Sequence[Result]) -> str:
    """Return shares right over all seeds and by seed, and how long the thoughts are."""
    lines = ["lands of people, right by exact match; by seed in brackets"]
    for arm in ARMS:
        own = [one for one in results if one.arm == arm]
        cells = []
        for kind in KINDS:
            counts = [one.right[kind] for one in own]
            each = " ".join(f"{right / n:.2f}" for right, n in counts)
            share = _pooled(counts)
            cells.append(f"{kind} {_shown(share)} n={share.n} ({each})")
        seconds = sum(one.seconds for one in own) / len(own)
        lines.append(f"{arm:<9} {', '.join(cells)}, {seconds:.0f} CPU s")
    thoughts = [one.thoughts for one in results if one.arm == "thinking"]
    answers = sum(one.answers for one in thoughts)
    means = " ".join(f"{one.tokens.value or 0:.1f}" for one in thoughts)
    unended = sum(round((one.unended.value or 0) * one.unended.n) for one in thoughts)
    thought = sum(one.unended.n for one in thoughts)
    lines.append(
        f"thoughts, held out: before {thought} of {answers} answers, {means} tokens on average "
        f"(by seed), {unended} without an end"
    )
    return "\n".join(lines)


def _pooled(counts: Sequence[tuple[int, int]]) -> Share:
    return wilson(sum(right for right, _ in counts), sum(n for _, n in counts))


def _shown(share: Share) -> str:
    return f"{share.value or 0:.3f} {share.low or 0:.3f}..{share.high or 0:.3f}"
