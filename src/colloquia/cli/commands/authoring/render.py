"""`colloquia render`: exactly the messages that a prompt template makes, without sending them."""

from pathlib import Path
from typing import Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.messages import spoken
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal


@with_terminal
def render(
    terminal: Terminal,
    prompt: Annotated[
        str, typer.Argument(help="A template's name (answerer) or file.", show_default=False)
    ],
    recipe: Annotated[
        Path | None, typer.Option(help="Take snippets, personas and prompts from a recipe.")
    ] = None,
    persona: Annotated[
        str | None, typer.Option(help="Who asks: a packaged name or a card.")
    ] = None,
    snippet: Annotated[
        str | None,
        typer.Option(metavar="FILE[:N]|TEXT", help="The N-th snippet of a file, or its text."),
    ] = None,
    exchange: Annotated[int, typer.Option(min=1, help="The exchange it is asked in.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="K=V", help="Another value; JSON or text, dots go deeper."),
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of templates of your own.")
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(metavar="OTHER", help="Compare with another template, file or folder."),
    ] = None,
) -> None:
    """Show exactly the messages that would be sent, with about how many tokens they have.

    What comes before in the dialogue is played by the offline teacher; nothing goes out.
    """
    from colloquia.cli.commands.authoring.rendering import recipe_for, render_prompt

    rendered = render_prompt(
        prompt,
        recipe_for(recipe, persona=persona, prompts=prompts),
        snippet=snippet,
        exchange=exchange,
        settings=settings or (),
        compared_with=diff,
    )
    if terminal.as_json:
        terminal.print_json(rendered.as_json())
    elif rendered.changes is not None:
        terminal.say(*(rendered.changes or ["no difference"]))
    else:
        terminal.say(*spoken(rendered.messages))
        terminal.note(
            f"{rendered.template.identity}: {counted(len(rendered.messages), 'message')}, "
            f"about {rendered.tokens:,} tokens"
        )
