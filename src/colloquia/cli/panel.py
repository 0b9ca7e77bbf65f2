"""The live panel of a run."""

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from colloquia.cli.printable import one_line
from colloquia.cli.totals import cost

if TYPE_CHECKING:
    from colloquia.cli.progress import Progress

MOST_COLUMNS = 88
FRAMES_PER_SECOND = 4

_COLOURS = {"accepted": "green", "rejected": "yellow", "failed": "red", "pending": "dim"}


def live_panel(progress: "Progress", console: Console) -> Live:
    """Return a display that stays on the screen in its last state."""
    return Live(
        get_renderable=lambda: draw(progress),
        console=console,
        refresh_per_second=FRAMES_PER_SECOND,
        redirect_stdout=False,
        vertical_overflow="crop",
    )


def draw(progress: "Progress") -> RenderableType:
    """Draw a run as it is now."""
    manifest = progress.manifest
    title = Text(f" {one_line(manifest.name, most=40)} " if manifest else " colloquia ")
    width = min(MOST_COLUMNS, Console(stderr=True).width)
    rows = [_bar(progress), Text(), _outcomes(progress), _pace(progress), Text(), _footer(progress)]
    return Panel(
        Group(*rows),
        title=title,
        title_align="left",
        subtitle=Text(f" {manifest.id} ", style="dim") if manifest else None,
        subtitle_align="right",
        border_style="dim",
        padding=(1, 2),
        width=width,
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
    counts = progress.counts
    numbers = {
        "accepted": counts.accepted if counts else 0,
        "rejected": sum(counts.rejected.values()) if counts else 0,
        "failed": sum(counts.failed.values()) if counts else 0,
        "pending": counts.pending if counts else 0,
    }
    line = Text()
    for name, number in numbers.items():
        style = _COLOURS[name] if number else "dim"
        line.append(f"{number:,}", style=f"bold {style}" if number else "dim")
        line.append(f" {name}    ", style=style)
    return line


def _pace(progress: "Progress") -> RenderableType:
    counts = progress.counts
    parts = [f"{progress.rate:.1f} dialogues/s"]
    if counts is not None:
        parts += [f"{counts.calls:,} calls", cost(counts.cost_usd), progress.left]
    return Text("  ·  ".join(part for part in parts if part), style="dim")


def _footer(progress: "Progress") -> RenderableType:
    if progress.is_over:
        return Text("stopped" if progress.is_stopping else "done", style="dim")
    if progress.is_stopping:
        words = "stopping: calls in flight finish first; Ctrl-C again ends at once"
        return Text(words, style="yellow", no_wrap=True, overflow="ellipsis")
    opening = f"“{progress.opening}”" if progress.opening else "waiting for the first dialogue"
    return Text(opening, style="italic dim", no_wrap=True, overflow="ellipsis")
