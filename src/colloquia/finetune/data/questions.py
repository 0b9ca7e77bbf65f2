"""The questions of an exported corpus, each with what it takes to ask and to grade it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.core.types import Message
from colloquia.corpus.formats import Format, row_id
from colloquia.corpus.rows import OPEN_CONTEXT
from colloquia.corpus.splits import TRAIN, VALIDATION
from colloquia.corpus.thinking import parted, with_thought
from colloquia.finetune.data.corpus_files import Corpus, Row

FORMAT: Format = "trl-grpo"

#: The kind of question that has no one answer: "Can you give me the basics?"
OVERVIEW = "overview"

Book = Literal["closed", "open"]
BOOKS: tuple[Book, ...] = ("closed", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One row of `trl-grpo`."""

    id: str
    text: str
    """The question alone."""
    history: tuple[Message, ...]
    """What was said before it; never a system message."""
    reference: str
    answerable: bool
    evidence: tuple[str, ...]
    kind: str | None
    system: str
    """The message that shows the passage."""
    row: Row
    instruction: str | None = None
    """What every prompt's system message begins with: how to think, where that is taught."""
    thought: str | None = None
    """That led to the reference."""

    def messages(self, book: Book, *, with_history: bool = True) -> tuple[Message, ...]:
        """Return what a model is asked: with the passage before it, or without."""
        told = [self.instruction, self.system if book == "open" else None]
        content = "\n\n".join(filter(None, told))
        system = (Message(role="system", content=content),) if content else ()
        history = self.history if with_history else ()
        return (*system, *history, Message(role="user", content=self.text))

    def prompt(self, book: Book, *, with_history: bool = True) -> list[dict[str, str]]:
        """Return what a model is asked as rows have it."""
        messages = self.messages(book, with_history=with_history)
        return [{"role": message.role, "content": message.content} for message in messages]

    def turn(self, book: Book, *, answer: str, with_history: bool = True) -> Row:
        """Return id, prompt and completion of a row of `trl-sft-turns` that teaches an answer."""
        prompt = self.prompt(book, with_history=with_history)
        if answer == self.reference:
            answer = with_thought(self.thought, answer)
        row = {"prompt": prompt, "completion": [{"role": "assistant", "content": answer}]}
        return {"id": row_id(row, "trl-sft-turns"), **row}


def read_questions(corpus: Corpus, split: str) -> tuple[Question, ...]:
    """Return the questions of a split in the order of the file, overviews left out.

    An overview ("Can you give me the basics?") has no one answer that could be graded.

    Raises:
        UserError: the corpus has no questions, none in this split, or a row isn't one.
    """
    splits = corpus.splits(FORMAT)
    if not splits:
        raise UserError(
            f"{shown(corpus.folder)} has no {FORMAT} rows, which hold the questions; "
            f"make them with: colloquia export --to trl-sft,{FORMAT} -o NEW_DIR"
        )
    if split not in splits:
        raise UserError(
            f"{shown(corpus.folder)} has no questions in split {split!r}, only in "
            f"{', '.join(splits)}; name one with `split=`, or export with another `split=`"
        )
    try:
        asked = tuple(read_question(row) for row in corpus.rows(FORMAT, split))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(
            f"{shown(corpus.folder)}: a row in {FORMAT} {split} holds no question; "
            f"look with: colloquia check {shown(corpus.folder)}"
        ) from error
    questions = tuple(question for question in asked if question.kind != OVERVIEW)
    if any(question.instruction for question in questions):
        questions = _with_thoughts(questions, corpus.rows("trl-sft-turns", split))
    if not questions:
        raise UserError(
            f"{shown(corpus.folder)}: split {split!r} has overviews only, which can't be graded; "
            "export more dialogues"
        )
    return questions


def level_of(question: Question) -> str:
    """Return what questions that share a solve rate have in common: their kind, and how hard."""
    difficulty = question.row["difficulty"]
    return question.kind or "" if difficulty is None else f"{question.kind} {difficulty:.1f}"


def _with_thoughts(questions: Sequence[Question], rows: Sequence[Row]) -> tuple[Question, ...]:
    """Return questions with the thoughts that their answers have in the rows that teach them."""
    said = [(row["prompt"], parted(row["completion"][-1]["content"])) for row in rows]
    thoughts = {_key(prompt, answer.answer): answer.thought for prompt, answer in said}
    return tuple(
        replace(one, thought=thoughts.get(_key(one.row["prompt"], one.reference)))
        for one in questions
    )


def _key(prompt: Sequence[Row], answer: str) -> tuple[str, ...]:
    return (*(message["content"] for message in prompt), answer)


def book_of(questions: Sequence[Question]) -> Book:
    """Return how a corpus trains: with the passage in the system message, or without."""
    first = questions[0].row["prompt"][0]
    is_open = first["role"] == "system" and first["content"] != questions[0].instruction
    return "open" if is_open else "closed"


def held_out_split(corpus: Corpus) -> str:
    """Return the split to measure on: `test` before `validation` before any but `train`.

    Raises:
        UserError: all questions are for training.
    """
    others = [split for split in corpus.splits(FORMAT) if split != TRAIN]
    for name in ("test", VALIDATION, *others):
        if name in others:
            return name
    if corpus.splits(FORMAT):
        if empty := [split for split in corpus.asked_splits if split != TRAIN]:
            raise UserError(
                f"{shown(corpus.folder)}: no snippet with a question fell into split {empty[0]!r}; "
                "export again with a larger share for it, or more snippets"
            )
        raise UserError(
            f"{shown(corpus.folder)} has no held-out questions; "
            f"make some with: colloquia export --split train=.9,test=.1 --to trl-sft,{FORMAT}"
        )
    read_questions(corpus, TRAIN)  # says that there are none at all
    return TRAIN


def read_question(row: Row) -> Question:
    """Return what a row of `trl-grpo` asks.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it holds no question.
    """
    messages = [Message.model_validate(message) for message in row["prompt"]]
    spoken = [message for message in messages if message.role != "system"]
    before, shown, rest = str(row["system"]).partition(OPEN_CONTEXT)
    instruction, passage = (before.strip() or None, shown + rest) if shown else (None, before)
    return Question(
        id=str(row["id"]),
        text=spoken[-1].content,
        history=tuple(spoken[:-1]),
        reference=str(row["reference"]),
        answerable=bool(row["answerable"]),
        evidence=tuple(str(quote) for quote in row["evidence"]),
        kind=row["kind"],
        system=passage,
        row=row,
        instruction=instruction,
    )
