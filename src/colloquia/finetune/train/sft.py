"""Supervised fine-tuning: the loss counts the assistant's words and nothing else."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from colloquia.core.errors import UserError
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import Examples, Made, collect
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import SftSettings


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
    from trl import SFTConfig

    trainer = _trainer_class([row["id"] for row in train.rows], order)(
        model=model,
        args=SFTConfig(
            **(arguments | (_one_at_a_time(settings) if settings.packing else {})),
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
    if settings.packing and not keeps_rows_apart(trainer.model):
        raise UserError(
            f"a {trainer.model.config.model_type} model lets packed rows see each other; "
            "train without packing"
        )
    return trainer


def _one_at_a_time(settings: SftSettings) -> dict[str, int]:
    """Return arguments that read a batch of packed sequences one by one, for the same loss.

    TRL lays a batch of them end to end, and attention costs the square of that: with eight, eight
    times as much as by itself.
    """
    return {
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": settings.batch_size * settings.accumulate,
    }


def _trainer_class(ids: list[str], order: RowOrder | None) -> Any:
    """Return TRL's trainer, or one that shows the rows in an order of its own."""
    from torch.utils.data import Sampler
    from trl import SFTTrainer

    if order is None:
        return SFTTrainer
    chosen = order

    class InOrder(Sampler):
        def __init__(self, places: Places) -> None:
            self._places = places

        def __iter__(self) -> Iterator[int]:
            return iter(self._places)

        def __len__(self) -> int:
            return len(self._places)

    class Trainer(SFTTrainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return InOrder(chosen(ids))

    return Trainer


def keeps_rows_apart(model: Any) -> bool:
    """Return whether a model in training treats packed rows as if each were alone.

    Tried rather than looked up: the first of two rows is changed, and the second must not notice.
    Some architectures count positions by themselves or pass a state on.
    """
    import torch

    first, second = [3, 4, 5, 6, 7, 8], [5, 4, 3, 6]
    places = torch.tensor([[*range(len(first)), *range(len(second))]], device=model.device)
    seen, was_training = [], model.training
    model.eval()  # dropout would tell them apart
    with torch.no_grad():
        for start in (first, [token + 2 for token in first]):
            ids = torch.tensor([[*start, *second]], device=model.device)
            try:
                read = model(input_ids=ids, position_ids=places, use_cache=False)
            except ValueError:  # it says itself that it can't
                return False
            seen.append(read.logits[0, len(first) :])
    model.train(was_training)
    return bool(torch.allclose(*seen, rtol=0, atol=1e-4))
