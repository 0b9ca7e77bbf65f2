"""`colloquia evaluate`: what a student knows, what it can read, and what it admits not to know."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.asking import (
    BatchOption,
    CorpusArgument,
    LimitOption,
    ModelArgument,
    SeedOption,
    Teller,
    TokensOption,
)
from colloquia.cli.common import Common, with_common
from colloquia.cli.printable import counted

if TYPE_CHECKING:
    from rich.table import Table

    from colloquia.finetune.cells import Cell
    from colloquia.finetune.evaluation import Evaluation
    from colloquia.finetune.intervals import Share


@with_common
def evaluate(
    common: Common,
    model: ModelArgument,
    folder: CorpusArgument,
    against: Annotated[
        Path | None,
        typer.Option(metavar="BASE", help="A second model, e.g. the one before training."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="OUT", help="A new folder for JSON, answers and plot."),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="The held-out split; test or validation by itself.")
    ] = None,
    limit: LimitOption = 500,
    max_tokens: TokensOption = 96,
    batch: BatchOption = None,
    seed: SeedOption = 0,
) -> None:
    """Measure a student on training and held-out questions, with the passage and without.

    Answers are graded by rule as correct, not attempted or incorrect; intervals are 95 %.
    """
    from colloquia.finetune.evaluation import evaluate as measure

    found = measure(
        model,
        folder,
        against=against,
        split=split,
        limit=limit,
        max_tokens=max_tokens,
        batch=batch,
        seed=seed,
        out=out,
        told=Teller(common=common),
    )
    if common.as_json:
        common.document(found.document())
        return
    common.say(_table(found))
    for measured in found.models():
        for cell in measured.cells:
            if cell.unasked:
                common.note(
                    f"{measured.model}: {counted(cell.unasked, 'question')} of {cell.split}, "
                    f"{cell.book} book, didn't fit into its window"
                )
        if one := measured.perplexity:
            common.say(
                f"{measured.model}: perplexity {one.value:,.2f} "
                f"({one.low:,.2f} to {one.high:,.2f}) on {one.rows:,} rows of {found.split}"
            )
    if out is not None:
        common.note(f"{out}: evaluation.json, answers.jsonl, evaluation.png")


def _table(found: "Evaluation") -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for name in ("questions", "model", "n"):
        table.add_column(name)
    for name in ("correct", "not attempted", "incorrect", "F1", "grounded"):
        table.add_column(name, justify="right")
    for cell in found.after.cells:
        for kind in ("answerable", "unanswerable"):
            for measured in found.models():
                one = measured.cell(cell.split, cell.book)
                table.add_row(
                    f"{cell.split}, {cell.book}, {kind}", *_row(measured.model, one, kind)
                )
    return table


def _row(model: str, cell: "Cell", kind: str) -> list[str]:
    triple = getattr(cell, kind)
    answerable = kind == "answerable"
    return [
        model,
        str(triple.n),
        *(_said(getattr(triple, name)) for name in ("correct", "not_attempted", "incorrect")),
        _said(cell.f1) if answerable else "",
        _said(cell.grounded) if answerable and cell.grounded else "",
    ]


def _said(share: "Share") -> str:
    if share.value is None:
        return "-"
    return f"{share.value:.2f} ({share.low:.2f}-{share.high:.2f})"
