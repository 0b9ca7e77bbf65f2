"""Do the best mixtures of single domains add up, as Phi-4-reasoning's report says?

The report's additive property (arXiv 2504.21318): tune the mixture of each domain by itself, then
put them together, and the gains stay. Here two domains of two corpora each, a hard and an easy
rule: letters in reverse, or as they are; the months after some, or the first of them. Each domain's
weight is searched by itself (three trainings each), the two best are put together, and beside it
all nine pairs of weights are tried. What counts is the mean validation loss of a domain's corpora,
or of all four; trainings of both domains have twice the steps.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from statistics import mean

from benchmarks.learning.world import Item, export_world
from colloquia.finetune.train.training import train

WEIGHTS = (0.2, 0.5, 0.8)
"""Of a domain's hard corpus; the easy one has the rest."""
DOMAINS = ("letters", "months")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is; steps were chosen on seed 100."""

    items: int = 400
    """Per corpus, a tenth of them for validation."""
    steps: int = 80
    """Of a single domain."""


QUICK = Sizes(items=40, steps=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One seed: mean validation losses by the weights of the hard corpora."""

    seed: int
    single: dict[str, dict[str, float]]
    """Domain -> weight -> loss."""
    joint: dict[str, float]
    """Both weights, `0.2 0.5` -> loss."""
    seconds: float

    @property
    def added(self) -> str:
        """The best weight of each domain by itself, together."""
        best = [min(losses, key=losses.__getitem__) for losses in self.single.values()]
        return " ".join(best)


def item(domain: str, *, hard: bool, draw: Random) -> Item:
    """Return a question of a corpus."""
    if domain == "letters":
        shown = draw.sample("abcdefghijkl", 3)
        told = f"{'Reverse' if hard else 'Repeat'} {' '.join(shown)}."
        return Item(question=told, answer=" ".join(reversed(shown) if hard else shown))
    places = draw.sample(range(12), 3)
    shown = [MONTHS[place] for place in places]
    after = [MONTHS[(place + 1) % 12] for place in places]
    told = f"{'After' if hard else 'First of'} {' '.join(shown)}?"
    return Item(question=told, answer=" ".join(after) if hard else shown[0])


def measure(seed: int, folder: Path, sizes: Sizes = Sizes()) -> list[Result]:
    """Search each domain by itself, and both together.

    Args:
        seed: of items, weights and draws.
        folder: an empty one.
        sizes: how much of everything.
    """
    started, draw = time.process_time(), Random(seed)
    for domain, hard in product(DOMAINS, (True, False)):
        items = {item(domain, hard=hard, draw=draw): None for _ in range(sizes.items)}
        export_world(
            items,
            folder / f"{domain} {'hard' if hard else 'easy'}",
            to=("trl-sft-turns",),
            test=0.1,
            held_out="validation",
            seed=seed,
        )
    single = {
        domain: {
            str(weight): _loss(folder, {domain: weight}, steps=sizes.steps, seed=seed)
            for weight in WEIGHTS
        }
        for domain in DOMAINS
    }
    joint = {
        f"{one} {other}": _loss(
            folder, dict(zip(DOMAINS, (one, other), strict=True)), steps=2 * sizes.steps, seed=seed
        )
        for one, other in product(WEIGHTS, WEIGHTS)
    }
    seconds = time.process_time() - started
    return [Result(seed=seed, single=single, joint=joint, seconds=seconds)]


def _loss(folder: Path, weights: Mapping[str, float], *, steps: int, seed: int) -> float:
    """Return the mean validation loss of the corpora after a training on their mixture."""
    corpora = [folder / f"{domain} {kind}" for domain in weights for kind in ("hard", "easy")]
    shares = [share for weight in weights.values() for share in (weight, 1 - weight)]
    name = " ".join(f"{domain} {weight}" for domain, weight in weights.items())
    (stage,) = train(
        corpora,
        weights=shares,
        output=folder / f"student {name}",
        seed=seed,
        max_length=96,
        checkpoints=1,
        tiny={
            "hidden_size": 64,
            "layers": 2,
            "heads": 2,
            "intermediate_size": 128,
            "vocabulary": 400,
        },
        sft={"steps": steps, "batch_size": 32, "learning_rate": 5e-3},
    ).stages
    return mean(after for _, after in stage.validation_losses.values())


def table(results: Sequence[Result]) -> str:
    """Return each domain's search, and where the sum of the best stands among all pairs."""
    lines = []
    for domain in DOMAINS:
        cells = [
            f"{weight} {mean(one.single[domain][str(weight)] for one in results):.3f}"
            for weight in WEIGHTS
        ]
        lines.append(f"{domain} alone, by weight of the hard rule: {', '.join(cells)}")
    for one in results:
        ordered = sorted(one.joint, key=one.joint.__getitem__)
        best, even = ordered[0], f"{WEIGHTS[1]} {WEIGHTS[1]}"
        lines.append(
            f"seed {one.seed}: added up {one.added} loss {one.joint[one.added]:.3f}, place "
            f"{ordered.index(one.added) + 1} of {len(ordered)}; best of all pairs {best} "
            f"{one.joint[best]:.3f}; even {one.joint[even]:.3f}; worst {one.joint[ordered[-1]]:.3f}"
        )
    places = [sorted(one.joint, key=one.joint.__getitem__).index(one.added) + 1 for one in results]
    hits = sum(place == 1 for place in places)
    lines.append(
        f"added up is the best of all nine pairs in {hits} of {len(results)} seeds, mean place "
        f"{mean(places):.1f} (by chance 5), with 6 trainings of half the steps in place of 9"
    )
    return "\n".join(lines)
