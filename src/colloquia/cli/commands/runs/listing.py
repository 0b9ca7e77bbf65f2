"""`colloquia ls`: the dialogues of a run, or the runs of a store."""

import sys
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from colloquia.cli.commands.options import with_terminal
from colloquia.cli.commands.runs.opening import RunArgument, open_store
from colloquia.cli.view.printable import one_line, short_id
from colloquia.cli.view.terminal import Terminal, console_on

if TYPE_CHECKING:
    from colloquia.core.record import DialogueRecord

DIALOGUE_COLUMNS = ("id", "outcome", "score", "exchanges", "persona", "title")
RUN_COLUMNS = ("id", "name", "begun", "planned", "accepted", "rejected", "failed", "pending")


@with_terminal
def list_dialogues(
    terminal: Terminal,
    run: RunArgument = None,
    outcome: Annotated[
        Literal["accepted", "rejected", "failed", "pending"] | None,
        typer.Option(help="Only those that ended so."),
    ] = None,
    persona: Annotated[str | None, typer.Option(help="Only those with this persona.")] = None,
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only those with at least this mean score.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 for all.")] = 50,
    runs: Annotated[bool, typer.Option("--runs", help="List runs instead of dialogues.")] = False,
) -> None:
    """List the dialogues of a run; the beginning of an id is enough for `show`."""
    if runs:
        _list_runs(terminal)
        return
    from colloquia.runs.handle import manifest_in

    with open_store(terminal) as store:
        records = store.records(
            manifest_in(store, run).id, outcomes=[outcome] if outcome else None, min_score=min_score
        )
        chosen = (r for r in records if persona is None or r.persona.name == persona)
        rows = [_row(record) for record in islice(chosen, min(limit, sys.maxsize) or None)]
        cut = bool(limit) and next(chosen, None) is not None
    if terminal.as_json:
        terminal.print_json({"dialogues": rows, "more": cut})
        return
    _print_table(
        terminal,
        DIALOGUE_COLUMNS,
        ([_dialogue_cell(row, name) for name in DIALOGUE_COLUMNS] for row in rows),
    )
    if cut:
        terminal.note(f"these are the first {limit}; --limit 0 lists all")
    elif not rows:
        terminal.note("no such dialogue")


def _row(record: "DialogueRecord") -> dict[str, Any]:
    dialogue = record.dialogue
    opening = record.turns[0].text if record.turns else ""
    return {
        "id": dialogue.id,
        "outcome": dialogue.outcome,
        "reason": dialogue.reason,
        "score": None if record.score is None else round(record.score, 4),
        "exchanges": len(record.exchanges),
        "persona": record.persona.name,
        "title": record.snippet.title,
        "opening": opening,
    }


def _dialogue_cell(row: dict[str, Any], name: str) -> str:
    """Return a cell as people read it."""
    match name:
        case "id":
            return short_id(row["id"])
        case "outcome":
            return f"{row['outcome']} ({row['reason']})" if row["reason"] else str(row["outcome"])
        case "score":
            return "" if row["score"] is None else f"{row['score']:.2f}"
        case "title":
            return one_line(" · ".join(filter(None, (row["title"], row["opening"]))))
        case _:
            return one_line(str(row[name]))


def _list_runs(terminal: Terminal) -> None:
    with open_store(terminal) as store:
        rows = [
            {
                "id": run.id,
                "name": run.name,
                "begun": run.created_at,
                "planned": counts.planned,
                "accepted": counts.accepted,
                "rejected": sum(counts.rejected.values()),
                "failed": sum(counts.failed.values()),
                "pending": counts.pending,
            }
            for run in store.runs()
            for counts in (store.counts(run.id),)
        ]
    if terminal.as_json:
        terminal.print_json({"runs": rows})
    else:
        cells = ([_run_cell(name, row[name]) for name in RUN_COLUMNS] for row in rows)
        _print_table(terminal, RUN_COLUMNS, cells)


def _run_cell(name: str, value: object) -> str:
    match name:
        case "id":
            return short_id(str(value))
        case "begun":
            return str(value or "").replace("T", " ")[: len("2026-01-31 23:59")]
        case _:
            return one_line(str("" if value is None else value))


def _print_table(terminal: Terminal, columns: tuple[str, ...], rows: Iterable[list[str]]) -> None:
    """Print a table: columns on a terminal, tabs without a heading into a pipe."""
    console = console_on("stdout")
    if not console.is_terminal:
        for row in rows:
            terminal.say("\t".join(row))
        return
    cells = [[Text(name, style="dim") for name in columns]]
    cells += [[Text(cell, style=_STYLES.get(cell, "")) for cell in row] for row in rows]
    widths = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
    excess = sum(widths) + 2 * (len(widths) - 1) - console.width
    for position, name in enumerate(columns):
        if name in _SHRINKING:
            cut = max(0, min(excess, widths[position] - _SHRINKING[name]))
            widths[position] -= cut
            excess -= cut
    for row_of_cells in cells:
        for cell, width in zip(row_of_cells, widths, strict=True):
            cell.truncate(width, pad=True)
        line = Text("  ").join(row_of_cells)
        line.truncate(console.width, overflow="ellipsis")
        terminal.say(line)


#: Columns of words that make room for numbers -> the least width that still says something; of a
#: time, its date.
_SHRINKING = {"name": 10, "begun": len("2026-01-31")}
_STYLES = {"accepted": "green", "pending": "dim"}
