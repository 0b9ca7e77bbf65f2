"""`colloquia train`: a student from an exported corpus."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.training_progress import TrainingProgress

if TYPE_CHECKING:
    from colloquia.finetune.data.examples import CorpusShare
    from colloquia.finetune.train.masks import Stretch
    from colloquia.finetune.train.stage import StepReport
    from colloquia.finetune.train.training import StageResult, TrainResult

Methods = Annotated[
    str | None,
    typer.Option(metavar="METHOD,…", help="sft, dpo, kto, grpo, echo; one after the other."),
]
Steps = Annotated[int | None, typer.Option(min=1, help="Optimizer steps.")]
Epochs = Annotated[float | None, typer.Option(help="Times through the rows instead.")]
LearningRate = Annotated[float | None, typer.Option(help="The highest.")]
BatchSize = Annotated[int | None, typer.Option(min=1, help="Rows in memory at once.")]
PrefixTokens = Annotated[
    int | None, typer.Option(min=1, help="dpo: compare only how answers begin.")
]
NllWeight = Annotated[
    float | None, typer.Option(min=0, help="dpo: weight of the chosen answer's own loss.")
]
MaxLength = Annotated[int | None, typer.Option(min=16, help="Tokens per row.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Of weights and order.")]
Folders = Annotated[
    list[Path],
    typer.Argument(metavar="DIR…", help="What export made; several are mixed.", show_default=False),
]
Weights = Annotated[
    str | None, typer.Option(metavar="W,W,…", help="Of several corpora, e.g. 0.7,0.3.")
]
RowsOrder = Annotated[
    Literal["random", "increasing", "adaptive"] | None,
    typer.Option(help="sft, grpo, echo: of the rows, by what the student can do."),
]
Beta = Annotated[float | None, typer.Option(help="dpo, kto, grpo, echo: how near to the base.")]
Base = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL|tiny", help="A folder, .gguf file or ORG/NAME@REVISION, or from nothing."
    ),
]
Config = Annotated[Path | None, typer.Option(metavar="FILE", help="YAML with a section 'train'.")]

Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="A folder that isn't there yet.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with a training that was interrupted.")
]

ShowMasks = Annotated[
    bool, typer.Option("--show-masks", help="Show what is learnt of the first row, and stop.")
]


@with_terminal
def train(
    terminal: Terminal,
    folders: Folders,
    weights: Weights = None,
    method: Methods = None,
    base: Base = None,
    lora: Annotated[bool, typer.Option("--lora", help="Low-rank adapters, merged.")] = False,
    output: Output = Path("student"),
    resume: Resume = False,
    config: Config = None,
    steps: Steps = None,
    epochs: Epochs = None,
    learning_rate: LearningRate = None,
    batch_size: BatchSize = None,
    packing: Annotated[bool, typer.Option("--packing", help="sft: rows share sequences.")] = False,
    order: RowsOrder = None,
    beta: Beta = None,
    prefix_tokens: PrefixTokens = None,
    nll_weight: NllWeight = None,
    max_length: MaxLength = None,
    seed: Seed = None,
    show_masks: ShowMasks = False,
) -> None:
    """Train a student on exports: a small model from nothing, or one of yours.

    Ctrl-C saves a checkpoint; the same command with --resume goes on from there.
    """
    stage = {
        "steps": steps,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "packing": packing or None,
        "order": order,
        "beta": beta,
        "prefix_tokens": prefix_tokens,
        "nll_weight": nll_weight,
    }
    whole = {
        "base": base,
        "lora": lora or None,
        "weights": _read_weights(weights),
        "max_length": max_length,
        "seed": seed,
    }
    settings = _read_settings(method, config, stage, whole)
    if show_masks:
        _tell_masks(terminal, folders[0], config=config, settings=settings)
        return
    result = _train_visibly(
        terminal, folders, output=output, resume=resume, config=config, settings=settings
    )
    if terminal.as_json:
        terminal.print_json(result.model_dump(mode="json"))
    else:
        _tell_result(terminal, result)
    if result.interrupted:
        terminal.note("interrupted and saved: the same command with --resume goes on")
        raise typer.Exit(INTERRUPTED)


def _read_weights(value: str | None) -> list[float] | None:
    """Read `0.7,0.3`."""
    try:
        return None if value is None else [float(part) for part in value.split(",")]
    except ValueError:
        raise typer.BadParameter(f"--weights {value}: write it like 0.7,0.3") from None


def _read_settings(
    method: str | None, config: Path | None, stage: dict[str, Any], whole: dict[str, Any]
) -> dict[str, Any]:
    """Return the flags as settings: those of a stage belong to the one method that is trained."""
    all_methods = {"method": method, **whole}
    settings = {name: value for name, value in all_methods.items() if value not in (None, "")}
    given = {name: value for name, value in stage.items() if value is not None}
    if not given:
        return settings
    flag = f"--{next(iter(given)).replace('_', '-')}"
    if config is not None:
        raise typer.BadParameter(f"{flag}: write it into {config}, for the method it is meant for")
    methods = (method or "sft").split(",")
    if len(methods) > 1:
        raise typer.BadParameter(
            f"{flag} with several methods: write it into a file for --config, for one of them"
        )
    only = methods[0].strip()
    _refuse_other_methods(given, only)
    return {**settings, only: given}


def _refuse_other_methods(given: dict[str, Any], method: str) -> None:
    from colloquia.finetune.settings import METHODS, methods_with

    for name in given:
        fitting = methods_with(name)
        if method in METHODS and method not in fitting:
            flag = f"--{name.replace('_', '-')}"
            *others, last = fitting
            owners = f"{', '.join(others)} and {last}" if others else last
            raise typer.BadParameter(f"{flag} goes with {owners}, not with {method}")


def _train_visibly(
    terminal: Terminal, folders: list[Path], *, settings: dict[str, Any], **options: Any
) -> "TrainResult":
    """Train where it can be seen how it goes; the first signal stops it at a checkpoint."""
    asked = False

    def stop() -> None:
        nonlocal asked
        asked = True

    with Signals() as signals, TrainingProgress(terminal) as progress:
        from colloquia.finetune.train.training import train as train_student

        def on_step(step: "StepReport") -> None:
            if not progress.began:
                signals.on_first(stop, then=progress.stopping)
            progress.step(step)

        return train_student(
            folders, watch=on_step, should_stop=lambda: asked, **options, **settings
        )


def _tell_result(terminal: Terminal, result: "TrainResult") -> None:
    for number, stage in enumerate(result.stages, start=1):
        terminal.say(f"{number}. {_stage_line(stage)}")
        for share in stage.shares:
            terminal.say(f"   {_share_line(share, stage)}")
        if stage.rows.alike:
            terminal.note(
                f"warning: {stage.method}: {counted(stage.rows.alike, 'pair')} left out: the "
                f"answers begin alike for prefix_tokens {result.settings.dpo.prefix_tokens}"
            )
        if stage.rows.contradictory:
            terminal.note(
                f"warning: {stage.method}: {counted(stage.rows.contradictory, 'answer')} left out: "
                "one pair prefers what another turns down"
            )
        if stage.rows.cut or stage.rows.left_out:
            terminal.note(
                f"warning: {stage.method}: of {counted(stage.rows.read, 'row')}, "
                f"{stage.rows.cut:,} lost answers at their end and {stage.rows.left_out:,} were "
                f"left out: longer than max_length {result.settings.max_length}"
            )
        if (stage.cut_answers or 0.0) > _MANY_CUT:
            terminal.note(
                f"warning: {stage.method}: {stage.cut_answers:.0%} of the answers were cut at "
                f"max_tokens {result.settings.grpo.max_tokens}, and a cut one is never right"
            )
    if not result.interrupted:
        terminal.say(f"{result.output}: the student, in {result.seconds:.0f} s")


#: A share of answers; a student that has learnt to end does in nearly all.
_MANY_CUT = 0.1


def _stage_line(stage: "StageResult") -> str:
    parts = [f"{stage.method}: {counted(stage.steps, 'step')} on {counted(stage.rows.used, 'row')}"]
    figures = {"loss": stage.loss, "validation loss": stage.validation_loss}
    if stage.reward is not None:
        figures = {"reward": stage.reward, "validation reward": stage.validation_reward}
    for name, values in figures.items():
        if values is not None:
            parts.append(f"{name} {values[0]:.2f} -> {values[1]:.2f}")
    if stage.groups:
        parts.append(f"{stage.mixed_groups:,} of {stage.groups:,} groups differed in reward")
    return ", ".join(parts)


def _share_line(share: "CorpusShare", stage: "StageResult") -> str:
    line = (
        f"{share.corpus}: weight {share.weight:.2f}, {counted(share.drawn, 'row')} drawn, "
        f"{share.epochs:.1f} epochs"
    )
    if losses := stage.validation_losses.get(share.corpus):
        line += f", validation loss {losses[0]:.2f} -> {losses[1]:.2f}"
    return line


def _tell_masks(
    terminal: Terminal, folder: Path, *, config: Path | None, settings: dict[str, Any]
) -> None:
    from colloquia.finetune.train.masks import show_masks

    stretches = show_masks(folder, config=config, settings=settings)
    if terminal.as_json:
        terminal.print_json([_as_plain(one) for one in stretches])
        return
    shown = Text()
    for one in stretches:
        # The brackets are for readers without colours.
        heard = one.kind == "observation"
        words = f"[[{one.text}]]" if one.trained else one.text
        mark = f"({one.kind} {one.weight:g})" if one.trained and one.kind else ""
        shown.append(words, ("bold cyan" if heard else "bold green") if one.trained else "dim")
        shown.append(mark, "dim")
    trained = sum(one.tokens for one in stretches if one.trained)
    terminal.say(shown)
    terminal.note(
        f"between [[ and ]]: {trained:,} of {sum(s.tokens for s in stretches):,} tokens are learnt"
    )


def _as_plain(one: "Stretch") -> dict[str, Any]:
    plain = {"trained": one.trained, "tokens": one.tokens, "text": one.text}
    return plain | ({} if one.kind is None else {"kind": one.kind, "weight": one.weight})
