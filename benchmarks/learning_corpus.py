"""A student of an exported corpus, before and after: `evaluate` on what the teacher made of a file.

The whole way as a user goes it: run, export, train, evaluate. Before is the same student with the
weights that training begins with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import colloquia
from colloquia.core.recipe import Recipe, Snippets
from colloquia.finetune.cells import Cell
from colloquia.finetune.evaluation import evaluate
from colloquia.finetune.intervals import Share

FORMATS = ("trl-sft", "trl-dpo", "trl-grpo")
SPLIT = {"train": 0.9, "test": 0.1}
EPOCHS = 12.0
LIMIT = 150  # questions per split


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One corpus, with what a student did before and after."""

    context: str
    seed: int
    dialogues: int
    loss: tuple[float, float]
    perplexity: tuple[float | None, float | None]
    cells: tuple[tuple[Cell, Cell], ...]
    """Before and after, per split and book."""


def measure(
    seed: int, work: Path, *, snippets: Path, context: str = "closed", epochs: float = EPOCHS
) -> list[Result]:
    """Run, export, train and evaluate.

    Args:
        seed: of the student.
        work: an empty folder to work in.
        snippets: a file of snippets.
        context: `closed` or `open`: what the corpus shows while training.
        epochs: how often the student sees the corpus.
    """
    recipe = Recipe(snippets=Snippets(path=str(snippets.absolute())))
    run = colloquia.run(recipe, store=str(work / "run.db"))
    corpus = work / "corpus"
    run.export(str(corpus), to=list(FORMATS), split=SPLIT, context=context)
    blank, student = work / "blank", work / "student"
    colloquia.train(corpus, output=blank, seed=seed, **_settings(steps=1, learning_rate=1e-12))
    trained = colloquia.train(corpus, output=student, seed=seed, **_settings(epochs=epochs))
    found = evaluate(student, corpus, against=blank, limit=LIMIT)
    before, after = found.models()
    return [
        Result(
            context=context,
            seed=seed,
            dialogues=run.counts().accepted,
            loss=trained.stages[0].loss or (float("nan"), float("nan")),
            perplexity=(_perplexity(before), _perplexity(after)),
            cells=tuple((before.cell(cell.split, cell.book), cell) for cell in after.cells),
        )
    ]


def _settings(**sft: Any) -> dict[str, Any]:
    return {"method": "sft", "checkpoints": 1, "sft": {"batch_size": 8} | sft}


def _perplexity(measured: Any) -> float | None:
    return measured.perplexity.value if measured.perplexity else None


def table(results: Sequence[Result]) -> str:
    """Return shares of answers before and after, with n and 95 % intervals."""
    lines = []
    for one in results:
        lines += [
            f"student of {one.dialogues} dialogues, trained with the passage "
            f"{'shown' if one.context == 'open' else 'hidden'}, seed {one.seed}: "
            f"loss {one.loss[0]:.2f} -> {one.loss[1]:.2f}, "
            f"held-out perplexity {_number(one.perplexity[0])} -> {_number(one.perplexity[1])}",
            f"{'questions':<22}{'book':<8}{'n':>5}  {'':<14}{'before':>8}{'after':>8}  95 % after",
        ]
        for before, after in one.cells:
            for name in ("answerable", "unanswerable"):
                old, new = getattr(before, name), getattr(after, name)
                for verdict in ("correct", "not_attempted", "incorrect"):
                    if name == "unanswerable" and verdict == "correct":
                        continue
                    was, now = getattr(old, verdict), getattr(new, verdict)
                    lines.append(
                        f"{after.split + ', ' + name:<22}{after.book:<8}{now.n:>5}  {verdict:<14}"
                        f"{_share(was)}{_share(now)}  {_interval(now)}"
                    )
    return "\n".join(lines)


def _share(share: Share) -> str:
    return f"{share.value:>8.3f}" if share.value is not None else f"{'-':>8}"


def _interval(share: Share) -> str:
    return f"{share.low:.3f}..{share.high:.3f}" if share.low is not None else ""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
