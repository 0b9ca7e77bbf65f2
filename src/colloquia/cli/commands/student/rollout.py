"""`colloquia rollout`: a student in an environment, its episodes into the store."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.student.asking import (
    AskingProgress,
    BatchOption,
    ModelArgument,
    SeedOption,
    TemperatureOption,
)
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.finetune.environments.protocol import TaskSet
    from colloquia.finetune.environments.rollouts import RolloutPlan
    from colloquia.store.reading import RunCounts


@with_terminal
def rollout(
    terminal: Terminal,
    model: ModelArgument,
    environment: Annotated[
        str, typer.Option(metavar="NAME", help="terminal, or MODULE:NAME of a task set of yours.")
    ] = "terminal",
    split: Annotated[str, typer.Option(metavar="NAME", help="Of the tasks: train or test.")] = (
        "train"
    ),
    k: Annotated[int, typer.Option("-k", min=1, metavar="N", help="Episodes per task.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Most tasks.")] = None,
    temperature: TemperatureOption = 1.0,
    max_tokens: Annotated[
        int, typer.Option(min=1, metavar="N", help="Longest action, in tokens.")
    ] = 64,
    batch: BatchOption = None,
    seed: SeedOption = 0,
) -> None:
    """Let a student act in an environment, and keep the transcripts.

    The same command goes on where it was interrupted.
    """
    from colloquia.finetune.environments.find import find_environment
    from colloquia.finetune.environments.playing import PlaySettings
    from colloquia.finetune.environments.rollouts import RolloutPlan

    found = find_environment(environment)
    plan = RolloutPlan(
        tasks=found.tasks(split)[:limit],
        samples=k,
        seed=seed,
        settings=PlaySettings(temperature=temperature, max_tokens=max_tokens),
    )
    found.make()  # refuses before anything is loaded
    run_id, counts = _roll_out_visibly(terminal, model, found, plan, batch=batch)
    if terminal.as_json:
        terminal.print_json(
            {
                "run": run_id,
                "planned": counts.planned,
                "solved": counts.accepted,
                "unsolved": sum(counts.rejected.values()),
                "failed": sum(counts.failed.values()),
                "pending": counts.pending,
            }
        )
    else:
        terminal.say(f"run {run_id}: {counts.summary}")
    if counts.pending:
        terminal.note("interrupted: the same command goes on")
        raise typer.Exit(INTERRUPTED)
    terminal.note(f"next: colloquia export {run_id} --to echo-jsonl --only all -o episodes")


def _roll_out_visibly(
    terminal: Terminal,
    model: Path,
    environment: "TaskSet",
    plan: "RolloutPlan",
    *,
    batch: int | None,
) -> "tuple[str, RunCounts]":
    """Return the run and where it stands; the first signal lets it stop after a turn."""
    from colloquia.finetune.environments.rollouts import roll_out
    from colloquia.finetune.measure.asking import open_student
    from colloquia.models.local.hub import find_model
    from colloquia.store.repository import Store

    identity = {"student": find_model(str(model)).fingerprint()}
    student = open_student(model, batch=batch)
    progress, asked = AskingProgress(terminal=terminal), False

    def stop() -> None:
        nonlocal asked
        asked = True

    def tell(counts: "RunCounts") -> None:
        progress(f"{model}: episodes", counts.planned - counts.pending, counts.planned)

    with Signals() as signals, Store.open(terminal.store, create=True) as store:
        signals.on_first(stop, then=lambda: terminal.note("stopping; what is done is kept"))
        rolled = roll_out(
            student,
            environment,
            plan,
            store=store,
            identity=identity,
            watch=tell,
            stopped=lambda: asked,
        )
        manifest = asyncio.run(rolled)
        return manifest.id, store.counts(manifest.id)
