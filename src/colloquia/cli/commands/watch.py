"""`colloquia watch` and `colloquia stop`: a run that another process works on."""

import time
from typing import TYPE_CHECKING

from colloquia.cli.commands.opening import RunArgument, opened
from colloquia.cli.view.common import Common, with_common
from colloquia.cli.view.progress import Progress
from colloquia.cli.view.totals import reasons_given, totals

if TYPE_CHECKING:
    from colloquia.core.run_manifest import RunManifest
    from colloquia.store.repository import Store

LOOK_EVERY_S = 0.5


@with_common
def watch(common: Common, run: RunArgument = None) -> None:
    """Follow a run that another process works on, until it ends.

    Ctrl-C ends the watching, not the run.
    """
    from colloquia.runs.handle import manifest_in

    with opened(common) as store:
        manifest = manifest_in(store, run)
        worker = store.worker(manifest.id)
        if worker is not None:
            common.note(f"{worker} works on {manifest.id}; Ctrl-C ends the watching, not the run")
            try:
                _follow(common, store, manifest)
            except KeyboardInterrupt:
                common.note("no longer watching; the run goes on")
                if not common.as_json:
                    return
        _tell_end(common, store, manifest, was_worked_on=worker is not None)


@with_common
def stop(common: Common, run: RunArgument = None) -> None:
    """Ask the process that works on a run to stop, and wait until it has.

    Calls in flight finish and are kept; the same `colloquia run` as before goes on later.
    """
    from colloquia.runs.handle import manifest_in

    with opened(common) as store:
        manifest = manifest_in(store, run)
        worker = store.worker(manifest.id)
        asked = store.ask_to_stop(manifest.id)
        if asked:
            common.note(f"asked {worker} to stop; calls in flight finish first")
            _follow(common, store, manifest)
        _tell_end(common, store, manifest, was_worked_on=asked)


def _follow(common: Common, store: "Store", manifest: "RunManifest") -> None:
    """Show how it goes until nobody works on the run any more."""
    with Progress(common, watching=True) as progress:
        progress.begin(manifest)
        while store.worker(manifest.id) is not None:
            time.sleep(LOOK_EVERY_S)


def _tell_end(
    common: Common, store: "Store", manifest: "RunManifest", *, was_worked_on: bool
) -> None:
    counts = store.counts(manifest.id)
    if common.as_json:
        document = totals(manifest.id, counts, seconds=None)
        common.document(document | {"was_worked_on": was_worked_on})
        return
    if not was_worked_on:
        common.say(f"nobody works on {manifest.id}")
    common.say(counts.summary, *reasons_given(common, counts))
    if counts.pending:
        common.note("the same 'colloquia run' as before goes on with what is pending")
