"""`colloquia check`: is an exported corpus still what its manifest says?"""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.view.common import Common, with_common
from colloquia.cli.view.errors import BAD_INPUT
from colloquia.cli.view.printable import counted, one_line


@with_common
def check(
    common: Common,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="What export made.", show_default=False)
    ],
) -> None:
    """Validate an export again: hashes, the shape of every row, splits and sums."""
    from colloquia.corpus.check import check as check_corpus

    found = check_corpus(folder)
    if common.as_json:
        common.document(found.model_dump(mode="json"))
    else:
        for problem in found.problems:
            place = f"{problem.file}:{problem.line}" if problem.line else problem.file
            common.say(one_line(f"{place}: {problem.code}: {problem.message}"))
        verdict = "ok" if found.ok else f"not ok: {counted(len(found.problems), 'problem')}"
        common.say(f"{folder}: {verdict}, {counted(found.rows, 'row')}")
        common.note(f"checked: {', '.join(found.checks)}")
    if not found.ok:
        raise typer.Exit(BAD_INPUT)
