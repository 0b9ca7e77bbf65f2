"""`colloquia lint`: what is wrong with recipes, prompts and persona cards, before anything runs."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.errors import BAD_INPUT, LONGEST
from colloquia.cli.view.printable import one_line
from colloquia.cli.view.terminal import Terminal


@with_terminal
def lint(
    terminal: Terminal,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]…", help="Files and folders; this project by default."),
    ] = None,
) -> None:
    """Check recipes, prompt templates and persona cards; exit 2 if anything is wrong.

    Without a PATH it looks at ./recipe.yaml, ./prompts and ./personas.
    """
    from colloquia.runs.lint import lint as lint_files

    report = lint_files(*(paths or ()))
    if terminal.as_json:
        terminal.print_json({"ok": report.ok, **report.model_dump(mode="json")})
    else:
        for problem in report.problems:
            terminal.say(one_line(str(problem), most=LONGEST))
        terminal.note(str(report))
    if not report.ok:
        raise typer.Exit(BAD_INPUT)
