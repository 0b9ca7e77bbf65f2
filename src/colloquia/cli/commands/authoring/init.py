"""`colloquia init`: a small project to run and edit."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.terminal import Terminal
from colloquia.core.errors import UserError


@with_terminal
def init(
    terminal: Terminal,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to put it.")] = Path(),
) -> None:
    """Make a project: a recipe, snippets, a persona and a prompt of your own to change.

    Files that are there already stay as they are.
    """
    from colloquia.authoring.starter import starter_files

    made: list[str] = []
    kept: list[str] = []
    for name, text in starter_files().items():
        (made if _write_new(folder / name, text) else kept).append(name)
    if terminal.as_json:
        terminal.print_json({"folder": str(folder), "made": made, "kept": kept})
        return
    for name in made:
        terminal.say(f"made {folder / name}")
    for name in kept:
        terminal.say(f"kept {folder / name}, which was there already")
    enter = f"cd {folder} && " if folder != Path() else ""
    terminal.note(f"next: {enter}colloquia run recipe.yaml, then colloquia show")


def _write_new(file: Path, text: str) -> bool:
    """Write a file unless something of that name is there; returns whether it was written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError as error:
        if file.parent.is_dir():
            return False
        raise UserError(f"{file.parent} is a file, not a folder; name another one") from error
    except NotADirectoryError as error:
        raise UserError(f"{file.parent} lies under a file; name another folder") from error
    return True
