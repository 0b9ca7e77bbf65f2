"""`colloquia recipe`: every setting of a recipe, to read or for editors."""

from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.terminal import Terminal


@with_terminal
def recipe(
    terminal: Terminal,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema that editors read.")
    ] = False,
) -> None:
    """List every setting of a recipe, with its default and range; --schema is for editors."""
    from colloquia.authoring.recipe_reference import recipe_page, recipe_schema

    if schema or terminal.as_json:
        terminal.print_json(recipe_schema())
    else:
        terminal.say(recipe_page().rstrip("\n"))
