"""Below the command line, messages name parameters; the command line tells its own options."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from checkout import sources

from colloquia.cli.application import app
from colloquia.cli.view.errors import as_options, explain_error
from colloquia.core.errors import UserError

# A whole command may stand in a message: it is what to type.
COMMAND = re.compile(r"colloquia [a-z-]+ [^;]*")
OPTION = re.compile(r"(?<![\w-])--[a-z]")
#: Whose options are those of what it starts: unshare, setpriv, tar.
OTHER_PROGRAMS = "finetune/environments/terminal/sandbox.py:"
PARAMETER = re.compile(r"`[a-z_]+=[^`]*`")


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("give at most `max_length=64`", "give at most --max-length 64"),
        ("`out=` draws a plot; leave `out=` away", "--out draws a plot; leave --out away"),
        ("`resume=True` goes on", "--resume goes on"),
        ("limits.budget_usd (or `budget_usd=`)", "limits.budget_usd (or --budget)"),
        ("ask more often with `samples=`", "ask more often with -k"),
        ("`colloquia run` makes one", "`colloquia run` makes one"),
    ],
)
def test_parameters_are_told_as_options(below: str, told: str) -> None:
    assert explain_error(UserError(below)).message == told


def test_below_the_command_line_no_message_names_an_option() -> None:
    named = [
        f"{place}: {text}"
        for place, text in _texts_below()
        if OPTION.search(COMMAND.sub("", text)) and not place.startswith(OTHER_PROGRAMS)
    ]
    assert not named, "\n".join(named)


def test_every_parameter_in_a_message_is_an_option_of_some_command() -> None:
    known = set(_options(typer.main.get_command(app)))
    named = {
        as_options(parameter[0]).split()[0]
        for _, text in _texts_below()
        for parameter in PARAMETER.finditer(text)
    }
    assert named and named <= known


def _options(command: Any) -> Iterator[str]:
    """Yield the options of a command, and of all below it."""
    yield from (name for option in command.params for name in option.opts)
    for below in getattr(command, "commands", {}).values():
        yield from _options(below)


def _texts_below() -> Iterator[tuple[str, str]]:
    """Yield the texts of all code below the command line, docstrings aside."""
    for place, path in sources().items():
        if not place.startswith("cli/"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.stmt) and not _is_docstring(node):
                    yield from ((f"{place}:{node.lineno}", text) for text in _texts_of(node))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _texts_of(node: ast.AST) -> Iterator[str]:
    """Yield the texts in a statement, a formatted one whole, with … for what is filled in."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.JoinedStr():
                parts = (
                    part.value if isinstance(part, ast.Constant) else "…" for part in child.values
                )
                yield "".join(str(part) for part in parts)
            case ast.Constant(value=str() as text):
                yield text
        if not isinstance(child, ast.stmt | ast.JoinedStr):
            yield from _texts_of(child)
