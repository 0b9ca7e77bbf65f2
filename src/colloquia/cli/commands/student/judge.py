"""`colloquia judge`: a student's own answers compared, for a second round of DPO."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.student.asking import (
    AskingProgress,
    BatchOption,
    CorpusArgument,
    LimitOption,
    ModelArgument,
    OutOption,
    SeedOption,
    TemperatureOption,
    TokensOption,
    finite,
    tell_unasked,
)
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.finetune.judge.judging import Judged


Judges = Annotated[
    list[str] | None,
    typer.Option("--judge", metavar="MODEL", help="Who judges; again for a panel."),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option(metavar="RECIPE", help="Its models, prompts and limits; its critic judges."),
]
Samples = Annotated[int, typer.Option("-k", min=2, metavar="N", help="Answers per question.")]
By = Annotated[Literal["accuracy", "overall"], typer.Option(help="overall: with style and detail.")]
Margin = Annotated[
    float,
    typer.Option(
        min=0.01, max=4, callback=finite, metavar="G", help="Grades of 1 to 5, in both orders."
    ),
]
Others = Annotated[
    list[Path] | None,
    typer.Option("--with", metavar="DIR", help="A corpus whose pairs are added; repeatable."),
]
Budget = Annotated[
    float | None, typer.Option(min=0.0001, callback=finite, help="Most USD for the judges.")
]
Context = Annotated[
    Literal["closed", "open"] | None,
    typer.Option(help="open shows the passage to the student; by default as the corpus does."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where it was cut off.")]


@with_terminal
def judge(
    terminal: Terminal,
    model: ModelArgument,
    folder: CorpusArgument,
    out: OutOption,
    judges: Judges = None,
    recipe: RecipeFile = None,
    k: Samples = 4,
    by: By = "accuracy",
    margin: Margin = 1.0,
    others: Others = None,
    budget: Budget = None,
    context: Context = None,
    temperature: TemperatureOption = 1.0,
    limit: LimitOption = None,
    max_tokens: TokensOption = 96,
    batch: BatchOption = None,
    seed: SeedOption = 0,
    resume: Resume = False,
) -> None:
    """Ask each training question k times and have the answers judged, for a second round of DPO.

    OUT holds judged.jsonl and pairs for: colloquia train OUT --method dpo --base MODEL
    """
    from colloquia.core.recipe import Recipe, load_recipe
    from colloquia.finetune.judge.judging import judge as make_pairs
    from colloquia.finetune.judge.made_pairs import JudgeSettings
    from colloquia.finetune.measure.asking import AskSettings

    chosen = load_recipe(recipe) if recipe else None
    if budget is not None:
        chosen = (chosen or Recipe()).override(budget_usd=budget)
    ask = AskSettings(
        book=context or "closed",
        samples=k,
        temperature=temperature,
        max_tokens=max_tokens,
        seed=seed,
    )
    result = make_pairs(
        model,
        folder,
        out=out,
        judges=judges or (),
        recipe=chosen,
        settings=JudgeSettings(
            ask=ask, own_book=context is None, by=by, margin=margin, limit=limit, batch=batch
        ),
        others=others or (),
        resume=resume,
        watch=AskingProgress(terminal=terminal),
    )
    _tell_result(terminal, result, out=out)
    if not terminal.as_json:
        terminal.note(f"next: colloquia train {out} --method dpo --base {model}")


def _tell_result(terminal: Terminal, result: "Judged", *, out: Path) -> None:
    if terminal.as_json:
        document = result.model_dump(mode="json", exclude={"manifest"})
        terminal.print_json({"out": str(out), **document})
        return
    dropped = ", ".join(f"{number:,} {why}" for why, number in result.dropped.items()) or "none"
    won = result.longer_won
    terminal.say(
        f"{counted(result.questions, 'question')}, judged by {', '.join(result.judges)}: "
        f"{counted(result.pairs, 'pair')}; dropped: {dropped.replace('_', ' ')}",
        f"the longer answer won {_share(won)} of {counted(won.n, 'pair')} of unequal length",
        f"{out}/dpo: " + ", ".join(f"{name} {number:,}" for name, number in result.sources.items()),
    )
    if result.faults:
        named = ", ".join(f"{kind} {number:,}" for kind, number in result.faults.items())
        terminal.say(f"faults named: {named}")
    tell_unasked(terminal, result.dropped.get("unasked", 0), "see judged.jsonl")


def _share(share: object) -> str:
    value, low, high = (getattr(share, name) for name in ("value", "low", "high"))
    return "-" if value is None else f"{value:.0%} ({low:.0%} to {high:.0%})"
