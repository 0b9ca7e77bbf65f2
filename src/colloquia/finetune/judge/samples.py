"""What a student said to each question, several times, kept as it comes: a kill costs one batch."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colloquia.core.control_tokens import find_control_token
from colloquia.core.text import clean_text
from colloquia.corpus.canonical import row_line
from colloquia.corpus.thinking import with_thought
from colloquia.finetune.data.questions import Question
from colloquia.finetune.measure.asking import AskedQuestion, AskSettings, Watch, ask

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

SAMPLES_FILE = "samples.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A question with the answers that are fit for a corpus, each once."""

    question: Question
    alone: bool
    said: dict[str, str]
    """Answer -> the whole of it, the thought before it included."""
    problem: str | None
    """Why it couldn't be asked."""


class SampleFile:
    """The samples of a judging, in the folder that it works in."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; a line that a kill cut off is none."""
        self._file = folder / SAMPLES_FILE
        self._rows: dict[str, dict[str, Any]] = {}
        if self._file.exists():
            *lines, cut = self._file.read_bytes().split(b"\n")
            if cut:
                self._file.write_bytes(b"".join(line + b"\n" for line in lines))
            self._rows = {row["id"]: row for row in map(json.loads, lines)}

    def __contains__(self, question: Question) -> bool:
        """Return whether a question was asked."""
        return question.id in self._rows

    def add(self, asked: Sequence[AskedQuestion]) -> None:
        """Keep answers; they are on disk when this returns."""
        rows = {one.question.id: _row(one) for one in asked}
        with self._file.open("ab") as file:
            file.write("".join(row_line(row) + "\n" for row in rows.values()).encode())
            file.flush()
            os.fsync(file.fileno())
        self._rows |= rows

    def sampled(self, question: Question) -> Sampled:
        """Return what was said to a question."""
        row = self._rows[question.id]
        said = {text: with_thought(thought, text) for text, thought in row["said"]}
        return Sampled(question=question, alone=row["alone"], said=said, problem=row["problem"])


def ask_all(
    student: "TextGenerator",
    questions: Sequence[Question],
    settings: AskSettings,
    file: SampleFile,
    *,
    watch: Watch,
) -> None:
    """Ask what wasn't asked yet, some questions at a time, and keep it."""
    for start, some in _pieces(questions, max(1, 4 * student.batch // settings.samples)):
        if not all(question in file for question in some):  # in the same batches as before
            file.add(ask(student, some, settings))
        watch(start + len(some), len(questions))


def _pieces(questions: Sequence[Question], size: int) -> Iterator[tuple[int, Sequence[Question]]]:
    for start in range(0, len(questions), size):
        yield start, questions[start : start + size]


def _row(one: AskedQuestion) -> dict[str, Any]:
    said: dict[str, str | None] = {}
    for attempt in one.attempts:
        text = clean_text(attempt.text)
        thought = clean_text(attempt.thought.text) if attempt.thought else None
        if text and not find_control_token(text) and not find_control_token(thought or ""):
            said.setdefault(text, thought or None)
    return {
        "id": one.question.id,
        "alone": one.alone,
        "said": list(said.items()),
        "problem": one.problem,
    }
