"""`colloquia watch` and `colloquia stop`: a run that another process works on."""

import time
from typing import TYPE_CHECKING

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import RunArgument, open_store
from colloquia.cli.view.progress import RunProgress
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.totals import reasons_given, totals

if TYPE_CHECKING:
    from colloquia.core.run_manifest import RunManifest
    from colloquia.store.repository import Store

LOOK_EVERY_S = 0.5


@with_terminal
def watch(terminal: Terminal, run: RunArgument = None) -> None:
    """Follow a run that another process works on, until it ends.

    Ctrl-C ends the watching, not the run.
    """
    from colloquia.runs.handle import manifest_in

    with open_store(terminal) as store:
        manifest = manifest_in(store, run)
        worker = store.worker(manifest.id)
        if worker is not None:
            terminal.note(f"{worker} works on {manifest.id}; Ctrl-C ends the watching, not the run")
            try:
                _follow_run(terminal, store, manifest)
            except KeyboardInterrupt:
                terminal.note("no longer watching; the run goes on")
                if not terminal.as_json:
                    return
        _tell_end(terminal, store, manifest, was_worked_on=worker is not None)


@with_terminal
def stop(terminal: Terminal, run: RunArgument = None) -> None:
    """Ask the process that works on a run to stop, and wait until it has.

    Calls in flight finish and are kept; the same `colloquia run` as before goes on later.
    """
    from colloquia.runs.handle import manifest_in

    with open_store(terminal) as store:
        manifest = manifest_in(store, run)
        worker = store.worker(manifest.id)
        asked = store.ask_to_stop(manifest.id)
        if asked:
            terminal.note(f"asked {worker} to stop; calls in flight finish first")
            _follow_run(terminal, store, manifest)
        _tell_end(terminal, store, manifest, was_worked_on=asked)


def _follow_run(terminal: Terminal, store: "Store", manifest: "RunManifest") -> None:
    """Show how it goes until nobody works on the run any more."""
    with RunProgress(terminal, watching=True) as progress:
        progress.begin(manifest)
        while store.worker(manifest.id) is not None:
            time.sleep(LOOK_EVERY_S)


def _tell_end(
    terminal: Terminal, store: "Store", manifest: "RunManifest", *, was_worked_on: bool
) -> None:
    counts = store.counts(manifest.id)
    if terminal.as_json:
        document = totals(manifest.id, counts, seconds=None)
        terminal.print_json(document | {"was_worked_on": was_worked_on})
        return
    if not was_worked_on:
        terminal.say(f"nobody works on {manifest.id}")
    terminal.say(counts.summary, *reasons_given(terminal, counts))
    if counts.pending:
        terminal.note("the same 'colloquia run' as before goes on with what is pending")
