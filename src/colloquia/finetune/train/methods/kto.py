"""Kahneman-Tversky optimisation (arXiv 2402.01306): single answers, each good or bad.

The answers are those of the preference pairs, each counted once: what stood is good, what was
turned down is bad.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import EncodedRow, Examples, collect_examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import KtoSettings
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs, taking_tokens


def kto_examples(
    tokens: ChatTokens, rows: Iterable[Row], *, max_length: int, seed: int
) -> Examples:
    """Encode the answers of `trl-dpo` rows, shuffled.

    One that doesn't fit is left out, and so is one that is chosen here and rejected there.
    """

    def encode(row: Row) -> EncodedRow:
        if row["label"] is None:
            return EncodedRow(example=None, is_contradictory=True)
        read = tokens.answer(row["prompt"], row["answer"])
        if len(read.prompt) + len(read.answer) > max_length:
            return EncodedRow(example=None)
        return EncodedRow(
            example={
                "prompt_ids": read.prompt,
                "completion_ids": read.answer,
                "label": row["label"],
            }
        )

    answers = list(_answers(rows))
    # TRL shows them in this order, since a batch's answers are read after each other's prompts.
    random.Random(seed).shuffle(answers)
    return collect_examples(answers, encode)


def _answers(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield each answer once with its label; None where it is chosen here and rejected there.

    A refusal is better than a wrong answer and worse than the right one, for instance.
    """
    by_text: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        for column, label in (("chosen", True), ("rejected", False)):
            text = (*((m["role"], m["content"]) for m in row["prompt"]), row[column][-1]["content"])
            answer = {"prompt": row["prompt"], "answer": row[column], "label": label}
            by_text.setdefault(text, []).append(answer)
    for same in by_text.values():
        labels = {answer["label"] for answer in same}
        yield {**same[0], "label": labels.pop() if len(labels) == 1 else None}


def kto_trainer(inputs: TrainerInputs, settings: KtoSettings, *, reference: Any) -> Any:
    """Return a trainer of TRL's over single answers.

    Args:
        inputs: what all methods are given.
        settings: of this one.
        reference: the same model frozen, or None with adapters, which are switched off instead.
    """
    from trl import KTOConfig, KTOTrainer

    good = sum(row["label"] for row in inputs.train.rows)
    bad = len(inputs.train.rows) - good
    paired = replace(
        inputs,
        train=Examples(_with_kl_answers(inputs.train.rows, settings.batch_size)),
        validation=inputs.validation.each(
            partial(_with_kl_answers, batch_size=settings.batch_size)
        ),
    )
    return taking_tokens(KTOTrainer)(
        ref_model=reference,
        args=KTOConfig(
            **inputs.arguments,
            beta=settings.beta,
            # Both sides weigh the same in all, as the paper's section 4.2 advises.
            desirable_weight=max(1.0, bad / good) if good else 1.0,
            undesirable_weight=max(1.0, good / bad) if bad else 1.0,
        ),
        **paired.for_trainer(),
    )


def _with_kl_answers(rows: list[Row], batch_size: int) -> list[Row]:
    """Give each row the answer of the one before it in its batch, to estimate the KL term with.

    A batch's first takes the last one's; a batch of one row, that of the row before it.
    """

    def partner(place: int) -> int:
        last = min(place + batch_size, len(rows)) - 1
        return last if place % batch_size == 0 and place < last else place - 1

    return [
        {**row, "KL_completion_ids": rows[partner(place)]["completion_ids"]}
        for place, row in enumerate(rows)
    ]
