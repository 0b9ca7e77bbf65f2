"""What is asked of a student, and who says whether it was answered."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from colloquia.core.errors import UserError
from colloquia.core.hashing import content_id
from colloquia.core.text import shown
from colloquia.core.types import Message
from colloquia.corpus.line_reader import lines_of, parse_line
from colloquia.finetune.data.questions import Book, Question
from colloquia.finetune.measure.asking import is_alone, spoken_part
from colloquia.finetune.measure.grading import (
    answer_spans,
    grade,
    normalised,
    solving_verdict,
)
from colloquia.finetune.users_code import find_function

_WORD = re.compile(r"\S+")

Spans = Sequence[tuple[int, int]]


def _nowhere(_: str) -> Spans:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question with its oracle."""

    id: str
    messages: tuple[Message, ...]
    succeeds: Callable[[str], bool]
    """The oracle: whether an answer is right."""
    oracle: str = "the oracle"
    """What an error calls it."""
    answer_spans: Callable[[str], Spans] = _nowhere
    """Where in a response the answer itself stands, as (start, end) of characters."""


def task_of(question: Question, book: Book) -> Task:
    """Return a question of an export, with our grader; it is asked as `solve-rate` asks it."""

    def spans(text: str) -> Spans:
        spoken = spoken_part(text)
        start = max(text.rfind(spoken), 0)
        return [(start + a, start + b) for a, b in answer_spans(spoken, question)]

    return Task(
        id=question.id,
        messages=question.messages(book, with_history=not is_alone(question)),
        succeeds=lambda text: (
            grade(spoken_part(text), question).verdict == solving_verdict(question)
        ),
        answer_spans=spans,
    )


def read_tasks(file: Path) -> list[Task]:
    """Read lines of `{"prompt": text or messages, "reference": text}`.

    A response is right if its last words are the reference's, whatever their case, articles and
    punctuation; its answer are so many last words.

    Raises:
        UserError: the file can't be read, or a line is none of these.
    """
    try:
        with file.open("rb") as stream:
            tasks = [
                _read_task(line, f"{shown(file)}:{number}")
                for number, line in enumerate(lines_of(stream), start=1)
                if line.strip()
            ]
    except OSError as error:
        raise UserError(f"{shown(file)}: {error.strerror}") from error
    if not tasks:
        raise UserError(f"{shown(file)} has no lines")
    return list({task.id: task for task in tasks}.values())


def with_oracle(tasks: Sequence[Task], name: str) -> list[Task]:
    """Return tasks that a function judges: `oracle(task, text)` says whether a response is right.

    Args:
        tasks: any.
        name: `module:function`.

    Raises:
        UserError: it can't be imported, or is no function.
    """
    oracle = find_function(name, "oracle")
    told = f"oracle {name!r}"
    return [replace(task, succeeds=partial(oracle, task), oracle=told) for task in tasks]


def _read_task(line: bytes, where: str) -> Task:
    form = '{"prompt": "…", "reference": "…"}'
    try:
        row = parse_line(line)
        prompt, reference = row["prompt"], row["reference"]
        asked = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        messages = tuple(Message.model_validate(message) for message in asked)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{where}: not a line of the form {form}") from error
    if not isinstance(reference, str) or not normalised(reference) or not messages:
        raise UserError(f"{where}: a prompt and a reference with words are needed, as in {form}")
    return Task(
        id=content_id("task1", [prompt, reference]),
        messages=messages,
        succeeds=partial(_ends_with, normalised(reference).split()),
        answer_spans=partial(_last_words, number=len(reference.split())),
    )


def _ends_with(words: list[str], text: str) -> bool:
    return normalised(spoken_part(text)).split()[-len(words) :] == words


def _last_words(text: str, *, number: int) -> Spans:
    words = list(_WORD.finditer(text))[-number:]
    return [(words[0].start(), words[-1].end())] if words else []
