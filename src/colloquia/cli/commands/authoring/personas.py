"""`colloquia personas`: the packaged personas, and what a card says in full."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.printable import one_line
from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.core.types import Persona

personas = typer.Typer(
    help="List personas, or show one with every default filled in.", invoke_without_command=True
)


@personas.callback()
@with_terminal
def _personas(terminal: Terminal, context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        _print_list(terminal)


@personas.command("list")
@with_terminal
def list_personas(terminal: Terminal) -> None:
    """List the packaged personas."""
    _print_list(terminal)


@personas.command("show")
@with_terminal
def show_persona(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="A packaged name or a card.", show_default=False)],
) -> None:
    """Show a persona with every default filled in."""
    from colloquia.authoring.personas.cards import load_personas
    from colloquia.authoring.personas.profile import participant_profile

    persona = load_personas([name], base=Path())[0]
    document = persona.model_dump(mode="json")
    profile = participant_profile(persona)
    if terminal.as_json:
        terminal.print_json(document | {"told_to_answerer": profile})
        return
    terminal.say(*_card(persona), f"the answerer is told: {one_line(profile)}")


def _card(persona: "Persona") -> Iterator[str]:
    """Yield a persona's lines; lists of texts one below the other."""
    yield f"{persona.name}  (weight {persona.weight:g}, language {persona.language})"
    yield one_line(persona.background)
    yield _pairs("knowledge", persona.knowledge)
    yield _pairs("traits", {name: f"{value:g}" for name, value in persona.traits.items()})
    for name in ("goals", "behaviours", "opening_styles", "never"):
        yield f"{name.replace('_', ' ')}:"
        yield from (f"  {one_line(text)}" for text in getattr(persona, name))


def _pairs(name: str, values: Mapping[str, str]) -> str:
    return f"{name}: " + ", ".join(f"{one_line(key)} {value}" for key, value in values.items())


def _print_list(terminal: Terminal) -> None:
    from colloquia.authoring.personas.cards import load_personas

    cards = load_personas()
    if terminal.as_json:
        terminal.print_json({"personas": [card.model_dump(mode="json") for card in cards]})
        return
    width = max(len(card.name) for card in cards)
    for card in cards:
        terminal.say(f"{card.name:<{width}}  {one_line(card.background, most=90)}")
