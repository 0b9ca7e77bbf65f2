"""`colloquia preview`: a few real dialogues to read, and what the whole run would take."""

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.choices import (
    LimitOption,
    ModelOption,
    RecipeArgument,
    SeedOption,
    SnippetsOption,
)
from colloquia.cli.commands.runs.run import begin_visibly
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.printable import counted
from colloquia.cli.view.progress import RunProgress
from colloquia.cli.view.projection import forecast_as_json, forecast_lines
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.transcript import transcript

if TYPE_CHECKING:
    from colloquia.runs.preview import Preview


@with_terminal
def preview(
    terminal: Terminal,
    recipe: RecipeArgument,
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="How many dialogues.")] = 3,
    snippets: SnippetsOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    seed: SeedOption = None,
) -> None:
    """Make a few dialogues, show them with their reviews, and project the whole run.

    The models of the recipe are asked for real. The dialogues are the first of the run, so
    `colloquia run` goes on from them, and nothing is paid twice.
    """
    with Signals() as signals:
        from colloquia.core.recipe import load_recipe  # first: a wrong recipe is told at once

        chosen = load_recipe(recipe).override(
            snippets=snippets, limit=limit, model=model, seed=seed
        )
        from colloquia.runs.preview import apreview

        with RunProgress(terminal) as progress:
            previewed = asyncio.run(
                apreview(
                    chosen,
                    number=number,
                    store=terminal.store,
                    on_start=begin_visibly(terminal, chosen, progress, signals),
                    on_finish=progress.finished,
                )
            )
    if previewed.interrupted:
        terminal.note("interrupted: what was made is kept; the same command goes on")
        raise typer.Exit(INTERRUPTED)
    if terminal.as_json:
        terminal.print_json(_preview_as_json(previewed))
    else:
        _tell_preview(terminal, previewed, made=progress.done_here)
        if previewed.rest.to_do and not _none_accepted(previewed):
            _tell_next_command(
                terminal, recipe, snippets=snippets, limit=limit, model=model, seed=seed
            )
    if why := _none_accepted(previewed):
        terminal.tell_error(why)
        raise typer.Exit(1)


def _none_accepted(previewed: "Preview") -> str | None:
    """Return where it is said why no dialogue was accepted; None where one was."""
    outcomes = [record.dialogue.outcome for record in previewed.dialogues]
    if "accepted" in outcomes:
        return None
    failed = outcomes.count("failed")
    if failed == len(outcomes):
        return "all of these failed; what each ended of is said below it"
    others = f", and {failed:,} failed: what they ended of is said below them" if failed else ""
    return f"none of these was accepted; the reviews above say why{others}"


def _preview_as_json(previewed: "Preview") -> dict[str, Any]:
    return {
        "run": previewed.run,
        "dialogues": [record.model_dump(mode="json") for record in previewed.dialogues],
        "rest": forecast_as_json(previewed.rest),
    }


def _tell_preview(terminal: Terminal, previewed: "Preview", *, made: int) -> None:
    for position, record in enumerate(previewed.dialogues):
        terminal.say(*([""] if position else []), *transcript(record, drafts=True))
    terminal.say("")
    if not made:
        terminal.note("these were made before; nobody was asked anything")
    if previewed.rest.to_do:
        left = counted(previewed.rest.to_do, "dialogue")
        terminal.say(f"the rest of the run, {left}:")
    terminal.say(*forecast_lines(previewed.rest, previewed=True))


def _tell_next_command(terminal: Terminal, recipe: Path, **changes: str | int | None) -> None:
    given = [
        f" --{name} {shlex.quote(str(value))}"
        for name, value in changes.items()
        if value is not None
    ]
    again = terminal.next_command(f"run {shlex.quote(str(recipe))}{''.join(given)}")
    terminal.note(f"next: {again} goes on from these; nothing is paid twice")
