"""The order that `sft.order` asks for, from a corpus that `solve-rate` made, or one with questions.

`increasing` needs rates from the beginning; `adaptive` finds its own while it trains, and begins
with those that are there.
"""

import hashlib
import json
from collections.abc import Mapping

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.data.corpus_files import Corpus
from colloquia.finetune.data.questions import book_of, level_of, read_questions
from colloquia.finetune.measure.asking import AskSettings
from colloquia.finetune.measure.solve_rate import RATE_FILE
from colloquia.finetune.settings import TrainSettings
from colloquia.finetune.train.curriculum import Curriculum, questions_by_row
from colloquia.finetune.train.methods.sft import RowOrder
from colloquia.finetune.train.order import increasing


def chosen_order(corpus: Corpus, settings: TrainSettings) -> RowOrder | None:
    """Return what `sft.order` names; None for rows that are shuffled.

    Raises:
        UserError: the corpus's rows have no rates, or no questions to ask about them.
    """
    wanted = settings.sft.order
    if "sft" not in settings.method or wanted == "random":
        return None
    rates = read_rates(corpus)
    taught = {row["id"] for row in corpus.rows(corpus.format_for("sft"), TRAIN)}
    if wanted == "increasing":
        _require(bool(taught & rates.keys()), corpus, wanted)
        return lambda ids: increasing(ids, rates)
    _require(TRAIN in corpus.splits("trl-grpo"), corpus, wanted)
    questions = read_questions(corpus, TRAIN)
    book = book_of(questions)
    by_row = questions_by_row(questions, book=book)
    _require(bool(taught & by_row.keys()), corpus, wanted)
    ask = AskSettings(book=book, samples=4, temperature=1.0, max_tokens=64, seed=settings.seed)
    levels = {row: level_of(question) for row, question in by_row.items()}
    return Curriculum(questions=by_row, settings=ask, levels=levels, rates=dict(rates))


def read_rates(corpus: Corpus) -> Mapping[str, float]:
    """Return solve rates by the id of the row that teaches the answer; none if there are none.

    Raises:
        UserError: the file isn't what `solve-rate` writes.
    """
    path = corpus.folder / RATE_FILE
    if not path.exists():
        return {}
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        return {
            str(row["row"]): float(row["solve_rate"])
            for row in rows
            if row["solve_rate"] is not None
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{shown(path)} holds no solve rates; make it again with: colloquia solve-rate"
        ) from error


def rates_sha256(corpus: Corpus, settings: TrainSettings) -> str | None:
    """Return the hash of the rates that an order begins with, None where there are none."""
    path = corpus.folder / RATE_FILE
    if settings.sft.order == "random" or not path.exists():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _require(fits: bool, corpus: Corpus, wanted: str) -> None:
    if not fits:
        raise UserError(
            f"{shown(corpus.folder)}: order {wanted} needs single answers with their questions"
            f"{' and solve rates' if wanted == 'increasing' else ''}; make them with: "
            f"colloquia solve-rate STUDENT {shown(corpus.folder)} --keep 0..1 -o NEW_DIR"
        )
