"""`colloquia seeds filter`: a snippet file without what isn't worth teaching from."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.seeds.options import (
    OutFile,
    RestFile,
    Resume,
    SnippetsArgument,
    tell_filtered,
)
from colloquia.cli.commands.student.asking import AskingProgress
from colloquia.cli.view.terminal import Terminal


@with_terminal
def filter_command(
    terminal: Terminal,
    snippets: SnippetsArgument,
    out: OutFile,
    classifier: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What seeds fit made.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Lowest score; 0.5 by default.")
    ] = None,
    keep: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="SHARE", help="The best ones, instead.")
    ] = None,
    drop_ephemeral: Annotated[
        bool, typer.Option("--drop-ephemeral", help="Leave out facts of a day, by rule.")
    ] = False,
    left_out: RestFile = None,
    resume: Resume = False,
) -> None:
    """Keep the snippets that score high enough; the new file is one that run takes."""
    from colloquia.finetune.seeds.filtering import FilterSettings, filter_snippets

    if threshold is not None and keep is not None:
        raise typer.BadParameter("--threshold and --keep: give one of them")
    if classifier is None and (threshold is not None or keep is not None):
        raise typer.BadParameter("--threshold and --keep go with --classifier")
    progress = AskingProgress(terminal=terminal)
    found = filter_snippets(
        snippets,
        out=out,
        settings=FilterSettings(
            threshold=0.5 if threshold is None else threshold,
            keep=keep,
            drop_ephemeral=drop_ephemeral,
        ),
        classifier=classifier,
        rest=left_out,
        resume=resume,
        watch=lambda done, total: progress("snippets scored", done, total),
    )
    tell_filtered(terminal, out, found)
