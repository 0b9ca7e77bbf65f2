"""An adaptive order while a student is being trained: now and then it is asked what it can do.

After every so many steps a few rows are drawn and their questions asked; the solve rates found move
what is shown next. The answers cost time and no gradients.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from colloquia.core.hashing import canonical_json, seed_for
from colloquia.finetune.data.questions import Book, Question
from colloquia.finetune.measure.asking import AskSettings, ask
from colloquia.finetune.measure.solve_rate import solve_rate
from colloquia.finetune.train.order import AdaptiveOrder


@dataclass(kw_only=True)
class Curriculum:
    """A `RowOrder` for supervised fine-tuning, and the callback that keeps it informed."""

    questions: Mapping[str, Question]
    """By the id of the row that teaches the answer; see `questions_by_row`."""
    every: int = 40
    """Steps between two looks."""
    rows: int = 64
    """Rows looked at each time."""
    settings: AskSettings = field(
        default_factory=lambda: AskSettings(samples=4, temperature=1.0, max_tokens=64)
    )
    batch: int = 64
    """Most answers written at once."""
    replay: float = 0.5
    """Share of the draws for what is mastered; with a fifth, some of it was forgotten."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """Level by row id, where the task has some: rows of one level share a rate, the mean of those
    looked at, which is far less noisy than a few attempts at each."""
    rates: dict[str, float] = field(default_factory=dict)
    """Solve rates to begin with, by row id, e.g. from `solve-rate`."""
    order: AdaptiveOrder | None = None

    def __call__(self, ids: list[str]) -> AdaptiveOrder:
        """Return the order of these rows; it is this one that later looks change."""
        self.order = AdaptiveOrder(
            ids=ids, seed=self.settings.seed, replay=self.replay, rates=dict(self.rates)
        )
        return self.order

    def update_rates(self, student: Any, *, step: int) -> dict[str, float]:
        """Ask a student some rows' questions, and let the order know.

        Args:
            student: a `TextGenerator` around the model in training.
            step: picks the rows, so that over time all of them are looked at.
        """
        if self.order is None:
            return {}
        known = [row for row in self.order.ids if row in self.questions]
        drawn = sorted(known, key=lambda row: seed_for(self.settings.seed, step, row))[: self.rows]
        asked = ask(student, [self.questions[row] for row in drawn], self.settings)
        rates = {
            row: rate
            for row, one in zip(drawn, asked, strict=True)
            if (rate := solve_rate(one)) is not None
        }
        self.order.update(rates | self._shared_rates(rates, self.order.ids))
        return rates

    def _shared_rates(self, rates: Mapping[str, float], ids: Sequence[str]) -> dict[str, float]:
        """Return the mean rate of each level that was looked at, for all of its rows."""
        by_level: dict[str, list[float]] = {}
        for row, rate in rates.items():
            if row in self.levels:
                by_level.setdefault(self.levels[row], []).append(rate)
        means = {level: math.fsum(own) / len(own) for level, own in by_level.items()}
        return {row: means[self.levels[row]] for row in ids if self.levels.get(row) in means}

    def callback(self, tokenizer: Any) -> Any:
        """Return a transformers callback that looks every so many steps."""
        from transformers import TrainerCallback

        from colloquia.models.local.text_generator import TextGenerator

        curriculum = self

        class CurriculumCallback(TrainerCallback):
            def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
                file = _rates_file(args, state)
                if curriculum.order is not None and file.exists():
                    curriculum.order.update(json.loads(file.read_text("utf-8")))

            def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
                if curriculum.order is not None:
                    rates = canonical_json(curriculum.order.rates)
                    _rates_file(args, state).write_text(rates, encoding="utf-8")

            def on_step_end(
                self, args: Any, state: Any, control: Any, model: Any = None, **rest: Any
            ) -> None:
                if state.global_step % curriculum.every == 0:
                    student = TextGenerator(model, tokenizer, batch=curriculum.batch)
                    curriculum.update_rates(student, step=state.global_step)

        return CurriculumCallback()


def _rates_file(args: Any, state: Any) -> Path:
    return Path(args.output_dir, f"checkpoint-{state.global_step}", "rates.json")


def questions_by_row(questions: Sequence[Question], *, book: Book) -> dict[str, Question]:
    """Return each question under the id of its row in `trl-sft-turns` of the same export."""
    return {
        question.turn(book, answer=question.reference)["id"]: question for question in questions
    }
