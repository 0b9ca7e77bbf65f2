"""`colloquia probe`: what a student knows, and the rows that teach it to decline the rest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    finite,
    tell_unasked,
)
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.finetune.measure.selection import Probed


@with_terminal
def probe(
    terminal: Terminal,
    model: ModelArgument,
    folder: CorpusArgument,
    out: OutOption,
    k: SamplesOption = 8,
    pair_ratio: Annotated[
        float,
        typer.Option(
            min=0.01,
            metavar="R",
            callback=finite,
            help="Pairs 'refusal over wrong' per 'correct over refusal'.",
        ),
    ] = 1.0,
    usual: Annotated[
        float,
        typer.Option(
            min=0, max=1, callback=finite, help="Share of right answers that counts as known."
        ),
    ] = 0.5,
    context: ContextOption = "closed",
    temperature: TemperatureOption = 1.0,
    limit: LimitOption = None,
    max_tokens: TokensOption = 96,
    batch: BatchOption = None,
    seed: SeedOption = 0,
) -> None:
    """Ask each training question k times, and write a corpus that teaches when to decline.

    OUT holds probe.jsonl and rows for: colloquia train OUT --method sft,dpo
    """
    from colloquia.finetune.measure.asking import AskSettings
    from colloquia.finetune.measure.refusal_data import RefusalSettings
    from colloquia.finetune.measure.selection import Attempts
    from colloquia.finetune.measure.selection import probe as make_rows

    ask = AskSettings(
        book=context, samples=k, temperature=temperature, max_tokens=max_tokens, seed=seed
    )
    progress = AskingProgress(terminal=terminal)
    result = make_rows(
        model,
        folder,
        out=out,
        attempts=Attempts(ask=ask, limit=limit, batch=batch),
        refusals=RefusalSettings(usual=usual, pair_ratio=pair_ratio, book=context, seed=seed),
        watch=lambda done, total: progress(f"{model}: answers", done, total),
    )
    _tell_result(terminal, result, out=out, k=k)
    if not terminal.as_json:
        terminal.note(f"next: colloquia train {out} --method sft,dpo --base {model}")


def _tell_result(terminal: Terminal, result: "Probed", *, out: Path, k: int) -> None:
    if terminal.as_json:
        document = result.model_dump(mode="json", exclude={"manifest"})
        terminal.print_json({"out": str(out), **document})
        return
    known = result.tally
    terminal.say(
        f"{counted(known.questions, 'question')}, {counted(k, 'answer')} each: "
        f"of {known.answerable:,} answerable ones "
        f"{known.usually_right:,} are usually right, {known.sometimes:,} now and then",
        f"{out}/sft-turns: {counted(result.answers, 'answer')}, "
        f"{counted(result.refusals, 'refusal')}",
        f"{out}/dpo: {result.correct_over_refusal:,} correct over refusal, "
        f"{result.refusal_over_wrong:,} refusal over wrong",
    )
    tell_unasked(terminal, known.unasked, known.problem)
