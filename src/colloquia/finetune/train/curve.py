"""The loss, or the reward, over all stages as a picture."""

from collections.abc import Sequence
from pathlib import Path

from colloquia.finetune.train.log import Measurement

CURVE_FILE = "loss.png"


def draw_curve(log: Sequence[Measurement], place: Path) -> None:
    """Write a PNG with one panel per stage: loss or reward, of training and validation rows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    stages = sorted({(one.stage, one.method) for one in log})
    figure = Figure(figsize=(5 * max(1, len(stages)), 3.5), layout="constrained")
    FigureCanvasAgg(figure)  # no window, and no global state as pyplot keeps it
    for place_in_row, (stage, method) in enumerate(stages, start=1):
        panel = figure.add_subplot(1, len(stages), place_in_row)
        what = "reward" if method == "grpo" else "loss"  # whose loss is near 0 all the way
        for key, label in ((what, "training"), (f"eval_{what}", "validation")):
            points = [
                (one.step, one.values[key])
                for one in log
                if one.stage == stage and key in one.values
            ]
            if points:
                steps, values = zip(*points, strict=True)
                panel.plot(steps, values, marker=None if key == what else "o", label=label)
        panel.set(title=f"{stage}. {method}", xlabel="step", ylabel=what)
        panel.grid(alpha=0.3)
        panel.legend()
    figure.savefig(place, dpi=110)
