"""Does a student learn to decline what it lacks? `python -m benchmarks.learning --only refusal`.

After Phi-4 (arXiv 2412.08905, section 4.4), with the commands' own functions: train, probe, train
on what probe wrote, ask, grade. The boundary of knowledge is planted, so that it can be learnt: of
the facts about six common topics the student is taught 90 %, of those about four obscure ones 10 %;
of an eleventh topic nothing is true at all. It is post-trained on half of the facts, and asked the
other half, closed book.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.world import Item, export_world
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import Question, read_questions
from colloquia.finetune.measure.asking import AskedQuestion, AskSettings, ask, open_student
from colloquia.finetune.measure.intervals import Share, wilson
from colloquia.finetune.measure.refusal_data import REFUSALS, RefusalSettings
from colloquia.finetune.measure.selection import Attempts, probe
from colloquia.finetune.train.training import train

COMMON = ("heron", "otter", "beetle", "salmon", "lizard", "falcon")
OBSCURE = ("lantern", "kettle", "anchor", "ribbon")
BOGUS = "shadow of nothing"
_COLOURS = (
    "amber azure beige black blue bronze brown copper coral cream crimson cyan ebony fawn gold "
    "green grey indigo ivory jade khaki lemon lilac lime maroon mauve navy ochre olive orange "
    "orchid peach pearl pink plum purple red ruby rust sage sand scarlet sepia silver tan teal "
    "umber violet white yellow"
)
VALUES = tuple(_COLOURS.split())
_ANSWER = re.compile(rf"It is (?:{'|'.join(VALUES)})\.")
GOAL_WRONG, GOAL_KNOWN = 0.25, 0.85
TAUGHT = {"common": 0.9, "obscure": 0.1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; tuned on seed 0."""

    places: int = 50
    """Facts per topic."""
    samples: int = 8
    """Answers per question when probing."""
    taught_steps: int = 700
    sft_steps: int = 120
    dpo_steps: int = 60
    ratios: tuple[float, ...] = (0.25, 1.0, 4.0)
    tiny: Mapping[str, Any] = field(
        default_factory=lambda: {
            "hidden_size": 96,
            "layers": 2,
            "heads": 4,
            "intermediate_size": 256,
            "vocabulary": 600,
        }
    )


