"""KTO's single answers: what each is read beside."""

from pathlib import Path
from typing import Any

import pytest
from tiny_model import trainer_arguments

from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import KtoSettings
from colloquia.finetune.train.base import load_model, load_tokenizer
from colloquia.finetune.train.kto import kto_trainer


def trainer(student: Path, folder: Path, *, rows: int) -> Any:
    """Return a trainer over so many answers, of which each is its own number."""
    answers = [
        {"prompt_ids": [5], "completion_ids": [10 + n], "label": n % 2 == 0} for n in range(rows)
    ]
    return kto_trainer(
        model=load_model(student),
        reference=load_model(student),
        tokens=ChatTokens(load_tokenizer(student), place=student),
        train=Examples(answers),
        validation=Examples(),
        settings=KtoSettings(steps=1, learning_rate=1e-3, batch_size=4),
        arguments=trainer_arguments(folder, batch_size=4),
    )


@pytest.mark.parametrize(("rows", "last"), [(8, [17, 14, 15, 16]), (6, [15, 14]), (5, [13])])
def test_each_answer_is_lent_another_row_s(
    rows: int, last: list[int], student: Path, tmp_path: Path
) -> None:
    lent = [
        ids[0] for ids in trainer(student, tmp_path, rows=rows).train_dataset["KL_completion_ids"]
    ]
    assert lent == [13, 10, 11, 12, *last]
