"""`colloquia seeds`: which snippets are worth teaching from; label, fit, filter, decontaminate."""

import typer

from colloquia.cli.commands.seeds.decontaminate import decontaminate
from colloquia.cli.commands.seeds.filter import filter_command
from colloquia.cli.commands.seeds.fit import fit
from colloquia.cli.commands.seeds.label import label

seeds = typer.Typer(
    help="Choose snippets: label, fit, filter, decontaminate.", no_args_is_help=True
)
seeds.command("label")(label)
seeds.command("fit")(fit)
seeds.command("filter")(filter_command)
seeds.command("decontaminate")(decontaminate)
