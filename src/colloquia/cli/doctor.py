"""`colloquia doctor`: does this machine have what colloquia needs?"""

from typing import TYPE_CHECKING

import typer

from colloquia.cli.common import Common, console_on, with_common
from colloquia.cli.errors import ENVIRONMENT
from colloquia.cli.printable import one_line

if TYPE_CHECKING:
    from colloquia.cli.examinations import Finding

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@with_common
def doctor(common: Common) -> None:
    """Check Python, SQLite, disk, store, packaged files, the offline teacher and extras.

    Exit 4 if anything fails. Nothing is created or changed.
    """
    from colloquia.cli.examinations import examine

    findings = list(examine(common.store))
    if common.as_json:
        checks = [{"check": f.what, "state": f.state, "detail": f.detail} for f in findings]
        common.document({"ok": not _failed(findings), "checks": checks})
    else:
        _tell(common, findings)
    if _failed(findings):
        raise typer.Exit(ENVIRONMENT)


def _failed(findings: "list[Finding]") -> bool:
    return any(finding.state == "fail" for finding in findings)


def _tell(common: Common, findings: "list[Finding]") -> None:
    if not console_on("stdout").is_terminal:
        for finding in findings:
            common.say(f"{finding.state}\t{finding.what}\t{one_line(finding.detail)}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for finding in findings:
        state = Text(finding.state, style=_STYLES[finding.state])
        table.add_row(state, Text(finding.what), Text(one_line(finding.detail), style="dim"))
    common.say(table)
