"""`colloquia run`: work off a recipe, or go on where it stopped."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
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
from colloquia.cli.commands.runs.dry_run import tell_dry_run
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import INTERRUPTED
from colloquia.cli.view.progress import RunProgress
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.totals import (
    left_unread,
    list_bad_lines,
    reasons_given,
    shorter_than_asked,
    speed,
    stale_dialogues,
    totals,
)
from colloquia.core.errors import BudgetReached

if TYPE_CHECKING:
    from colloquia.core.recipe import Recipe
    from colloquia.core.run_manifest import RunManifest
    from colloquia.runs.handle import Run
    from colloquia.runs.start import OnStart
    from colloquia.simulator.runner import Runner
    from colloquia.store.reading import RunCounts


def _concurrency(value: str | None) -> str | None:
    if value is None or value == "auto" or (value.isdecimal() and int(value) > 0):
        return value
    raise typer.BadParameter(f"{value!r} is neither a number of at least 1 nor 'auto'")


WorkersOption = Annotated[
    int, typer.Option(min=1, help="Processes that share the work, to use several cores.")
]
BatchOption = Annotated[
    bool, typer.Option("--batch", help="Ask in batches: half the price, replies within a day.")
]


@with_terminal
def run(
    terminal: Terminal,
    recipe: RecipeArgument,
    snippets: SnippetsOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    concurrency: Annotated[
        str | None,
        typer.Option(metavar="N|auto", help="Dialogues at once.", callback=_concurrency),
    ] = None,
    seed: SeedOption = None,
    workers: WorkersOption = 1,
    batch: BatchOption = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew beside the old run.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    budget: Annotated[
        float | None, typer.Option(metavar="USD", help="At most so much money for the whole run.")
    ] = None,
    allow_unpriced: Annotated[
        bool, typer.Option("--allow-unpriced", help="Count models of unknown price as 0.")
    ] = False,
    fail_on_error: Annotated[
        float, typer.Option(min=0, max=1, help="Exit 1 if more than this share failed.")
    ] = 0.1,
) -> None:
    """Run a recipe, or continue it where it stopped.

    The same command again continues; a finished run has nothing left to do. Ctrl-C lets calls in
    flight finish and keeps all that is done; a second Ctrl-C ends at once.
    """
    with Signals() as signals:
        from colloquia.core.recipe import load_recipe  # first: a wrong recipe is told at once

        chosen = load_recipe(recipe).override(
            snippets=snippets,
            limit=limit,
            model=model,
            seed=seed,
            concurrency=int(concurrency) if concurrency and concurrency != "auto" else concurrency,
            budget_usd=budget,
            allow_unpriced=allow_unpriced or None,
        )
        if dry_run:
            tell_dry_run(terminal, chosen, fresh=fresh, batch=batch)
            return
        progress = RunProgress(terminal, in_batches=batch)
        how = {"fresh": fresh, "workers": workers, "batch": batch}
        working = _begin_run(terminal, chosen, progress, signals, **how)
        done = _run_visibly(terminal, progress, working)
    counts = done.counts()
    if terminal.as_json:
        terminal.print_json(_run_as_json(done, counts, progress))
    else:
        _tell_run(terminal, done, counts, progress)
    if done.interrupted:
        _tell_how_to_continue(terminal, done, fresh=fresh)
    raise typer.Exit(_exit_code(terminal, done, counts, fail_on_error=fail_on_error))


def _tell_how_to_continue(terminal: Terminal, done: "Run", *, fresh: bool) -> None:
    again = "the same command without --fresh" if fresh else "the same command"
    why = "stopped from another terminal" if done.asked_to_stop else "interrupted"
    terminal.note(f"{why}: all finished work is kept; {again} continues")


def _run_visibly(
    terminal: Terminal, progress: RunProgress, work: Coroutine[Any, Any, "Run"]
) -> "Run":
    """Do the work where it can be seen; where a ceiling ends it, tell how far it came."""
    try:
        with progress:
            return asyncio.run(work)
    except BudgetReached as reached:
        _tell_so_far(terminal, progress, reached)
        raise


def _begin_run(
    terminal: Terminal,
    recipe: "Recipe",
    progress: RunProgress,
    signals: Signals,
    **how: Any,
) -> Coroutine[Any, Any, "Run"]:
    from colloquia.runs.start import arun

    return arun(
        recipe,
        store=terminal.store,
        **how,
        on_start=begin_visibly(terminal, recipe, progress, signals),
        on_finish=progress.finished,
    )


def begin_visibly(
    terminal: Terminal, recipe: "Recipe", progress: RunProgress, signals: Signals
) -> "OnStart":
    """Return what lets people see how a run goes, and lets the first signal stop it."""
    from colloquia.runs.run_models import idle_limits

    def on_start(runner: "Runner", manifest: "RunManifest") -> None:
        signals.on_first(runner.stop, asyncio.get_running_loop(), then=progress.stopping)
        if notice := idle_limits(recipe):
            terminal.note(notice)
        progress.begin(manifest)

    return on_start


def _tell_so_far(terminal: Terminal, progress: RunProgress, reached: BudgetReached) -> None:
    """Tell what is done when a ceiling ended the run; with --json, the error in the same document.

    Raises:
        typer.Exit: all is told.
    """
    from colloquia.runs.handle import find_run
    from colloquia.store.location import Location

    if progress.run.manifest is None:
        return
    done = find_run(terminal.store, progress.run.manifest.id)
    counts = done.counts()
    if terminal.as_json:
        error = {"error": str(reached), "exit_code": reached.exit_code}
        terminal.print_json(
            totals(done.id, counts, seconds=None) | {"worked_on": progress.done_here} | error
        )
        raise typer.Exit(reached.exit_code)
    terminal.say(counts.summary, *reasons_given(terminal, counts))
    terminal.say(f"store {Location.of(terminal.store).shown}, run {done.id}")
    sys.stdout.flush()  # in a log that takes both, the error comes after it


def _run_as_json(done: "Run", counts: "RunCounts", progress: RunProgress) -> dict[str, object]:
    return totals(done.id, counts, seconds=done.seconds) | {
        "worked_on": progress.done_here,
        "interrupted": done.interrupted,
        "bad_snippets": {"count": done.snippets.bad, "first": done.snippets.problems},
        "passed_over": dict(done.snippets.passed_over),
        "id_clashes": list(done.snippets.clashes()),
        "duplicates_merged": done.snippets.copies,
        "stale": done.stale(counts),
        "shorter_than_asked": done.shorter(),
    }


def _tell_run(terminal: Terminal, done: "Run", counts: "RunCounts", progress: RunProgress) -> None:
    from colloquia.store.location import Location

    list_bad_lines(terminal, done.snippets.bad, done.snippets.problems)
    idle = not progress.done_here and not done.interrupted
    if idle:
        terminal.say("nothing to do: this run is finished; --fresh starts anew beside it")
    terminal.say(counts.summary, *reasons_given(terminal, counts))
    if not idle:
        terminal.say(speed(progress.done_here, done.seconds, calls=counts.calls))
    terminal.say(*_remarks(done, counts))
    terminal.say(f"store {Location.of(terminal.store).shown}, run {done.id}")
    if counts.accepted and not done.interrupted:
        terminal.note(
            f"next: {terminal.next_command('show')}, or {terminal.next_command('export -o corpus')}"
        )


def _remarks(done: "Run", counts: "RunCounts") -> Iterator[str]:
    """Yield what is odd about snippets and dialogues, a line each."""
    read = done.snippets
    yield from left_unread(
        read.passed_over, read.clashes(), copies=read.copies, first_copy=read.first_copy()
    )
    if stale := done.stale(counts):
        yield stale_dialogues(stale)
    if short := done.shorter():
        yield shorter_than_asked(short, exchanges=done.manifest.recipe.dialogue.exchanges[0])


def _exit_code(
    terminal: Terminal, done: "Run", counts: "RunCounts", *, fail_on_error: float
) -> int:
    if done.interrupted:
        return INTERRUPTED
    failed = sum(counts.failed.values())
    if failed > fail_on_error * counts.planned:
        share = f"{failed:,} of {counts.planned:,} dialogues failed"
        terminal.tell_error(f"{share}, more than --fail-on-error {fail_on_error:g}")
        return 1
    if not counts.accepted:
        terminal.tell_error("no dialogue was accepted; see why with colloquia ls")
        return 1
    return 0
