"""The picture of an evaluation: how many answers were right, declined and wrong, cell by cell."""

import importlib.util
from pathlib import Path

from colloquia.core.errors import UserError
from colloquia.finetune.measure.grading import VERDICTS
from colloquia.finetune.measure.results import Evaluation
from colloquia.models.local.model_folder import INSTALL

_COLOURS = {
    "correct": "#2a7f62",
    "not_attempted": "#c9c9c9",
    "incorrect": "#b5403a",
    "invalid": "#4a4a4a",
}


def require_matplotlib() -> None:
    """Check that it is there, before there is anything to draw.

    Raises:
        UserError: it isn't; the line has the command that installs it.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise UserError(
            f"`out=` draws a plot with matplotlib; leave `out=` away, or install with: {INSTALL}"
        )


def draw_evaluation(evaluation: Evaluation, file: Path) -> None:
    """Draw a PNG: a panel per split and book, a bar per model and kind of question."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # needs no display
    from matplotlib.figure import Figure

    cells = evaluation.after.cells
    figure = Figure(figsize=(3.4 * len(cells), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(cells), sharey=True, squeeze=False)[0]
    models = evaluation.models()
    names = ["before", "after"] if evaluation.before else ["model"]
    for panel, cell in zip(panels, cells, strict=True):
        labels, bars = [], []
        for kind in ("answerable", "unanswerable"):
            for name, measured in zip(names, models, strict=True):
                triple = getattr(measured.cell(cell.split, cell.book), kind)
                labels.append(f"{kind}\n{name} (n={triple.n})")
                bars.append(triple.plain())
        bottoms = [0.0] * len(bars)
        for verdict in VERDICTS:
            heights = [bar[verdict] or 0.0 for bar in bars]
            panel.bar(
                labels, heights, bottom=bottoms, color=_COLOURS[verdict], label=_in_words(verdict)
            )
            bottoms = [b + h for b, h in zip(bottoms, heights, strict=True)]
        panel.set_title(f"{cell.split}, {cell.book} book", fontsize=10)
        panel.tick_params(axis="x", labelsize=6)
        panel.set_ylim(0, 1)
    panels[0].set_ylabel("share of questions")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, fontsize=8, loc="outside upper right", ncols=len(names))
    figure.savefig(file, dpi=120, metadata={"Software": None})


def _in_words(verdict: str) -> str:
    return verdict.replace("_", " ")
