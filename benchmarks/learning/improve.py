"""Two rounds of self-improvement on held-out questions: does a student gain by its own answers?

The offline teacher talks about the invented people of `examples/`, and reviews what the student
answers about those it was trained on. Every round is made and measured, whether it gains or not.
With `--base` low-rank adapters are trained on it; else a student is made from nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import colloquia
from colloquia.finetune.measure.intervals import wilson
from colloquia.rounds.results import RoundResult

PEOPLE = Path(__file__).parents[2] / "examples" / "data" / "invented_people.jsonl"
ROUNDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large all of it is."""

    snippets: int = 40
    steps: int = 100
    questions: int = 40
    tokens: int = 40


FULL = Sizes()
SHORT = Sizes(snippets=8, steps=4, questions=4, tokens=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The rounds of one seed."""

    seed: int
    rounds: tuple[RoundResult, ...]


def measure(
    seed: int, work: Path, *, base: Path | None = None, sizes: Sizes = FULL
) -> list[Result]:
    """Make all rounds.

    Args:
        seed: of the students; the dialogues of round 0 are the same for all seeds.
        work: an empty folder to work in.
        base: a folder with a model that has language; None for a student from nothing.
        sizes: how large all of it is.
    """
    recipe = {
        "seed": 7,
        "snippets": {"path": str(PEOPLE), "limit": sizes.snippets},
        "personas": ["curious_teen"],
        "dialogue": {"exchanges": [3, 4], "unanswerable_share": 0.1},
        "export": {"split": {"train": 0.6, "test": 0.4}},
    }
    training: dict[str, Any] = {"seed": seed, "checkpoints": 1, "sft": {"steps": sizes.steps}}
    if base is not None:
        training |= {"base": str(base), "lora": True, "sft": {"epochs": 2, "batch_size": 4}}
    found = colloquia.improve(
        recipe,
        output=work / "improved",
        rounds=ROUNDS,
        patience=ROUNDS + 1,
        limit=sizes.questions,
        max_tokens=sizes.tokens,
        **training,
    )
    return [Result(seed=seed, rounds=found.rounds)]


def table(results: Sequence[Result]) -> str:
    """Return a line per round: all seeds together with Wilson's interval, then each seed's."""
    lines = [f"held-out questions of all seeds together, {len(results)} seeds"]
    lines.append(f"{'round':<6}{'accepted':>14}{'own rows':>10}{'n':>6}  {'right':<18}by seed")
    for number in range(ROUNDS + 1):
        made = [rounds[number] for one in results if len(rounds := one.rounds) > number]
        if not made:
            continue
        shares = [
            one.right for one in made if one.right is not None and one.right.value is not None
        ]
        n = sum(share.n for share in shares)
        right = wilson(sum(round((share.value or 0) * share.n) for share in shares), n)
        accepted = f"{sum(one.accepted for one in made)} of {sum(one.planned for one in made)}"
        own = sum(one.rows.own for one in made if one.rows)
        shown = f"{right.value:.3f} {right.low:.3f}..{right.high:.3f}" if n else "-"
        each = " ".join(f"{share.value:.3f}" for share in shares)
        lines.append(f"{number:<6}{accepted:>14}{own:>10}{n:>6}  {shown:<18}  {each}")
    return "\n".join(lines)
