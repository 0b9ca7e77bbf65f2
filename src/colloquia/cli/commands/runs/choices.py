"""Options by which a command line changes a recipe, the same for every command that takes one."""

from pathlib import Path
from typing import Annotated

import typer

RecipeArgument = Annotated[Path, typer.Argument(help="The recipe file.", show_default=False)]
SnippetsOption = Annotated[
    str | None,
    typer.Option("--snippets", metavar="FILE", help="A file or folder instead of the recipe's."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="At most so many snippets.")
]
ModelOption = Annotated[str | None, typer.Option("--model", help="A model for all five roles.")]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Instead of the recipe's.")]
