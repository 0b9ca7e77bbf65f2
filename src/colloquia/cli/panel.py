"""The live panel of a run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from colloquia.cli.printable import one_line

if TYPE_CHECKING:
    from colloquia.cli.progress import Progress

MOST_COLUMNS = 88
NARROW = 60  # columns; below, the frame's padding goes to the words
FRAMES_PER_SECOND = 4

_COLOURS = {"accepted": "green", "rejected": "yellow", "failed": "red", "pending": "dim"}


def live_panel(progress: "Progress", console: Console) -> Live:
    """Return a display that stays on the screen in its last state."""
    return Live(
        get_renderable=lambda: draw(progress, columns=console.width),
        console=console,
        refresh_per_second=FRAMES_PER_SECOND,
        redirect_stdout=False,
        vertical_overflow="crop",
    )


def draw(progress: "Progress", *, columns: int) -> RenderableType:
    """Draw a run as it is now, in at most so many columns."""
    manifest = progress.manifest
    title = Text(f" {one_line(manifest.name, most=40)} " if manifest else " colloquia ")
    rows = [_bar(progress), Text(), _outcomes(progress), Text(), _figures(progress), Text()]
    return Panel(
        Group(*rows, _footer(progress)),
        title=title,
        title_align="left",
        subtitle=Text(f" {manifest.id} ", style="dim") if manifest else None,
        subtitle_align="right",
        border_style="dim",
        padding=(1, 2) if columns >= NARROW else (0, 1),
        width=min(MOST_COLUMNS, columns),
    )


def _bar(progress: "Progress") -> RenderableType:
    planned = progress.counts.planned if progress.counts else 0
    done = planned - progress.counts.pending if progress.counts else 0
    row = Table.grid(expand=True, padding=(0, 0, 0, 2))
    row.add_column(ratio=1)
    row.add_column(justify="right", no_wrap=True)
    share = f"  {done / planned:.0%}" if planned else ""
    row.add_row(
        ProgressBar(total=planned or 1, completed=done, complete_style="cyan"),
        Text(f"{done:,} of {planned:,}{share}"),
    )
    return row


def _outcomes(progress: "Progress") -> RenderableType:
    told = []
    for name, number in progress.outcomes().items():
        style = _COLOURS[name] if number else "dim"
        told.append(Text.assemble((f"{number:,}", f"bold {style}"), (f" {name}", style)))
    return Text("    ").join(told)


def _figures(progress: "Progress") -> RenderableType:
    """Return a row each for calls, money and time; always three, so that nothing jumps."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("calls", _joined(progress.traffic()))
    grid.add_row("spent", _joined(progress.spend()))
    grid.add_row("pace", _joined(progress.speed()))
    return grid


def _joined(parts: Sequence[str]) -> Text:
    return Text("  ·  ".join(parts))


def _footer(progress: "Progress") -> RenderableType:
    text = Text(no_wrap=True, overflow="ellipsis")
    if progress.is_over:
        pending = progress.counts is not None and progress.counts.pending
        return text.append("stopped" if pending or progress.is_stopping else "done", "dim")
    if progress.is_stopping:
        again = "" if progress.watching else "; Ctrl-C again ends at once"
        return text.append(f"stopping: calls in flight finish first{again}", "yellow")
    if progress.question:
        return text.append(f"“{progress.question}”", "italic dim")
    return text.append("waiting for the first question", "italic dim")
