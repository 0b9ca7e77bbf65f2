"""`colloquia preview`: a few real dialogues to read, and what the whole run would take."""

import asyncio
import shlex
from itertools import islice
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
from colloquia.cli.commands.runs.run import run_recipe
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.printable import counted
from colloquia.cli.view.progress import RunProgress
from colloquia.cli.view.projection import forecast_as_json, forecast_lines
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.transcript import transcript

if TYPE_CHECKING:
    from colloquia.core.recipe import Recipe
    from colloquia.core.record import DialogueRecord
    from colloquia.runs.dry_run import DryRun


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
        from colloquia.runs.dry_run import dry_run

        before = dry_run(chosen, store=terminal.store)
        missing = min(number - before.finished, before.to_do)
        progress = RunProgress(terminal)
        if missing > 0:
            with progress:
                done = asyncio.run(
                    run_recipe(
                        terminal, chosen.override(limit=number), progress, signals, at_most=missing
                    )
                )
            if done.interrupted:
                terminal.note("interrupted: what was made is kept; the same command goes on")
                raise typer.Exit(INTERRUPTED)
    records = _first_records(terminal, chosen, number)
    forecast = dry_run(chosen, store=terminal.store)
    if terminal.as_json:
        terminal.print_json(_preview_as_json(records, forecast))
    else:
        _tell_preview(terminal, records, forecast, made=progress.done_here)
        if forecast.to_do and not _none_accepted(records):
            _tell_next_command(
                terminal, recipe, snippets=snippets, limit=limit, model=model, seed=seed
            )
    if why := _none_accepted(records):
        terminal.tell_error(why)
        raise typer.Exit(1)


def _none_accepted(records: "list[DialogueRecord]") -> str | None:
    """Return where it is said why no dialogue was accepted; None where one was."""
    outcomes = [record.dialogue.outcome for record in records]
    if "accepted" in outcomes:
        return None
    failed = outcomes.count("failed")
    if failed == len(outcomes):
        return "all of these failed; what each ended of is said below it"
    others = f", and {failed:,} failed: what they ended of is said below them" if failed else ""
    return f"none of these was accepted; the reviews above say why{others}"


def _first_records(terminal: Terminal, recipe: "Recipe", number: int) -> "list[DialogueRecord]":
    """Return the first finished dialogues of the recipe's run, in the order of its snippets."""
    from colloquia.runs.prepare import prepare
    from colloquia.store.repository import Store

    with Store.open(terminal.store) as store:
        run = store.latest_run(prepare(recipe).recipe_hash)
        if run is None:
            return []
        finished = store.records(run.id, outcomes=("accepted", "rejected", "failed"))
        return list(islice(finished, number))


def _preview_as_json(records: "list[DialogueRecord]", forecast: "DryRun") -> dict[str, Any]:
    return {
        "run": forecast.run,
        "dialogues": [record.model_dump(mode="json") for record in records],
        "rest": forecast_as_json(forecast),
    }


def _tell_preview(
    terminal: Terminal, records: "list[DialogueRecord]", forecast: "DryRun", *, made: int
) -> None:
    for position, record in enumerate(records):
        terminal.say(*([""] if position else []), *transcript(record, drafts=True))
    terminal.say("")
    if not made:
        terminal.note("these were made before; nobody was asked anything")
    if forecast.to_do:
        left = counted(forecast.to_do, "dialogue")
        terminal.say(f"the rest of the run, {left}:")
    terminal.say(*forecast_lines(forecast, previewed=True))


def _tell_next_command(terminal: Terminal, recipe: Path, **changes: str | int | None) -> None:
    given = [
        f" --{name} {shlex.quote(str(value))}"
        for name, value in changes.items()
        if value is not None
    ]
    again = terminal.next_command(f"run {shlex.quote(str(recipe))}{''.join(given)}")
    terminal.note(f"next: {again} goes on from these; nothing is paid twice")
