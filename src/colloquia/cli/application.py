"""The `colloquia` command: all commands in one place, and the one door out of them."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from colloquia.cli.commands.authoring.init import init
from colloquia.cli.commands.authoring.lint import lint
from colloquia.cli.commands.authoring.personas import personas
from colloquia.cli.commands.authoring.prompts import prompts
from colloquia.cli.commands.authoring.recipe import recipe
from colloquia.cli.commands.authoring.render import render
from colloquia.cli.commands.corpus.check import check
from colloquia.cli.commands.corpus.export import export
from colloquia.cli.commands.doctor.doctor import doctor
from colloquia.cli.commands.runs.listing import list_dialogues
from colloquia.cli.commands.runs.preview import preview
from colloquia.cli.commands.runs.retry import retry
from colloquia.cli.commands.runs.run import run
from colloquia.cli.commands.runs.show import show
from colloquia.cli.commands.runs.status import status
from colloquia.cli.commands.runs.watch import stop, watch
from colloquia.cli.commands.seeds.application import seeds
from colloquia.cli.commands.student.evaluate import evaluate
from colloquia.cli.commands.student.improve import improve
from colloquia.cli.commands.student.judge import judge
from colloquia.cli.commands.student.pivotal import pivotal
from colloquia.cli.commands.student.probe import probe
from colloquia.cli.commands.student.rollout import rollout
from colloquia.cli.commands.student.solve_rate import solve_rate
from colloquia.cli.commands.student.train import train
from colloquia.cli.signals.ctrl_c import Signals
from colloquia.cli.view.errors import report_error
from colloquia.cli.view.terminal import replace_closed
from colloquia.core.telemetry import switch_off
from colloquia.core.version import __version__

_WIDEST_DIGITS = 4  # of a terminal's columns

app = typer.Typer(
    name="colloquia",
    help="Factual snippets in, reviewed multi-turn dialogues and training corpora out.",
    epilog="Start here: colloquia init demo && cd demo && colloquia run recipe.yaml",
    invoke_without_command=True,
    pretty_exceptions_enable=False,  # main() explains errors, in one line
    context_settings={"help_option_names": ["-h", "--help"]},
)

_GROUPS = {
    "Make": {
        "init": init,
        "recipe": recipe,
        "lint": lint,
        "render": render,
        "preview": preview,
        "run": run,
        "stop": stop,
        "retry": retry,
    },
    "Look": {"status": status, "watch": watch, "ls": list_dialogues, "show": show},
    "Export": {"export": export, "check": check},
    "Train": {
        "train": train,
        "evaluate": evaluate,
        "probe": probe,
        "solve-rate": solve_rate,
        "improve": improve,
        "judge": judge,
        "rollout": rollout,
        "pivotal": pivotal,
    },
    "Around it": {"doctor": doctor},
}
for group, commands in _GROUPS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=group)(command)
app.add_typer(seeds, name="seeds", rich_help_panel="Train")
app.add_typer(personas, name="personas", rich_help_panel="Around it")
app.add_typer(prompts, name="prompts", rich_help_panel="Around it")


@app.callback()
def _colloquia(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"colloquia {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _drop_odd_widths() -> None:
    """Forget a width that no screen has: the libraries that ask for it would crash."""
    for name in ("COLUMNS", "LINES", "TERMINAL_WIDTH"):
        value = os.environ.get(name, "")
        if not value.isdecimal() or len(value) > _WIDEST_DIGITS:
            os.environ.pop(name, None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (`sys.argv` by default); returns the exit code and never raises."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    switch_off()
    replace_closed()
    _drop_odd_widths()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal in ASCII gets "?", not a crash
    try:
        with Signals():
            code = typer.main.get_command(app).main(given, "colloquia", standalone_mode=False)
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        return report_error(error, given)
    return code if isinstance(code, int) else 0
