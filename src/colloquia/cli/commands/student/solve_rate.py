"""`colloquia solve-rate`: the questions at the edge of a student's ability."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.student.asking import (
    AskingProgress,
    BatchOption,
    ContextOption,
    CorpusArgument,
    LimitOption,
    ModelArgument,
    OutOption,
    SamplesOption,
    SeedOption,
    TemperatureOption,
    TokensOption,
    tell_unasked,
)
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal


@with_terminal
def solve_rate(
    terminal: Terminal,
    model: ModelArgument,
    folder: CorpusArgument,
    out: OutOption,
    k: SamplesOption = 8,
    keep: Annotated[
        str, typer.Option(metavar="LOW..HIGH", help="Solve rates to keep.")
    ] = "0.2..0.8",
    plurality: Annotated[
        Path | None,
        typer.Option(metavar="STRONG", help="What this model says most often is right."),
    ] = None,
    context: ContextOption = "closed",
    temperature: TemperatureOption = 1.0,
    limit: LimitOption = None,
    max_tokens: TokensOption = 96,
    batch: BatchOption = None,
    seed: SeedOption = 0,
) -> None:
    """Ask each training question k times, and keep those that are solved now and then.

    OUT holds solve_rate.jsonl with all of them, and the kept ones as rows to train on.
    """
    from colloquia.finetune.measure.asking import AskSettings
    from colloquia.finetune.measure.selection import Attempts, rate
    from colloquia.finetune.measure.solve_rate import parse_band

    band = parse_band(keep)
    ask = AskSettings(
        book=context, samples=k, temperature=temperature, max_tokens=max_tokens, seed=seed
    )
    progress = AskingProgress(terminal=terminal)
    result = rate(
        model,
        folder,
        out=out,
        attempts=Attempts(ask=ask, limit=limit, batch=batch, truth=plurality),
        band=band,
        watch=lambda done, total: progress(f"{model}: answers", done, total),
    )
    if terminal.as_json:
        document = result.model_dump(mode="json", exclude={"manifest"})
        terminal.print_json({"out": str(out), **document})
        return
    for solved, number in result.histogram.items():
        terminal.say(f"  solved {solved}: {number:,}")
    terminal.say(
        f"{out}: {result.kept:,} of {counted(result.tally.questions, 'question')} within {band}"
    )
    if result.undecided:
        terminal.note(f"{counted(result.undecided, 'question')} without a plurality answer")
    tell_unasked(terminal, result.tally.unasked, result.tally.problem)
