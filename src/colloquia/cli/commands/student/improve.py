"""`colloquia improve`: rounds in which a student learns from its own accepted answers."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.choices import RecipeArgument
from colloquia.cli.commands.student.asking import AskingProgress, TemperatureOption, finite
from colloquia.cli.commands.student.train import Base, Config, Seed
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.training_progress import TrainingProgress

if TYPE_CHECKING:
    from colloquia.core.run_manifest import RunManifest
    from colloquia.core.types import Dialogue
    from colloquia.finetune.measure.intervals import Share
    from colloquia.rounds.improving import RoundWatch
    from colloquia.rounds.results import Improvement, RoundResult
    from colloquia.simulator.runner import Runner

LEGEND = """\
accepted: dialogues of those planned; rows: the teacher's + the student's own
that were learnt; right: held-out questions answered, or declined, rightly;
gain: over the best round before, paired by question; 95 % intervals"""

Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="New, or of the same command.")
]
TeacherShare = Annotated[
    float,
    typer.Option(min=0, max=0.99, callback=finite, help="Least share of the teacher's rows."),
]
Patience = Annotated[int, typer.Option(min=1, help="Rounds in a row that may gain nothing.")]

_SAY_EVERY = 100  # dialogues


@with_terminal
def improve(
    terminal: Terminal,
    recipe: RecipeArgument,
    output: Output = Path("improved"),
    rounds: Annotated[int, typer.Option(min=1, help="After the teacher's, at most.")] = 2,
    role: Annotated[
        Literal["answerer", "questioner"], typer.Option(help="What the student plays.")
    ] = "answerer",
    samples: Annotated[
        int, typer.Option("-k", min=1, max=8, metavar="N", help="Drafts of each answer.")
    ] = 4,
    temperature: TemperatureOption = 0.7,
    teacher_share: TeacherShare = 0.6,
    context: Annotated[
        Literal["open", "closed"], typer.Option(help="open shows the passage to the student.")
    ] = "open",
    patience: Patience = 1,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Most questions per split.")] = 150,
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="Longest reply.")] = 96,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Its replies at once.")] = 1,
    base: Base = None,
    lora: Annotated[bool, typer.Option("--lora", help="Low-rank adapters, merged.")] = False,
    seed: Seed = None,
    config: Config = None,
) -> None:
    """Let a student learn from its own accepted answers, round by round.

    Round 0 is the teacher's. The same command goes on where it stopped; Ctrl-C keeps what is done.
    """
    settings: dict[str, Any] = {"base": base, "lora": lora or None, "seed": seed}
    with Signals() as signals, TrainingProgress(terminal) as training:
        from colloquia.rounds.improving import improve as improve_student

        found = improve_student(
            recipe,
            output=output,
            rounds=rounds,
            role=role,
            samples=samples,
            temperature=temperature,
            teacher_share=teacher_share,
            context=context,
            patience=patience,
            limit=limit,
            max_tokens=max_tokens,
            batch=batch,
            config=config,
            watch=_watch(terminal, signals, training),
            **{name: value for name, value in settings.items() if value is not None},
        )
    if terminal.as_json:
        terminal.print_json(found.model_dump(mode="json") | {"student": found.student})
    else:
        _tell(terminal, found)
    if found.interrupted:
        terminal.note("interrupted: all finished work is kept; the same command continues")
        raise typer.Exit(INTERRUPTED)


def _watch(terminal: Terminal, signals: Signals, training: TrainingProgress) -> "RoundWatch":
    """Return what lets people see how rounds go, and lets the first signal stop them."""
    from colloquia.rounds.improving import RoundWatch

    asked, ended = False, 0

    def stop() -> None:
        nonlocal asked
        asked = True

    def stopping() -> None:
        terminal.note("stopping: what is done is kept; Ctrl-C again ends at once")

    def part(number: int, name: str) -> None:
        nonlocal ended
        ended = 0
        signals.on_first(stop, then=stopping)
        terminal.note(f"round {number}: {name}")

    def on_start(runner: "Runner", manifest: "RunManifest") -> None:
        signals.on_first(runner.stop, asyncio.get_running_loop(), then=stopping)

    def on_finish(dialogue: "Dialogue") -> None:
        nonlocal ended
        ended += 1
        if ended % _SAY_EVERY == 0:
            terminal.note(f"{ended:,} dialogues ended")

    return RoundWatch(
        part=part,
        on_start=on_start,
        on_finish=on_finish,
        step=training.step,
        asked=AskingProgress(terminal=terminal),
        should_stop=lambda: asked,
    )


def _tell(terminal: Terminal, found: "Improvement") -> None:
    terminal.say(_table(found.rounds), LEGEND)
    if found.stopped:
        terminal.say(f"ended: {found.stopped}")
    if found.best is not None:
        terminal.say(f"{found.student}: the best student, of round {found.best.number}")
        terminal.note(
            f"{found.output}: improve.json, improve.png; {found.held_out_snippets:,} snippets "
            "were held out of all rounds"
        )


def _table(rounds: "Sequence[RoundResult]") -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("round", no_wrap=True)
    for name in ("accepted", "rows", "n", "right %", "gain", "corpus", "student"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in rounds:
        rows = f"{one.rows.teacher}+{one.rows.own}" if one.rows else "-"
        table.add_row(
            str(one.number),
            f"{one.accepted} of {one.planned}",
            rows,
            str(one.right.n) if one.right else "-",
            _percent(one.right),
            _percent(one.gain, signed=True),
            (one.corpus_sha256 or "-")[:8],
            (one.student_sha256 or "-")[:8],
        )
    return table


def _percent(share: "Share | None", *, signed: bool = False) -> str:
    if share is None or share.value is None:
        return "-"
    sign = "+" if signed else ""
    value = f"{100 * share.value:{sign}.0f}"
    if share.low is None or share.high is None:
        return value
    return f"{value} ({100 * share.low:{sign}.0f}..{100 * share.high:{sign}.0f})"
