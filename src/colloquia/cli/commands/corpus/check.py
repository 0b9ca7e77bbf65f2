"""`colloquia check`: is an exported corpus still what its manifest says?"""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.errors import BAD_INPUT, LONGEST
from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.terminal import Terminal


@with_terminal
def check(
    terminal: Terminal,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="What export made.", show_default=False)
    ],
) -> None:
    """Validate an export again: hashes, the shape of every row, splits and sums."""
    from colloquia.corpus.check import check as check_corpus

    result = check_corpus(folder)
    if terminal.as_json:
        terminal.print_json(result.model_dump(mode="json"))
    else:
        for problem in result.problems:
            terminal.say(one_line(str(problem), most=LONGEST))
        verdict = "ok" if result.ok else f"not ok: {counted(len(result.problems), 'problem')}"
        terminal.say(f"{folder}: {verdict}, {counted(result.rows, 'row')}")
        terminal.note(f"checked: {', '.join(result.checks)}")
    if not result.ok:
        raise typer.Exit(BAD_INPUT)
