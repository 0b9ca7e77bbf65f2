"""The picture of the rounds: what was right of the held-out questions, and what was accepted."""

from collections.abc import Sequence
from pathlib import Path

from colloquia.rounds.results import RoundResult


def draw_rounds(rounds: Sequence[RoundResult], file: Path) -> None:
    """Draw a PNG: right answers by round with their intervals, beside the yield of dialogues."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # needs no display
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    right, made = figure.subplots(1, 2)
    for name, colour in (("right", "#2a7f62"), ("correct", "#4a4a4a"), ("declined", "#b5403a")):
        points = [
            (one.number, share.value, share.low, share.high)
            for one in rounds
            if (share := getattr(one, name)) is not None and share.value is not None
        ]
        if points:
            numbers, values, lows, highs = zip(*points, strict=True)
            below = [value - low for value, low in zip(values, lows, strict=True)]
            above = [high - value for value, high in zip(values, highs, strict=True)]
            right.errorbar(
                numbers,
                values,
                yerr=[below, above],
                color=colour,
                marker="o",
                capsize=3,
                label=name,
            )
    right.set(title="held-out questions", xlabel="round", ylabel="share", ylim=(0, 1))
    right.legend(fontsize=8)
    made.bar(
        [one.number for one in rounds],
        [one.accepted / max(1, one.planned) for one in rounds],
        color="#2a7f62",
    )
    made.set(title="dialogues accepted", xlabel="round", ylabel="share", ylim=(0, 1))
    for panel in (right, made):
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(alpha=0.3)
    figure.savefig(file, dpi=110, metadata={"Software": None})
