"""`colloquia retry`: failed dialogues get another try."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import RunArgument, open_store
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.totals import in_words
from colloquia.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: What the same request or recipe meets again.
TO_BE_MENDED = frozenset({"fatal", "loop", "agent_error"})


@with_terminal
def retry(
    terminal: Terminal,
    run: RunArgument = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(metavar="C", help="Only those that failed so; can be repeated."),
    ] = None,
) -> None:
    """Make failed dialogues pending again; the next `colloquia run` takes them up.

    Each is asked anew from its beginning; the calls of earlier tries are kept in the ledger.
    """
    from colloquia.runs.handle import manifest_in

    with open_store(terminal) as store:
        manifest = manifest_in(store, run)
        failed = store.counts(manifest.id).failed
        chosen = _chosen(failed, cause)
        again = asyncio.run(store.retry(manifest.id, chosen)) if chosen else 0
    if terminal.as_json:
        terminal.print_json({"run": manifest.id, "pending_again": again, "causes": chosen})
        return
    if not again:
        terminal.say("nothing to retry: no dialogue of this run has failed")
        return
    terminal.say(f"{counted(again, 'dialogue')} pending again: {in_words(chosen)}")
    terminal.note(f"next: {terminal.next_command('run')} RECIPE, the recipe this run was made with")


def advice(terminal: Terminal, failed: "Mapping[str, int]") -> str:
    """Return what to do about failed dialogues: another try, or first what would fail it too."""
    hopeless = [cause for cause in failed if cause in TO_BE_MENDED]
    if not hopeless:
        return f"failed ones get another try with {terminal.next_command('retry')}"
    mended = f"{' and '.join(hopeless)} would fail again: mend what they failed of"
    if len(hopeless) == len(failed):
        return f"{mended}, then {terminal.next_command('retry')}"
    others = " ".join(f"--cause {cause}" for cause in failed if cause not in TO_BE_MENDED)
    return f"{mended}; the others get another try with {terminal.next_command(f'retry {others}')}"


def _chosen(failed: "Mapping[str, int]", causes: "Collection[str] | None") -> dict[str, int]:
    """Return the causes to retry and how many dialogues each has.

    Raises:
        UserError: none has failed of a cause that was asked for.
    """
    from colloquia.core.wording import did_you_mean

    for cause in causes or ():
        if cause not in failed:
            known = in_words(failed) or "none at all"
            hint = did_you_mean(cause, failed)
            raise UserError(f"no dialogue has failed of {cause!r}{hint}; failed: {known}")
    return {cause: failed[cause] for cause in causes} if causes else dict(failed)
