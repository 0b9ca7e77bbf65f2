"""`colloquia prompts`: the templates of the roles, and the source of each."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.printable import one_line
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.authoring.prompts.library import PromptLibrary

prompts = typer.Typer(help="List prompt templates, or show one.", invoke_without_command=True)

Folder = Annotated[
    Path | None, typer.Option("--prompts", metavar="DIR", help="A folder of your own laid over.")
]


@prompts.callback()
@with_terminal
def _prompts(terminal: Terminal, context: typer.Context, folder: Folder = None) -> None:
    if context.invoked_subcommand is None:
        _print_list(terminal, folder)


@prompts.command("list")
@with_terminal
def list_prompts(terminal: Terminal, folder: Folder = None) -> None:
    """List the templates with their identities."""
    _print_list(terminal, folder)


@prompts.command("show")
@with_terminal
def show_prompt(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="A template's name.", show_default=False)],
    folder: Folder = None,
) -> None:
    """Show a template's source, ready to be copied into a folder of your own and changed."""
    template = _load_library(folder)[name]
    source = Path(template.file).read_text(encoding="utf-8")
    if terminal.as_json:
        document = {"identity": template.identity, "role": template.role, "source": source}
        terminal.print_json(document)
    else:
        terminal.say(source)
        terminal.note(f"{template.identity}, {template.file}")


def _print_list(terminal: Terminal, folder: Path | None) -> None:
    library = _load_library(folder)
    templates = [library[name] for name in library]
    if terminal.as_json:
        rows = [
            {"identity": t.identity, "role": t.role, "description": t.description}
            for t in templates
        ]
        terminal.print_json({"prompts": rows})
        return
    width = max(len(template.identity) for template in templates)
    for template in templates:
        terminal.say(f"{template.identity:<{width}}  {one_line(template.description, most=90)}")


def _load_library(folder: Path | None) -> "PromptLibrary":
    from colloquia.authoring.prompts.library import PromptLibrary

    return PromptLibrary.load(folder)
