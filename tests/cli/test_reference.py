"""`docs/cli.md` has every command and option that the program has, and no other."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from checkout import ROOT

from colloquia.cli.application import app

SECTIONS = dict(
    re.findall(
        r"^## `colloquia ([a-z -]+)`\n(.*?)(?=^## |\Z)",
        (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
)
SHARED = {"--store", "--json", "--quiet", "-q", "--verbose", "-v", "--help", "-h"}


def _commands() -> Iterator[tuple[str, Any]]:
    group: Any = typer.main.get_command(app)
    yield from group.commands.items()


def _options(command: Any) -> set[str]:
    """A command's own options; those of a group's commands count as the group's."""
    own = {name for option in command.params for name in option.opts if name.startswith("-")}
    for inner in getattr(command, "commands", {}).values():
        own |= _options(inner)
    return own - SHARED


def test_every_command_has_its_section() -> None:
    assert set(SECTIONS) == {name for name, _ in _commands()}


@pytest.mark.parametrize(("name", "command"), list(_commands()))
def test_a_section_names_exactly_the_command_s_options(name: str, command: Any) -> None:
    table = re.findall(r"^\| (`-.*?) \|", SECTIONS[name], flags=re.MULTILINE)
    documented = {word for cell in table for word in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", cell)}
    assert documented == _options(command)
