"""What a student knows, what it can read, and whether it admits what it can't say.

Training and held-out questions are each asked with the book closed and open. A student that learnt
the facts answers training questions with the book closed; one that learnt to read answers held-out
questions with the book open; with the book closed a held-out question is best declined.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colloquia.core.atomic_folder import atomic_folder, require_room
from colloquia.corpus.canonical import row_line
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.data.corpus_files import Corpus, open_corpus
from colloquia.finetune.data.questions import (
    BOOKS,
    Book,
    Question,
    book_of,
    held_out_split,
    read_questions,
)
from colloquia.finetune.measure.asking import (
    AskedQuestion,
    AskSettings,
    ask,
    open_student,
    refuse_none_asked,
    sampled,
)
from colloquia.finetune.measure.cells import Cell, answer_rows, cell_of
from colloquia.finetune.measure.perplexity import Perplexity, perplexity, rows_for_perplexity
from colloquia.finetune.measure.plot import draw_evaluation, require_matplotlib
from colloquia.finetune.measure.results import Evaluation, Measured
from colloquia.models.local.hub import find_model

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

#: Told what is being done, and how far it is: done, of how many.
WatchEach = Callable[[str, int, int], None]

_TOLD = ("max_tokens", "thought_tokens", "seed", "temperature")  # of how they were asked


@dataclass(slots=True, kw_only=True)
class Evaluator:
    """Measures models on one corpus."""

    corpus: Corpus
    settings: AskSettings
    split: str
    limit: int | None
    """Most questions per split, and most dialogues."""
    watch: WatchEach = lambda what, done, total: None
    questions: dict[str, list[Question]] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    """Every answer, for `answers.jsonl`."""

    def __post_init__(self) -> None:
        """Read the questions; a corpus without any shows before a model is loaded."""
        splits = [self.split]
        if self.split != TRAIN and TRAIN in self.corpus.splits("trl-grpo"):
            splits.insert(0, TRAIN)
        for split in splits:
            questions = read_questions(self.corpus, split)
            self.questions[split] = sampled(questions, self.limit, seed=self.settings.seed)

    def measure(self, folders: Sequence[Path], *, batch: int | None = None) -> list[Measured]:
        """Load each model twice: for its perplexity, and to ask it everything.

        Answers take far longer than loading; so what may fail for a whole model comes first.
        """
        surprises = [self._measure_perplexity(folder) for folder in folders]
        return [
            Measured(
                model=folder.as_posix(),
                cells=self._measure_cells(open_student(folder, batch=batch), folder.as_posix()),
                perplexity=surprise,
            )
            for folder, surprise in zip(folders, surprises, strict=True)
        ]

    def _measure_perplexity(self, folder: Path) -> Perplexity | None:
        rows = rows_for_perplexity(
            self.corpus, self.split, limit=self.limit, seed=self.settings.seed
        )
        what = f"{folder.as_posix()}: {self.split} rows, perplexity"
        return perplexity(
            open_student(folder),
            rows,
            place=folder,
            watch=lambda done, total: self.watch(what, done, total),
        )

    def _measure_cells(self, student: "TextGenerator", name: str) -> tuple[Cell, ...]:
        everything: list[AskedQuestion] = []
        cells = []
        for split in self.questions:
            for book in BOOKS:
                asked = self._ask_questions(student, name, split, book)
                everything += asked
                cells.append(cell_of(asked, split=split, book=book))
        refuse_none_asked(everything)
        return tuple(cells)

    def _ask_questions(
        self, student: "TextGenerator", name: str, split: str, book: Book
    ) -> list[AskedQuestion]:
        settings = replace(self.settings, book=book)
        what = f"{name}: {split} questions, {book} book"
        asked = ask(
            student,
            self.questions[split],
            settings,
            watch=lambda done, total: self.watch(what, done, total),
        )
        self.answers += answer_rows(asked, model=name, split=split, book=book)
        return asked


def evaluate(
    model: Path,
    folder: Path,
    *,
    against: Path | None = None,
    split: str | None = None,
    limit: int | None = 500,
    max_tokens: int = 96,
    thought_tokens: int = 256,
    batch: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    watch: WatchEach = lambda what, done, total: None,
) -> Evaluation:
    """Measure a student on an exported corpus.

    Args:
        model: its folder.
        folder: the corpus; needs `trl-grpo` rows.
        against: another model's folder, e.g. the one that training began with.
        split: the held-out one; `test` or `validation` by default.
        limit: most questions per split, and most dialogues, drawn by the seed; None for all.
        max_tokens: longest answer.
        thought_tokens: as many more where it is to think first.
        batch: most questions at once.
        seed: draws questions and dialogues.
        out: a new folder for `evaluation.json`, `answers.jsonl` and `evaluation.png`.
        watch: told how far it is.

    Raises:
        UserError: model or corpus can't be used, or `out` exists; nothing is written.
        WorldError: `out` may not be written, memory or disk isn't enough.
    """
    if out is not None:
        require_room(out)
        require_matplotlib()
    students = [*([against] if against else []), model]
    for student in students:  # both, before the first takes its time
        find_model(str(student)).require_chat_template()
    corpus = open_corpus(folder)
    held_out = split or held_out_split(corpus)
    settings = AskSettings(max_tokens=max_tokens, thought_tokens=thought_tokens, seed=seed)
    evaluator = Evaluator(
        corpus=corpus, settings=settings, split=held_out, limit=limit, watch=watch
    )
    measured = evaluator.measure(students, batch=batch)
    evaluation = Evaluation(
        corpus=corpus.name,
        manifest_sha256=corpus.manifest_sha256,
        split=held_out,
        book=book_of(evaluator.questions[held_out]),
        settings={"limit": limit} | {name: getattr(settings, name) for name in _TOLD},
        after=measured[-1],
        before=measured[0] if against else None,
    )
    if out is not None:
        _write_evaluation(out, evaluation, evaluator.answers)
    return evaluation


def _write_evaluation(out: Path, evaluation: Evaluation, answers: list[dict[str, Any]]) -> None:
    with atomic_folder(out) as folder:
        text = json.dumps(evaluation.document(), ensure_ascii=False, indent=2)
        (folder / "evaluation.json").write_text(text + "\n", encoding="utf-8")
        lines = "".join(row_line(row) + "\n" for row in answers)
        (folder / "answers.jsonl").write_text(lines, encoding="utf-8")
        draw_evaluation(evaluation, folder / "evaluation.png")
