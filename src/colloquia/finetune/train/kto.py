"""Kahneman-Tversky optimisation (arXiv 2402.01306): single answers, each good or bad.

The answers are those of the preference pairs, each counted once: what stood is good, what was
turned down is bad.
"""

import random
from collections.abc import Iterable, Iterator
from typing import Any

from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import Examples, Made, collect
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import KtoSettings


def kto_examples(
    tokens: ChatTokens, rows: Iterable[Row], *, max_length: int, seed: int
) -> Examples:
    """Encode the answers of `trl-dpo` rows, shuffled.

    One that doesn't fit is left out, and so is one that is chosen here and rejected there.
    """

    def make(row: Row) -> Made:
        if row["label"] is None:
            return Made(example=None, is_contradictory=True)
        read = tokens.answer(row["prompt"], row["answer"])
        if len(read.prompt) + len(read.answer) > max_length:
            return Made(example=None)
        return Made(
            example={
                "prompt_ids": read.prompt,
                "completion_ids": read.answer,
                "label": row["label"],
            }
        )

    answers = list(_answers(rows))
    # TRL shows them in this order, since a batch's rows lend each other their prompts.
    random.Random(seed).shuffle(answers)
    return collect(answers, make)


def _answers(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield each answer once with its label; None where it is chosen here and rejected there.

    A refusal is better than a wrong answer and worse than the right one, for instance.
    """
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        for column, label in (("chosen", True), ("rejected", False)):
            text = (*((m["role"], m["content"]) for m in row["prompt"]), row[column][-1]["content"])
            answer = {"prompt": row["prompt"], "answer": row[column], "label": label}
            found.setdefault(text, []).append(answer)
    for same in found.values():
        labels = {answer["label"] for answer in same}
        yield {**same[0], "label": labels.pop() if len(labels) == 1 else None}


def kto_trainer(
    *,
    model: Any,
    reference: Any,
    tokens: ChatTokens,
    train: Examples,
    validation: Examples,
    settings: KtoSettings,
    arguments: dict[str, Any],
    **rest: Any,
) -> Any:
    """Return a trainer of TRL's over answers that are tokens already.

    Args:
        model: a causal language model.
        reference: the same model frozen, or None with adapters, which are switched off instead.
        tokens: the tokenizer's side of it.
        train: what to learn.
        validation: what to measure on; may be empty.
        settings: of this method.
        arguments: what all methods share, for TRL's configuration.
        rest: callbacks and adapters, for TRL's trainer.
    """
    from datasets import Dataset
    from trl import KTOConfig, KTOTrainer

    class Trainer(KTOTrainer):
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    good = sum(row["label"] for row in train.rows)
    bad = len(train.rows) - good
    return Trainer(
        model=model,
        ref_model=reference,
        args=KTOConfig(
            **arguments,
            beta=settings.beta,
            # Both sides weigh the same in all, as the paper's section 4.2 advises.
            desirable_weight=max(1.0, bad / good) if good else 1.0,
            undesirable_weight=max(1.0, good / bad) if bad else 1.0,
        ),
        train_dataset=Dataset.from_list(_lent(train.rows, settings.batch_size)),
        eval_dataset=(
            Dataset.from_list(_lent(validation.rows, settings.batch_size))
            if validation.rows
            else None
        ),
        processing_class=tokens.tokenizer,
        **rest,
    )


def _lent(rows: list[Row], batch_size: int) -> list[Row]:
    """Give each row the answer of the one before it in its batch, to estimate the KL term with.

    A batch's first takes the last one's; a batch of one row, that of the row before it.
    """

    def lender(place: int) -> int:
        last = min(place + batch_size, len(rows)) - 1
        return last if place % batch_size == 0 and place < last else place - 1

    return [
        {**row, "KL_completion_ids": rows[lender(place)]["completion_ids"]}
        for place, row in enumerate(rows)
    ]
