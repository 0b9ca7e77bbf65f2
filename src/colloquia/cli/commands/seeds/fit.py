"""`colloquia seeds fit`: a classifier learnt from labelled snippets."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.student.asking import AskingProgress, OutOption
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal


@with_terminal
def fit(
    terminal: Terminal,
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS", help="Snippets with a label.", show_default=False)
    ],
    out: OutOption,
    embedder: Annotated[
        str, typer.Option("--base", metavar="MODEL|tiny", help="What embeds the texts.")
    ] = "tiny",
    snippets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="More texts for tiny to learn words from.")
    ] = None,
    classifier: Annotated[
        Literal["forest", "logistic"], typer.Option(help="What is learnt.")
    ] = "forest",
    good_from: Annotated[
        float, typer.Option(min=0, max=1, metavar="LABEL", help="Good is from this label on.")
    ] = 0.5,
    drop_ephemeral: Annotated[
        bool, typer.Option("--drop-ephemeral", help="What is labelled so isn't good.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of forest and words.")] = 0,
) -> None:
    """Learn from labelled snippets which ones are worth teaching from."""
    from colloquia.finetune.seeds.fitting import FitSettings
    from colloquia.finetune.seeds.fitting import fit as fit_classifier

    progress = AskingProgress(terminal=terminal)
    made = fit_classifier(
        labels,
        out=out,
        settings=FitSettings(
            kind=classifier,
            embedder=embedder,
            good_from=good_from,
            drop_ephemeral=drop_ephemeral,
            seed=seed,
        ),
        snippets=snippets,
        watch=lambda done, total: progress("tiny learns words: steps", done, total),
    )
    if terminal.as_json:
        document = made.model_dump(mode="json", exclude={"scorer"})
        terminal.print_json({"out": str(out), **document})
        return
    found = made.measured
    terminal.say(
        f"{out}: learnt from {counted(made.good + made.bad, 'labelled snippet')}, {made.good:,} "
        f"good; on labels left out AUC {found.auc:.3f} ({found.low:.3f} to {found.high:.3f})"
    )
