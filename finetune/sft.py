"""Supervised fine-tuning: the loss counts the assistant's words and nothing else."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from colloquia.finetune.corpus_files import Row
from colloquia.finetune.examples import Examples, Made, collect
from colloquia.finetune.settings import SftSettings
from colloquia.finetune.tokens import ChatTokens


class Places(Protocol):
    """Places in a list of rows, gone through once per epoch, which is as long as they are many."""

    def __iter__(self) -> Iterator[int]: ...

    def __len__(self) -> int: ...


#: Given the ids of the rows that are trained on, returns the order in which they are shown.
RowOrder = Callable[[list[str]], Places]


def sft_examples(tokens: ChatTokens, rows: Iterable[Row], *, max_length: int) -> Examples:
    """Encode rows of `trl-sft` or `trl-sft-turns`."""

    def make(row: Row) -> Made:
        if "messages" in row:
            encoded = tokens.dialogue(row["messages"])
        else:
            encoded = tokens.last_answer(row["prompt"], row["completion"])
        fitting = encoded.cut(max_length)
        if fitting is None:
            return Made(example=None)
        example = {"id": row["id"], "input_ids": fitting.ids, "labels": fitting.labels}
        return Made(example=example, is_cut=len(fitting.ids) < len(encoded.ids))

    return collect(rows, make)


def sft_trainer(
    *,
    model: Any,
    tokens: ChatTokens,
    train: Examples,
    validation: Examples,
    settings: SftSettings,
    arguments: dict[str, Any],
    order: RowOrder | None = None,
    **rest: Any,
) -> Any:
    """Return a trainer of TRL's over rows that are tokens already.

    Args:
        model: a causal language model.
        tokens: the tokenizer's side of it.
        train: what to learn.
        validation: what to measure the loss on; may be empty.
        settings: of this method.
        arguments: what all methods share, for TRL's configuration.
        order: shows the rows in an order of its own instead of shuffling them.
        rest: callbacks and adapters, for TRL's trainer.
    """
    from datasets import Dataset
    from torch.utils.data import Sampler
    from trl import SFTConfig, SFTTrainer

    class InOrder(Sampler):
        def __init__(self, ids: list[str], chosen: RowOrder) -> None:
            self._places = chosen(ids)

        def __iter__(self) -> Iterator[int]:
            return iter(self._places)

        def __len__(self) -> int:
            return len(self._places)

    class Trainer(SFTTrainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            if order is None:
                return super()._get_train_sampler(train_dataset)
            return InOrder([row["id"] for row in train.rows], order)

    return Trainer(
        model=model,
        args=SFTConfig(
            **arguments,
            packing=settings.packing,
            # First fit decreasing, with a position that begins anew for each row: attention stays
            # inside it. "wrapped" would cut rows apart and let them see each other.
            packing_strategy="bfd",
            eval_packing=False,
        ),
        train_dataset=Dataset.from_list(train.rows),
        eval_dataset=Dataset.from_list(validation.rows) if validation.rows else None,
        processing_class=tokens.tokenizer,
        **rest,
    )
