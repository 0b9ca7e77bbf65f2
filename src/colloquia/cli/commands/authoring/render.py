"""`colloquia render`: exactly the messages that a prompt template makes, without sending them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.messages import spoken
from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.terminal import Terminal
from colloquia.core.errors import UserError

if TYPE_CHECKING:
    from colloquia.runs.render import Rendering


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
    exchange: Annotated[
        int | None, typer.Option(min=1, help="The exchange it is asked in; the first by default.")
    ] = None,
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
    from colloquia.runs.render import render as render_prompt

    rendered = render_prompt(
        prompt,
        recipe=recipe,
        persona=persona,
        snippet=snippet,
        exchange=exchange,
        values=dict(_read_setting(setting) for setting in settings or ()),
        prompts=prompts,
        diff=diff,
    )
    if terminal.as_json:
        terminal.print_json(_as_json(rendered))
    elif rendered.changes is not None:
        terminal.say(*(rendered.changes or ["no difference"]))
    else:
        terminal.say(*spoken(rendered.messages))
        terminal.note(
            f"{rendered.prompt}: {counted(len(rendered.messages), 'message')}, "
            f"about {rendered.tokens:,} tokens"
        )


def _read_setting(setting: str) -> tuple[str, Any]:
    """Read `snippet.title=Towers`; plain words need no quotes."""
    path, equals, text = setting.partition("=")
    if not equals:
        raise UserError(f"--set {one_line(setting)!r}: write a name, '=' and a value")
    try:
        return path, json.loads(text)
    except (ValueError, RecursionError):
        return path, text


def _as_json(rendered: "Rendering") -> dict[str, Any]:
    document: dict[str, Any] = {
        "prompt": rendered.prompt,
        "role": rendered.role,
        "messages": [message.model_dump(mode="json") for message in rendered.messages],
        "approximate_tokens": rendered.tokens,
    }
    return document | ({} if rendered.changes is None else {"diff": list(rendered.changes)})
