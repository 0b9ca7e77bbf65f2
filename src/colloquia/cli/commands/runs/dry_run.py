"""`colloquia run --dry-run`: what the run would do, without a word written."""

from typing import TYPE_CHECKING

from colloquia.cli.view.printable import one_line
from colloquia.cli.view.projection import forecast_as_json, forecast_lines
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.totals import left_unread, list_bad_lines, unwritable

if TYPE_CHECKING:
    from colloquia.core.recipe import Recipe


def tell_dry_run(terminal: Terminal, recipe: "Recipe", *, fresh: bool, batch: bool) -> None:
    """Say what a run of this recipe would do, in batches or request by request."""
    from colloquia.runs.dry_run import dry_run
    from colloquia.runs.run_models import idle_limits

    forecast = dry_run(recipe, store=terminal.store, fresh=fresh, batch=batch)
    if terminal.as_json:
        terminal.print_json(forecast_as_json(forecast))
        return
    list_bad_lines(terminal, forecast.bad_snippets, forecast.problems)
    state = f"continues {forecast.run}" if forecast.run else one_line(forecast.near or "a new run")
    terminal.say(
        f"recipe {forecast.recipe_hash}: {state}",
        f"snippets {forecast.snippets:,}, bad lines {forecast.bad_snippets:,}",
        *left_unread(
            forecast.passed_over,
            forecast.id_clashes,
            copies=forecast.copies,
            first_copy=forecast.first_copy,
        ),
        f"dialogues {forecast.to_do:,} to do, {forecast.finished:,} finished before",
        f"models {one_line(', '.join(forecast.models))}",
        f"personas {one_line(', '.join(forecast.personas))}",
        *unwritable(forecast.rejected),
        *forecast_lines(forecast),
    )
    if notice := idle_limits(recipe):
        terminal.note(notice)
    if batch:
        terminal.note("the time is that of single requests: a wave of batches takes up to a day")
    terminal.note("nothing was written; the same command without --dry-run does it")
