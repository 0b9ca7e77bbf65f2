"""Does a second round help? `python -m benchmarks.learning --only judge`.

A student learns the colours of things from a corpus that contradicts itself: of three answers to a
question two are right, and one, always the same, is wrong. So it knows what is right and says it
now and then. A judge, the grader's rule, compares four of its answers to each question, and the
pairs are learnt with `dpo`. Asked are the judged questions, and the same facts in another wording,
which was taught alike and never judged. `--base FOLDER` takes a base that has language, with
low-rank adapters.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.refusal import COMMON, VALUES, place_name
from benchmarks.learning.world import Item, export_world
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import read_questions
from colloquia.finetune.judge.judging import Judged, judge
from colloquia.finetune.judge.made_pairs import JudgeSettings
from colloquia.finetune.measure.asking import AskSettings, ask, open_student
from colloquia.finetune.measure.intervals import Share, wilson
from colloquia.finetune.train.training import train

ARMS = ("before", "after")
WORDINGS = {
    "judged": "What colour is the {topic} of {place}?",
    "held out": "The {topic} of {place} has which colour?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is."""

    places: int = 12
    """Facts per topic; there are six topics."""
    taught_steps: int = 600
    steps: int = 60
    batch_size: int = 32
    learning_rate: float = 3e-3
    second_rate: float = 1e-3
    """The second round's; at `tiny`'s own 3e-4 and 40 steps nothing moved on seed 0."""


FULL = Sizes()
#: With `--base`: hours of CPU.
WITH_LANGUAGE = Sizes(
    places=4, taught_steps=120, steps=20, batch_size=8, learning_rate=1e-3, second_rate=1e-4
)
QUICK = Sizes(places=1, taught_steps=2, steps=1, batch_size=4)
_TINY = {
    "hidden_size": 96,
    "layers": 2,
    "heads": 4,
    "intermediate_size": 256,
    "vocabulary": 500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one student did before or after the second round."""

    arm: str
    seed: int
    right: dict[str, tuple[int, int]]
    """By wording: answers at temperature 1 that are right, of how many."""
    greedy: dict[str, tuple[int, int]]
    """The same of the likeliest answers."""
    pairs: int
    dropped: dict[str, int]
    longer_won: Share
    seconds: float
    """CPU time: sampling, judging and training of the second round."""


def items(seed: int, sizes: Sizes) -> dict[str, list[tuple[Item, Item, Item]]]:
    """Return by wording, for each fact, the answer and what the corpus says beside it."""
    draw = Random(seed)
    told: dict[str, list[tuple[Item, Item, Item]]] = {name: [] for name in WORDINGS}
    for topic in COMMON:
        for number in range(sizes.places):
            right, wrong = draw.sample(VALUES, 2)
            for name, form in WORDINGS.items():
                question = form.format(topic=topic, place=place_name(number))
                answers = (f"It is {right}.", f"I'd say {right}.", f"It is {wrong}.")
                own = [Item(question=question, answer=answer) for answer in answers]
                told[name].append((own[0], own[1], own[2]))
    return told


def measure(
    seed: int, folder: Path, *, base: Path | None = None, sizes: Sizes | None = None
) -> list[Result]:
    """Teach a student what contradicts itself, judge and train it, and ask it before and after.

    Args:
        seed: of facts, weights, samples and the order of rows.
        folder: an empty one for corpora and models.
        base: a folder with a model that has language; None for one from nothing.
        sizes: how large all of it is.
    """
    sizes = sizes or (WITH_LANGUAGE if base else FULL)
    told = items(seed, sizes)
    taught = [item for facts in told.values() for fact in facts for item in fact]
    rows = export_world(taught, folder / "rows", to=("trl-sft-turns",), seed=seed)
    asked = {
        name: export_world((fact[0] for fact in facts), folder / name, to=("trl-grpo",), seed=seed)
        for name, facts in told.items()
    }
    shared: dict[str, Any] = {"seed": seed, "max_length": 64, "checkpoints": 1}
    shared |= {"lora": True} if base else {}
    own: dict[str, Any] = {"base": str(base)} if base else {"tiny": _TINY}
    sft: dict[str, Any] = {
        "steps": sizes.taught_steps,
        "batch_size": sizes.batch_size,
        "learning_rate": sizes.learning_rate,
    }
    student, better = folder / "before", folder / "after"
    train(rows, output=student, method="sft", sft=sft, **shared, **own)
    started = time.process_time()
    found = judge(
        student,
        asked["judged"],
        out=folder / "pairs",
        settings=JudgeSettings(
            ask=AskSettings(samples=4, temperature=1.0, max_tokens=12, seed=seed), batch=256
        ),
    )
    dpo: dict[str, Any] = {
        "steps": sizes.steps,
        "batch_size": sizes.batch_size,
        "learning_rate": sizes.second_rate,
    }
    train(folder / "pairs", output=better, base=str(student), method="dpo", dpo=dpo, **shared)
    seconds = time.process_time() - started
    return [
        _result(arm, place, asked, found, seed=seed, seconds=seconds)
        for arm, place in zip(ARMS, (student, better), strict=True)
    ]


def _result(
    arm: str, model: Path, asked: dict[str, Path], found: Judged, *, seed: int, seconds: float
) -> Result:
    student = open_student(model, batch=256)
    right: list[dict[str, tuple[int, int]]] = []
    for samples, temperature in ((4, 1.0), (1, 0.0)):
        settings = AskSettings(
            samples=samples, temperature=temperature, max_tokens=12, seed=seed + 1
        )
        counts = {}
        for name, place in asked.items():
            answers = ask(student, read_questions(open_corpus(place), "train"), settings)
            verdicts = [a.graded.verdict for one in answers for a in one.attempts]
            counts[name] = (verdicts.count("correct"), len(verdicts))
        right.append(counts)
    return Result(
        arm=arm,
        seed=seed,
        right=right[0],
        greedy=right[1],
        pairs=found.pairs,
        dropped=found.dropped,
        longer_won=found.longer_won,
        seconds=seconds,
    )


def table(results: Sequence[Result]) -> str:
    """Return shares of right answers over all seeds and by seed, and what became of questions."""
    lines = ["right answers, at temperature 1 and the likeliest; by seed in brackets"]
    for arm in ARMS:
        own = [one for one in results if one.arm == arm]
        cells = []
        for name in WORDINGS:
            for kind, word in (("right", "sampled"), ("greedy", "likeliest")):
                counts = [getattr(one, kind)[name] for one in own]
                share = wilson(sum(right for right, _ in counts), sum(n for _, n in counts))
                each = " ".join(f"{right / n:.2f}" for right, n in counts)
                cells.append(f"{name}, {word} {_shown(share)} n={share.n} ({each})")
        lines.append(f"{arm:<7} {'; '.join(cells)}")
    last = [one for one in results if one.arm == ARMS[-1]]
    dropped: dict[str, int] = {}
    for one in last:
        for reason, number in one.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + number
    left_out = ", ".join(f"{number} {reason}" for reason, number in dropped.items()) or "none"
    won = " ".join(f"{one.longer_won.value or 0:.2f}" for one in last)
    lines.append(
        f"pairs {sum(one.pairs for one in last)}, dropped: {left_out}; the longer answer won {won} "
        f"(by seed); second round {sum(one.seconds for one in last) / len(last):.0f} CPU s"
    )
    return "\n".join(lines)


def _shown(share: Share) -> str:
    return f"{share.value or 0:.3f} {share.low or 0:.3f}..{share.high or 0:.3f}"
