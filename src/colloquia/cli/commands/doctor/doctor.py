"""`colloquia doctor`: does this machine have what colloquia needs?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.terminal import Terminal, console_on

if TYPE_CHECKING:
    from colloquia.cli.commands.doctor.machine import Finding
    from colloquia.core.model_options import ModelOptions

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@with_terminal
def doctor(
    terminal: Terminal,
    recipe: Annotated[
        Path | None,
        typer.Argument(help="Also ask each of its models for one token.", show_default=False),
    ] = None,
) -> None:
    """Check Python, SQLite, disk, store, packaged files, the offline teacher and extras.

    With a recipe, each model in it gets one call with a reply of one token. Exit 4 if something is
    broken or out of reach, 2 if only a key, a name or --store is wrong. Nothing is changed.
    """
    from colloquia.cli.commands.doctor.machine import Finding, examine
    from colloquia.core.recipe import OFFLINE

    models = _load_models(recipe) if recipe is not None else []
    settings = [options for options in models if options.model != OFFLINE]
    findings = list(examine(terminal.store))
    if models and not settings:
        findings.append(
            Finding(what=f"model {OFFLINE}", state="ok", detail="needs nothing: it is built in")
        )
    if recipe is not None and settings:
        from colloquia.cli.commands.doctor.models import examine_models

        terminal.note(f"asking {counted(len(settings), 'model')} for one token each …")
        findings += examine_models(settings, folder=recipe.parent)
    if terminal.as_json:
        checks = [{"check": f.what, "state": f.state, "detail": f.detail} for f in findings]
        terminal.print_json({"ok": not _failures_in(findings), "checks": checks})
    else:
        _tell_findings(terminal, findings)
    if failed := _failures_in(findings):
        raise typer.Exit(max(finding.exit_code for finding in failed))


def _load_models(recipe: Path) -> "list[ModelOptions]":
    """Return the models that a recipe's agents ask, each once."""
    from colloquia.core.model_options import ModelOptions
    from colloquia.core.recipe import ROLES, load_recipe

    loaded = load_recipe(recipe)
    chosen = [loaded.settings_for(role) for role in ROLES]
    options = [ModelOptions.of(settings) for settings in chosen]
    return list(dict.fromkeys(options))


def _failures_in(findings: "list[Finding]") -> "list[Finding]":
    return [finding for finding in findings if finding.state == "fail"]


def _tell_findings(terminal: Terminal, findings: "list[Finding]") -> None:
    if not console_on("stdout").is_terminal:
        for finding in findings:
            terminal.say(f"{finding.state}\t{finding.what}\t{one_line(finding.detail)}")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for finding in findings:
        state = Text(finding.state, style=_STYLES[finding.state])
        table.add_row(state, Text(finding.what), Text(one_line(finding.detail), style="dim"))
    terminal.say(table)