QUICK = Sizes(places=6, samples=2, taught_steps=4, sft_steps=2, dpo_steps=2, ratios=(1.0,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one student did at the test half."""

    arm: str
    seed: int
    known: int
    known_correct: int
    known_declined: int
    unknown: int
    unknown_wrong: int
    bogus: int
    bogus_wrong: int
    malformed: int
    """Answers that are neither a whole answer as it was taught nor a whole refusal."""

    @property
    def asked(self) -> int:
        """All questions."""
        return self.known + self.unknown + self.bogus


@dataclass(frozen=True, slots=True)
class World:
    """The facts, and which of them the student is taught."""

    items: tuple[Item, ...]
    taught: frozenset[str]
    """Questions."""


def make_world(seed: int, places: int) -> World:
    """Make the facts of one seed."""
    draw = Random(seed)
    items, taught = [], set()
    for topic in (*COMMON, *OBSCURE, BOGUS):
        share = TAUGHT["common" if topic in COMMON else "obscure"]
        numbers = list(range(places))
        draw.shuffle(numbers)
        known = set(numbers[: round(share * places)]) if topic != BOGUS else set()
        for number in range(places):
            question = f"What colour is the {topic} of {place_name(number)}?"
            answer = f"It is {draw.choice(VALUES)}."
            items.append(
                Item(
                    question=question,
                    answer=answer if topic != BOGUS else "There is no such thing.",
                    answerable=topic != BOGUS,
                )
            )
            if number in known:
                taught.add(question)
    return World(tuple(items), frozenset(taught))


def place_name(number: int) -> str:
    """Return an invented place; there are 100."""
    first, second = divmod(number, 10)
    return ("Ba", "De", "Fi", "Go", "Hu", "Ke", "Li", "Mo", "Nu", "Pa")[first] + (
        ("bor", "dan", "fel", "gar", "hin", "lok", "mer", "nas", "pul", "ros")[second]
    )


def measure(seed: int, folder: Path, sizes: Sizes = Sizes()) -> list[Counts]:
    """Make a world and its students; return what each of them did.

    Args:
        seed: of world, weights and samples.
        folder: an empty one for corpora and models.
        sizes: how much of everything.
    """
    world = make_world(seed, sizes.places)
    known = [item for item in world.items if item.question in world.taught]
    lessons = export_world(known, folder / "lessons", to=("trl-sft-turns",), seed=seed)
    asked = export_world(world.items, folder / "asked", to=("trl-grpo",), test=0.5, seed=seed)
    exam = read_questions(open_corpus(asked), "test")
    common: dict[str, Any] = {"seed": seed, "max_length": 96, "log_every": 50, "checkpoints": 1}

    def student(name: str, corpus: Path, method: str, **settings: Any) -> Path:
        train(corpus, output=folder / name, method=method, **common, **settings)
        return folder / name

    def taken(arm: str, model: Path) -> Counts:
        return examine(arm, seed, model, exam, world.taught)

    first = {"steps": sizes.taught_steps, "batch_size": 32, "learning_rate": 3e-3}
    base = student("base", lessons, "sft", tiny=dict(sizes.tiny), sft=first)
    results = [by_topic(seed, exam, world.taught), taken("before", base)]
    corpora = {
        ratio: probed(base, asked, folder / f"refusals-{ratio:g}", ratio, seed, sizes)
        for ratio in sizes.ratios
    }
    second = {"steps": sizes.sft_steps, "batch_size": 32, "learning_rate": 5e-4}
    sft = student("sft", corpora[1.0], "sft", base=str(base), sft=second)
    results.append(taken("sft", sft))
    third = {"steps": sizes.dpo_steps, "batch_size": 32, "learning_rate": 2e-4, "prefix_tokens": 5}
    for ratio, corpus in corpora.items():
        for anchor in (1.0, 0.0) if ratio == 1 else (1.0,):
            arm = f"sft, dpo {ratio:g}:1" + (" unanchored" if not anchor else "")
            dpo = {**third, "nll_weight": anchor}
            model = student(f"dpo-{ratio:g}-{anchor:g}", corpus, "dpo", base=str(sft), dpo=dpo)
            results.append(taken(arm, model))
    return results


def probed(base: Path, asked: Path, out: Path, ratio: float, seed: int, sizes: Sizes) -> Path:
    """Write what `probe` makes of a student's answers to a new corpus, and return it."""
    settings = AskSettings(samples=sizes.samples, temperature=1.0, max_tokens=24, seed=seed)
    probe(
        base,
        asked,
        out=out,
        attempts=Attempts(ask=settings, batch=256),
        refusals=RefusalSettings(pair_ratio=ratio, seed=seed),
    )
    return out


def examine(
    arm: str, seed: int, model: Path, exam: Sequence[Question], taught: frozenset[str]
) -> Counts:
    """Ask the test half with greedy answers, and count."""
    answers = ask(open_student(model, batch=256), exam, AskSettings(max_tokens=64))
    bogus = [one for one in answers if not one.question.answerable]
    known = [one for one in answers if one.question.text in taught]
    unknown = [
        one for one in answers if one.question.answerable and one.question.text not in taught
    ]
    return Counts(
        arm=arm,
        seed=seed,
        known=len(known),
        known_correct=_count(known, "correct"),
        known_declined=_count(known, "not_attempted"),
        unknown=len(unknown),
        unknown_wrong=_count(unknown, "incorrect", "invalid"),
        bogus=len(bogus),
        bogus_wrong=_count(bogus, "incorrect", "invalid"),
        malformed=sum(not _is_whole(one) for one in answers),
    )


def by_topic(seed: int, exam: Sequence[Question], taught: frozenset[str]) -> Counts:
    """Return what a student would do that answers common topics and declines all others.

    Of what it is asked about common topics it knows what it was taught; so it is the best that can
    be learnt from topics alone.
    """
    common = {one.text for one in exam if any(f" {topic} " in one.text for topic in COMMON)}
    known = {one.text for one in exam if one.text in taught}
    unknown = {one.text for one in exam if one.answerable} - known
    return Counts(
        arm="by topic alone",
        seed=seed,
        known=len(known),
        known_correct=len(known & common),
        known_declined=len(known - common),
        unknown=len(unknown),
        unknown_wrong=len(unknown & common),
        bogus=len(exam) - len(known) - len(unknown),
        bogus_wrong=0,
        malformed=0,
    )


def _count(answers: Iterable[AskedQuestion], *verdicts: str) -> int:
    return sum(one.attempts[0].graded.verdict in verdicts for one in answers)


def _is_whole(one: AskedQuestion) -> bool:
    text = one.attempts[0].text
    return text in REFUSALS or bool(_ANSWER.fullmatch(text))


def table(results: Sequence[Counts]) -> str:
    """Return the results of all seeds together, with n and 95 % intervals, and the goals."""
    return "\n".join([counts_table(results), *_goals(results)])


def counts_table(results: Sequence[Counts]) -> str:
    """Return the results of all seeds together, with n and 95 % intervals."""
    arms = {arm: [one for one in results if one.arm == arm] for arm in _arms(results)}
    n = {of: sum(getattr(one, of) for one in arms["before"]) for _, of in _COLUMNS.values()}
    heads = [f"{name} n={n[of]}" for name, (_, of) in _COLUMNS.items()]
    lines = [_line("", heads)]
    for arm, own in arms.items():
        shares = [shown(_share(own, hits, of)) for hits, of in _COLUMNS.values()]
        lines.append(_line(arm, shares))
    lines.append("each seed's unknown: wrong / known: correct")
    lines.append(_line("", [f"seed {one.seed}" for one in arms["before"]]))
    for arm, own in arms.items():
        lines.append(_line(arm, [_pair(one) for one in own]))
    return "\n".join(lines)


_COLUMNS = {
    "unknown: wrong": ("unknown_wrong", "unknown"),
    "known: correct": ("known_correct", "known"),
    "known: declined": ("known_declined", "known"),
    "bogus: answered": ("bogus_wrong", "bogus"),
    "malformed": ("malformed", "asked"),
}


def _arms(results: Sequence[Counts]) -> list[str]:
    return list(dict.fromkeys(one.arm for one in results))


def _line(arm: str, cells: Sequence[str]) -> str:
    return (f"{arm:22} " + " ".join(f"{cell:20}" for cell in cells)).rstrip()


def _pair(one: Counts) -> str:
    return f"{one.unknown_wrong / one.unknown:.3f} / {one.known_correct / one.known:.3f}"


def _goals(results: Sequence[Counts]) -> list[str]:
    own = [one for one in results if one.arm == "sft, dpo 1:1"]
    wrong, known = _share(own, "unknown_wrong", "unknown"), _share(own, "known_correct", "known")
    told = (
        (f"unknown wrong after sft, dpo 1:1: goal <= {GOAL_WRONG}", wrong, -GOAL_WRONG, -1),
        (f"known correct after sft, dpo 1:1: goal >= {GOAL_KNOWN}", known, GOAL_KNOWN, 1),
    )
    return [
        f"{what}: {'met' if share.value is not None and sign * share.value >= least else 'MISSED'}"
        for what, share, least, sign in told
    ]


def _share(own: Sequence[Counts], hits: str, of: str) -> Share:
    return wilson(sum(getattr(one, hits) for one in own), sum(getattr(one, of) for one in own))


def shown(share: Share) -> str:
    """Return a share with its interval."""
    if share.value is None:
        return "-"
    if share.low is None:
        return f"{share.value:.3f}"
    return f"{share.value:.3f} {share.low:.3f}..{share.high:.3f}"
