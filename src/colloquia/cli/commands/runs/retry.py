"""`colloquia retry`: failed dialogues get another try."""

from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import RunArgument
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal
from colloquia.core.text import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    from colloquia.runs.retry import retry as retry_failed

    done = retry_failed(terminal.store, run, causes=cause)
    if terminal.as_json:
        terminal.print_json(done.model_dump(mode="json"))
        return
    if not done.pending_again:
        terminal.say("nothing to retry: no dialogue of this run has failed")
        return
    again = counted(done.pending_again, "dialogue")
    terminal.say(f"{again} pending again: {in_words(done.causes)}")
    terminal.note(f"next: {terminal.next_command('run')} RECIPE, the recipe this run was made with")


def advice(terminal: Terminal, failed: "Mapping[str, int]") -> str:
    """Return what to do about failed dialogues: another try, or first what would fail it too."""
    from colloquia.runs.retry import TO_BE_MENDED

    hopeless = [cause for cause in failed if cause in TO_BE_MENDED]
    if not hopeless:
        return f"failed ones get another try with {terminal.next_command('retry')}"
    mended = f"{' and '.join(hopeless)} would fail again: mend what they failed of"
    if len(hopeless) == len(failed):
        return f"{mended}, then {terminal.next_command('retry')}"
    others = " ".join(f"--cause {cause}" for cause in failed if cause not in TO_BE_MENDED)
    return f"{mended}; the others get another try with {terminal.next_command(f'retry {others}')}"
