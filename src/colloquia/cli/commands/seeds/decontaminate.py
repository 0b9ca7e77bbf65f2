"""`colloquia seeds decontaminate`: a snippet file without what stands in a test."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.seeds.options import (
    OutFile,
    RestFile,
    SnippetsArgument,
    tell_filtered,
)
from colloquia.cli.view.terminal import Terminal


@with_terminal
def decontaminate(
    terminal: Terminal,
    snippets: SnippetsArgument,
    out: OutFile,
    against: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="A test's texts, .jsonl or .txt.", show_default=False),
    ],
    allow: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Texts whose 13-grams are common.")
    ] = None,
    partial: Annotated[
        float, typer.Option(min=0, max=1, metavar="RATIO", help="Above it: partial.")
    ] = 0.2,
    contaminated: Annotated[
        float, typer.Option(min=0, max=1, metavar="RATIO", help="From it on: contaminated.")
    ] = 0.5,
    drop_partial: Annotated[
        bool, typer.Option("--drop-partial", help="Leave partial ones out too.")
    ] = False,
    left_out: RestFile = None,
) -> None:
    """Leave out what shares 13 words in a row, or most runs of 7, with a test (Phi-4, app. B)."""
    from colloquia.finetune.seeds.filtering import decontaminate as write_clean
    from colloquia.snippets.decontamination import HeldOutTexts
    from colloquia.snippets.held_out_files import read_texts

    if contaminated < partial:
        raise typer.BadParameter("--contaminated is below --partial")
    tests = HeldOutTexts(
        texts=read_texts(against),
        allowed=read_texts(allow or []),
        partial=partial,
        contaminated=contaminated,
    )
    found = write_clean(
        snippets, out=out, tests=tests, keep_partial=not drop_partial, rest=left_out
    )
    tell_filtered(terminal, out, found)
