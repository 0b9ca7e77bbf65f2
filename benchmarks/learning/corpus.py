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
from colloquia.finetune.measure.cells import Cell
from colloquia.finetune.measure.evaluation import evaluate
from colloquia.finetune.measure.grading import VERDICTS

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
    """Return each student's losses, then shares of answers: before, after, and after by seed."""
    shown = "shown" if results[0].context == "open" else "hidden"
    lines = [f"students of {results[0].dialogues} dialogues, trained with the passage {shown}"]
    for one in results:
        lines.append(
            f"seed {one.seed}: loss {one.loss[0]:.2f} -> {one.loss[1]:.2f}, "
            f"held-out perplexity {_number(one.perplexity[0])} -> {_number(one.perplexity[1])}"
        )
    seeds = " ".join(f"{f'seed {one.seed}':>7}" for one in results)
    lines.append(
        f"{'questions':<21} {'book':<6} {'n':>4} {'':<13} {'before':>7} {'after':>7}  {seeds}"
    )
    for pairs in zip(*(one.cells for one in results), strict=True):
        cell = pairs[0][1]
        for name in ("answerable", "unanswerable"):
            asked = getattr(cell, name).n
            for verdict in VERDICTS:
                if name == "unanswerable" and verdict == "correct":
                    continue
                was, now = (
                    [getattr(getattr(pair[place], name), verdict).value for pair in pairs]
                    for place in (0, 1)
                )
                each = " ".join(f"{_share(value):>7}" for value in now)
                lines.append(
                    f"{f'{cell.split}, {name}':<21} {cell.book:<6} {asked:>4} {verdict:<13} "
                    f"{_share(_mean(was)):>7} {_share(_mean(now)):>7}  {each}"
                )
    return "\n".join(lines)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
