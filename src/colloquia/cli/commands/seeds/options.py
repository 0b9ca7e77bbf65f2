"""What the commands that choose snippets have in common."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.finetune.seeds.filtering import Filtered

SnippetsArgument = Annotated[
    Path, typer.Argument(metavar="SNIPPETS", help="A file or folder.", show_default=False)
]
OutFile = Annotated[
    Path, typer.Option("--out", "-o", metavar="FILE", help="A new .jsonl file.", show_default=False)
]
RestFile = Annotated[
    Path | None,
    typer.Option("--left-out", metavar="FILE", help="A new .jsonl file for those left out."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where it was interrupted.")]


def tell_filtered(terminal: Terminal, out: Path, found: "Filtered") -> None:
    """Say what was kept and what wasn't."""
    if terminal.as_json:
        terminal.print_json({"out": str(out), **found.model_dump(mode="json")})
        return
    reasons = ", ".join(
        f"{number:,} {why.replace('_', ' ')}" for why, number in found.left_out.items()
    )
    terminal.say(
        f"{out}: {found.kept:,} of {counted(found.read, 'snippet')}; left out: {reasons or 'none'}"
    )
    if found.lowest is not None:
        terminal.say(f"the lowest score kept is at least {found.lowest:.3f}")
    if found.unusable:
        terminal.note(f"{counted(found.unusable, 'line')} can't be used as snippets")
