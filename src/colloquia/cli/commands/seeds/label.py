"""`colloquia seeds label`: a model grades a sample of snippets."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.seeds.options import OutFile, Resume, SnippetsArgument
from colloquia.cli.commands.student.asking import AskingProgress
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal
from colloquia.core.text import in_words


@with_terminal
def label(
    terminal: Terminal,
    snippets: SnippetsArgument,
    out: OutFile,
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its critic's model grades.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="Another model.")] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many; all by default.")
    ] = None,
    audience: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Who is to learn, and what.")
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0, metavar="USD", help="At most.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the sample.")] = 0,
    resume: Resume = False,
) -> None:
    """Have a model say of each snippet what it is worth as teaching material, 0 to 1."""
    from colloquia.core.recipe import Recipe, load_recipe
    from colloquia.finetune.seeds.grader import AUDIENCE
    from colloquia.finetune.seeds.labelling import LabelSettings
    from colloquia.finetune.seeds.labelling import label as label_snippets

    chosen = load_recipe(recipe) if recipe is not None else Recipe()
    progress = AskingProgress(terminal=terminal)
    result = label_snippets(
        snippets,
        out=out,
        recipe=chosen.override(model=model, budget_usd=budget),
        settings=LabelSettings(sample=sample, audience=audience or AUDIENCE, seed=seed),
        resume=resume,
        watch=lambda done, total: progress("snippets graded", done, total),
    )
    if terminal.as_json:
        terminal.print_json({"out": str(out), **result.model_dump(mode="json")})
        return
    terminal.say(
        f"{out}: {result.labelled:,} of {counted(result.read, 'snippet')} labelled, mean "
        f"{result.mean:.2f}, {result.ephemeral:,} ephemeral, ${result.cost_usd:.4f}"
    )
    if result.failed:
        terminal.note(f"left out, no usable reply: {in_words(result.failed)}")
