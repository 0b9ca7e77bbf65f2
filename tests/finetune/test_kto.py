"""KTO's single answers: what each is read beside."""

from pathlib import Path
from typing import Any

import pytest
from tiny_model import trainer_arguments

from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import KtoSettings
from colloquia.finetune.train.base import load_model, load_tokenizer
from colloquia.finetune.train.methods.kto import kto_trainer
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs


def trainer(student: Path, folder: Path, *, rows: int) -> Any:
    """Return a trainer over so many answers, of which each is its own number."""
    answers = [
        {"prompt_ids": [5], "completion_ids": [10 + n], "label": n % 2 == 0} for n in range(rows)
    ]
    inputs = TrainerInputs(
        model=load_model(student),
        tokens=ChatTokens(load_tokenizer(student), place=student),
        train=Examples(answers),
        validation=Examples(),
        arguments=trainer_arguments(folder, batch_size=4),
    )
    settings = KtoSettings(steps=1, learning_rate=1e-3, batch_size=4)
    return kto_trainer(inputs, settings, reference=load_model(student))


@pytest.mark.parametrize(("rows", "last"), [(8, [17, 14, 15, 16]), (6, [15, 14]), (5, [13])])
def test_each_answer_is_read_beside_another_row_s(
    rows: int, last: list[int], student: Path, tmp_path: Path
) -> None:
    others = [
        ids[0] for ids in trainer(student, tmp_path, rows=rows).train_dataset["KL_completion_ids"]
    ]
    assert others == [13, 10, 11, 12, *last]
