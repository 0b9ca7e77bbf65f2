"""The map from papers to code names commands, options and files that are there."""

import re
from typing import Any

import pytest
import typer
from checkout import ROOT

from colloquia.cli.application import app
from colloquia.finetune.settings import METHODS

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "papers.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| paper |")
]
COMMANDS: Any = typer.main.get_command(app)


def test_the_map_has_rows() -> None:
    assert len(ROWS) > 10
    assert {len(row) for row in ROWS} == {5}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_row_leads_to_what_is_there(row: list[str]) -> None:
    for typed in re.findall(r"`([^`]+)`", row[2]):
        program, command, *options = typed.split()
        assert program == "colloquia"
        assert command in COMMANDS.commands, f"no command {command}"
        known = {name for one in COMMANDS.commands[command].params for name in one.opts}
        assert {one for one in options if one.startswith("--")} <= known
    files = re.findall(r"`([^`]+)`", row[3])
    assert files
    for file in files:
        assert (ROOT / file).exists(), f"no file {file}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_method_that_is_named_can_be_trained(row: list[str]) -> None:
    for method in re.findall(r"--method (\w+)", row[2]):
        assert method in METHODS
