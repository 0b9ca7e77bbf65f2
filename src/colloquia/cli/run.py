"""`colloquia run`: work off a recipe, or go on where it stopped."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.common import Common, with_common
from colloquia.cli.errors import INTERRUPTED
from colloquia.cli.printable import counted, one_line
from colloquia.cli.progress import Progress
from colloquia.cli.signals import Signals
from colloquia.cli.totals import reasons_given, speed, totals

if TYPE_CHECKING:
    from colloquia.core.recipe import Recipe
    from colloquia.core.types import RunManifest
    from colloquia.runs import Run
    from colloquia.simulator.runner import Runner
    from colloquia.store.reading import RunCounts

LISTED_BAD_LINES = 5


def _concurrency(value: str | None) -> str | None:
    if value is None or value == "auto" or (value.isdecimal() and int(value) > 0):
        return value
    raise typer.BadParameter(f"{value!r} is neither a number of at least 1 nor 'auto'")


@with_common
def run(
    common: Common,
    recipe: Annotated[Path, typer.Argument(help="The recipe file.", show_default=False)],
    snippets: Annotated[
        str | None, typer.Option(metavar="FILE", help="A file or folder instead of the recipe's.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many snippets.")] = None,
    model: Annotated[str | None, typer.Option(help="A model for all five roles.")] = None,
    concurrency: Annotated[
        str | None,
        typer.Option(metavar="N|auto", help="Dialogues at once.", callback=_concurrency),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the recipe's.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew beside the old run.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
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
        )
        if dry_run:
            from colloquia.cli.dry_run import tell_forecast

            tell_forecast(common, chosen, fresh=fresh)
            return
        progress = Progress(common)
        with progress:
            done = asyncio.run(_work(common, chosen, progress, signals, fresh=fresh))
    counts = done.counts()
    if common.as_json:
        common.document(_document(done, counts, progress))
    else:
        _tell(common, done, counts, progress)
    if done.interrupted:
        again = "the same command without --fresh" if fresh else "the same command"
        why = "stopped from another terminal" if done.asked_to_stop else "interrupted"
        common.note(f"{why}: all finished work is kept; {again} continues")
    raise typer.Exit(_exit_code(done, counts, fail_on_error=fail_on_error))


async def _work(
    common: Common, recipe: "Recipe", progress: Progress, signals: Signals, *, fresh: bool
) -> "Run":
    from colloquia.app import arun

    def on_start(runner: "Runner", manifest: "RunManifest") -> None:
        signals.then(runner.stop, asyncio.get_running_loop(), told=progress.stopping)
        progress.begin(manifest)

    return await arun(
        recipe,
        store=common.store,
        fresh=fresh,
        on_start=on_start,
        on_finish=progress.finished,
    )


def _document(done: "Run", counts: "RunCounts", progress: Progress) -> dict[str, object]:
    return totals(done.id, counts, seconds=done.seconds) | {
        "worked_on": progress.done_here,
        "interrupted": done.interrupted,
        "bad_snippets": {"count": done.snippets.bad, "first": done.snippets.problems},
        "duplicates_merged": _merged(done, counts),
    }


def _tell(common: Common, done: "Run", counts: "RunCounts", progress: Progress) -> None:
    from colloquia.store.location import Location

    _tell_bad_lines(common, done)
    idle = not progress.done_here and not done.interrupted
    if idle:
        common.say("nothing to do: this run is finished; --fresh starts anew beside it")
    common.say(counts.summary, *reasons_given(counts))
    if not idle:
        common.say(speed(progress.done_here, done.seconds, calls=counts.calls))
    if merged := _merged(done, counts):
        common.say(f"{counted(merged, 'duplicate snippet')} merged")
    common.say(f"store {Location.of(common.store).shown}, run {done.id}")
    if counts.accepted and not done.interrupted:
        common.note(f"next: {common.command('show')}, or {common.command('export -o corpus')}")


def _tell_bad_lines(common: Common, done: "Run") -> None:
    bad = done.snippets.bad
    if not bad:
        return
    listed = done.snippets.problems[:LISTED_BAD_LINES]
    common.note(f"{counted(bad, 'bad snippet line')} left out:")
    common.note(*(f"  {one_line(problem, most=200)}" for problem in listed))
    if bad > len(listed):
        common.note(f"  … and {bad - len(listed):,} more")


def _merged(done: "Run", counts: "RunCounts") -> int:
    """Snippets that came again: read more than once, planned once. Unknown after a stop: 0."""
    return 0 if done.interrupted else max(0, done.snippets.read - counts.planned)


def _exit_code(done: "Run", counts: "RunCounts", *, fail_on_error: float) -> int:
    if done.interrupted:
        return INTERRUPTED
    failed = sum(counts.failed.values())
    if failed > fail_on_error * counts.planned:
        share = f"{failed:,} of {counts.planned:,} dialogues failed"
        sys.stderr.write(f"error: {share}, more than --fail-on-error {fail_on_error:g}\n")
        return 1
    if not counts.accepted:
        sys.stderr.write("error: no dialogue was accepted; see why with colloquia ls\n")
        return 1
    return 0
