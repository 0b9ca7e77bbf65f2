"""`colloquia evaluate`: what a student knows, what it can read, and what it admits not to know."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.student.asking import (
    AskingProgress,
    BatchOption,
    CorpusArgument,
    LimitOption,
    ModelArgument,
    SeedOption,
    TokensOption,
    tell_unasked,
)
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.finetune.measure.cells import Cell
    from colloquia.finetune.measure.intervals import Share
    from colloquia.finetune.measure.perplexity import Perplexity
    from colloquia.finetune.measure.results import Evaluation
    from colloquia.finetune.measure.thoughts import ThoughtLengths

VERDICTS = ("correct", "not_attempted", "incorrect")
LEGEND = """\
open, closed: with the passage or without; text: does the passage answer it;
declined: not attempted; inv.: invalid, empty or going round in circles; F1:
words shared with the reference; gr.: grounded, answers whose numbers, dates
and names are in passage or question"""


@with_terminal
def evaluate(
    terminal: Terminal,
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
    thought_tokens: Annotated[
        int, typer.Option(min=1, metavar="N", help="As many more where it is to think first.")
    ] = 256,
    batch: BatchOption = None,
    seed: SeedOption = 0,
) -> None:
    """Measure a student on training and held-out questions, with the passage and without.

    Answers are graded by rule as correct, not attempted, incorrect or invalid; intervals are 95 %.
    """
    from colloquia.finetune.measure.evaluation import evaluate as measure

    evaluation = measure(
        model,
        folder,
        against=against,
        split=split,
        limit=limit,
        max_tokens=max_tokens,
        thought_tokens=thought_tokens,
        batch=batch,
        seed=seed,
        out=out,
        watch=AskingProgress(terminal=terminal),
    )
    if terminal.as_json:
        terminal.print_json(evaluation.document())
        return
    terminal.say(_table(evaluation), LEGEND)
    for measured in evaluation.models():
        for cell in measured.cells:
            of = f" of {cell.split}, {cell.book} book, by {measured.model}"
            tell_unasked(terminal, cell.unasked, cell.problem, of=of)
            if cell.thoughts:
                terminal.say(_thoughts(cell.thoughts, of=of))
        if one := measured.perplexity:
            terminal.say(
                f"{measured.model}: perplexity {one.value:,.2f} ({_interval(one)}) "
                f"on {counted(one.rows, 'row')} of {evaluation.split}"
            )
    if out is not None:
        terminal.note(f"{out}: evaluation.json, answers.jsonl, evaluation.png")


def _table(evaluation: "Evaluation") -> Table:
    title = "in %, each share with its 95 % interval"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for name in ("questions", "text", "model"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "correct", "declined", "incorrect", "inv.", "F1", "gr."):
        table.add_column(name, justify="right", no_wrap=True)
    names = ("before", "after") if evaluation.before else ("",)
    for cell in evaluation.after.cells:
        for kind, answerable in (("answerable", "yes"), ("unanswerable", "no")):
            for name, measured in zip(names, evaluation.models(), strict=True):
                one = measured.cell(cell.split, cell.book)
                where = f"{cell.split} {cell.book}"
                table.add_row(where, answerable, name, *_row(one, kind))
    return table


def _row(cell: "Cell", kind: str) -> list[str]:
    outcomes = getattr(cell, kind)
    known = kind == "answerable"
    return [
        str(outcomes.n),
        *(_share_cell(getattr(outcomes, name)) for name in VERDICTS),
        _share_cell(outcomes.invalid, plain=True),
        _share_cell(cell.f1, plain=True) if known else "",
        _share_cell(cell.grounded, plain=True) if known and cell.grounded else "",
    ]


def _share_cell(share: "Share", *, plain: bool = False) -> str:
    if share.value is None:
        return "-"
    value = f"{share.value:.0%}".rstrip("%")
    return (
        value
        if plain or share.low is None or share.high is None
        else f"{value} {100 * share.low:.0f}-{100 * share.high:.0f}"
    )


def _thoughts(found: "ThoughtLengths", *, of: str) -> str:
    mean, unended = found.tokens, found.unended
    length = "-" if mean.value is None else f"{mean.value:,.0f}"
    between = (
        "" if mean.low is None or mean.high is None else f" ({mean.low:,.0f}-{mean.high:,.0f})"
    )
    answers = counted(found.answers, "answer")
    return (
        f"thoughts before {_share_cell(found.thought)} % of {answers}{of}: "
        f"{length} tokens{between} on average, {_share_cell(unended)} % without an end"
    )


def _interval(one: "Perplexity") -> str:
    if one.low is None or one.high is None:
        return "one row: no interval"
    return f"{one.low:,.2f} to {one.high:,.2f}"
