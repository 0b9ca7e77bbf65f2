"""A student in training is looked at now and then, and the order follows what is found."""

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from made_corpus import Scripted, made_corpus
from made_questions import question
from tiny_model import needs_torch, tiny_llama, tiny_tokenizer

from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import read_questions
from colloquia.finetune.measure.asking import AskSettings
from colloquia.finetune.train.curriculum import Curriculum, questions_by_row

pytestmark = needs_torch

IDS = [f"row{n}" for n in range(40)]
QUESTIONS = {row: question(f"When was {row}?", "It was in 1904.") for row in IDS}


def test_what_the_student_has_mastered_is_shown_less() -> None:
    curriculum = Curriculum(questions=QUESTIONS, rows=40, replay=0.1)
    order = curriculum(IDS)
    known = {f"When was {row}?" for row in IDS[:20]}
    student: Any = Scripted(
        says=lambda text, turn: "In 1904." if text in known or turn % 2 else "In 1914."
    )
    found = curriculum.update_rates(student, step=40)
    assert [found[row] for row in IDS] == [1.0] * 20 + [0.5] * 20
    shown = [place for _ in range(25) for place in order]
    assert 50 < sum(place < 20 for place in shown) < 150  # a tenth of a thousand


def test_over_time_all_rows_are_looked_at() -> None:
    curriculum = Curriculum(questions=QUESTIONS, rows=10)
    curriculum(IDS)
    student: Any = Scripted(says=lambda text, turn: "In 1904.")
    seen = [set(curriculum.update_rates(student, step=step)) for step in range(40, 1200, 40)]
    assert {len(rows) for rows in seen} == {10}
    assert set().union(*seen) == set(IDS)


def test_rows_without_a_question_are_left_as_they_are() -> None:
    curriculum = Curriculum(questions={"row1": QUESTIONS["row1"]}, rates={"row2": 0.9})
    order = curriculum(IDS)
    student: Any = Scripted(says=lambda text, turn: "In 1904.")
    curriculum.update_rates(student, step=1)
    assert order.rates == {"row1": 1.0, "row2": 0.9}


def test_the_callback_asks_a_real_model_in_training_every_so_often() -> None:
    tokenizer = tiny_tokenizer()
    model = tiny_llama(tokenizer).train()
    settings = AskSettings(samples=2, temperature=1.0, max_tokens=3)
    curriculum = Curriculum(questions=QUESTIONS, every=5, rows=3, settings=settings)
    order = curriculum(IDS)
    callback = curriculum.callback(tokenizer)
    sizes = []
    for step in range(1, 11):
        callback.on_step_end(None, SimpleNamespace(global_step=step), None, model=model)
        sizes.append(len(order.rates))
    assert sizes[:4] == [0] * 4
    assert sizes[4] == 3 <= sizes[9] <= 6
    assert model.training
    torch = importlib.import_module("torch")
    loss = model(torch.tensor([[1, 2, 3]]), labels=torch.tensor([[1, 2, 3]])).loss
    loss.backward()  # it can still be trained


def test_questions_are_found_by_the_rows_that_teach_them(tmp_path: Path) -> None:
    for context in ("closed", "open"):
        corpus = open_corpus(made_corpus(tmp_path / context, context=context))
        found = questions_by_row(read_questions(corpus, "train"), book=context)
        rows = {row["id"] for row in corpus.rows("trl-sft-turns", "train")}
        assert found.keys() == rows


def test_rows_of_a_level_share_what_was_found_at_some_of_them() -> None:
    levels = {row: "easy" if n < 20 else "hard" for n, row in enumerate(IDS)}
    curriculum = Curriculum(questions=QUESTIONS, rows=16, levels=levels)
    order = curriculum(IDS)
    easy = {f"When was {row}?" for row in IDS[:20]}
    student: Any = Scripted(says=lambda text, turn: "In 1904." if text in easy else "In 1914.")
    curriculum.update_rates(student, step=1)
    assert [order.rates[row] for row in IDS] == [1.0] * 20 + [0.0] * 20
