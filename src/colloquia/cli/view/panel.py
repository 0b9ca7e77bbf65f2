"""The live panel of a run."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from colloquia.cli.view.printable import one_line
from colloquia.cli.view.run_figures import RunFigures

MOST_COLUMNS = 88
NARROW = 60  # columns; below, the frame's padding goes to the words
FRAMES_PER_SECOND = 4

_COLOURS = {"accepted": "green", "rejected": "yellow", "failed": "red", "pending": "dim"}


def live_panel(run: RunFigures, console: Console) -> Live:
    """Return a display that stays on the screen in its last state."""
    return Live(
        get_renderable=lambda: draw(run, columns=console.width),
        console=console,
        refresh_per_second=FRAMES_PER_SECOND,
        redirect_stdout=False,
        vertical_overflow="crop",
    )


def draw(run: RunFigures, *, columns: int) -> RenderableType:
    """Draw a run as it is now, in at most so many columns."""
    manifest = run.manifest
    title = Text(f" {one_line(manifest.name, most=40)} " if manifest else " colloquia ")
    rows = [_bar(run), Text(), _outcomes(run), Text(), _figures(run), Text()]
    return Panel(
        Group(*rows, _footer(run)),
        title=title,
        title_align="left",
        subtitle=Text(f" {manifest.id} ", style="dim") if manifest else None,
        subtitle_align="right",
        border_style="dim",
        padding=(1, 2) if columns >= NARROW else (0, 1),
        width=min(MOST_COLUMNS, columns),
    )


def _bar(run: RunFigures) -> RenderableType:
    planned = run.counts.planned if run.counts else 0
    done = planned - run.counts.pending if run.counts else 0
    row = Table.grid(expand=True, padding=(0, 0, 0, 2))
    row.add_column(ratio=1)
    row.add_column(justify="right", no_wrap=True)
    share = f"  {done / planned:.0%}" if planned else ""
    row.add_row(
        ProgressBar(total=planned or 1, completed=done, complete_style="cyan"),
        Text(f"{done:,} of {planned:,}{share}"),
    )
    return row


def _outcomes(run: RunFigures) -> RenderableType:
    parts = []
    for name, number in run.outcomes().items():
        style = _COLOURS[name] if number else "dim"
        parts.append(Text.assemble((f"{number:,}", f"bold {style}"), (f" {name}", style)))
    return Text("    ").join(parts)


def _figures(run: RunFigures) -> RenderableType:
    """Return a row each for calls, money and time; always three, so that nothing jumps."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("calls", _joined(run.traffic()))
    grid.add_row("spent", _joined(run.spend()))
    grid.add_row("pace", _joined(run.speed()))
    return grid


def _joined(parts: Sequence[str]) -> Text:
    return Text("  ·  ".join(parts))


def _footer(run: RunFigures) -> RenderableType:
    text = Text(no_wrap=True, overflow="ellipsis")
    if run.is_over:
        pending = run.counts is not None and run.counts.pending
        return text.append("stopped" if pending or run.is_stopping else "done", "dim")
    if run.is_stopping:
        again = "" if run.watching else "; Ctrl-C again ends at once"
        return text.append(f"{run.how_it_stops}{again}", "yellow")
    if run.question:
        return text.append(f"“{run.question}”", "italic dim")
    return text.append("waiting for the first question", "italic dim")
