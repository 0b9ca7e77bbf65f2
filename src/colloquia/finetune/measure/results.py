"""What an evaluation found: each model's cells, and the document that is printed and kept."""

from typing import Any

from colloquia.core.types import Value
from colloquia.finetune.data.questions import Book
from colloquia.finetune.measure.cells import Cell
from colloquia.finetune.measure.perplexity import Perplexity


class Measured(Value):
    """What one model did."""

    model: str
    cells: tuple[Cell, ...]
    perplexity: Perplexity | None
    """On held-out dialogues; None where the corpus has none or none fits."""

    def cell(self, split: str, book: Book) -> Cell:
        """Return one cell."""
        return next(cell for cell in self.cells if (cell.split, cell.book) == (split, book))


class Evaluation(Value):
    """A student measured, and what it is compared with measured alike."""

    corpus: str
    manifest_sha256: str
    split: str
    """The held-out one."""
    book: Book
    """The form that the corpus trains on; the headline is about this and `split`."""
    settings: dict[str, Any]
    after: Measured
    before: Measured | None

    def document(self) -> dict[str, Any]:
        """Return plain JSON: the headline first, then all of it."""
        head = self.after.cell(self.split, self.book)
        before = self.before.cell(self.split, self.book) if self.before else None
        return {
            "model": self.after.model,
            "n": head.n,
            "answerable": head.answerable.plain(),
            "unanswerable": head.unanswerable.plain(),
            "before": {
                "model": self.before.model if self.before else None,
                "answerable": before.answerable.plain(),
                "unanswerable": before.unanswerable.plain(),
            }
            if before
            else None,
            **self.model_dump(mode="json", include={"split", "book", "settings"}),
            "corpus": {"name": self.corpus, "manifest_sha256": self.manifest_sha256},
            "grader": "rule",
            "measured": [one.model_dump(mode="json") for one in self.models()],
        }

    def models(self) -> tuple[Measured, ...]:
        """Return what was measured, the earlier one first."""
        return (*((self.before,) if self.before else ()), self.after)
