"""Supervised fine-tuning: the loss counts the assistant's words and nothing else."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from colloquia.core.errors import UserError
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import EncodedRow, Examples, collect_examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import SftSettings
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs


class Places(Protocol):
    """Places in a list of rows, gone through once per epoch, which is as long as they are many."""

    def __iter__(self) -> Iterator[int]: ...

    def __len__(self) -> int: ...


#: Given the ids of the rows that are trained on, returns the order in which they are shown.
RowOrder = Callable[[list[str]], Places]


def sft_examples(tokens: ChatTokens, rows: Iterable[Row], *, max_length: int) -> Examples:
    """Encode rows of `trl-sft` or `trl-sft-turns`."""

    def encode(row: Row) -> EncodedRow:
        if "messages" in row:
            encoded = tokens.dialogue(row["messages"])
        else:
            encoded = tokens.last_answer(row["prompt"], row["completion"])
        fitting = encoded.cut(max_length)
        if fitting is None:
            return EncodedRow(example=None)
        example = {"id": row["id"], "input_ids": fitting.ids, "labels": fitting.labels}
        return EncodedRow(example=example, is_cut=len(fitting.ids) < len(encoded.ids))

    return collect_examples(rows, encode)


def sft_trainer(
    inputs: TrainerInputs, settings: SftSettings, *, order: RowOrder | None = None
) -> Any:
    """Return a trainer of TRL's over rows.

    Args:
        inputs: what all methods are given.
        settings: of this one.
        order: shows the rows in an order of its own instead of shuffling them.

    Raises:
        UserError: the model lets packed rows see each other.
    """
    from trl import SFTConfig

    trainer = _ordered_trainer([row["id"] for row in inputs.train.rows], order)(
        args=SFTConfig(
            **(inputs.arguments | (_one_at_a_time(settings) if settings.packing else {})),
            packing=settings.packing,
            # First fit decreasing, with a position that begins anew for each row: attention stays
            # inside it. "wrapped" would cut rows apart and let them see each other.
            packing_strategy="bfd",
            eval_packing=False,
        ),
        **inputs.for_trainer(),
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


def _ordered_trainer(ids: list[str], order: RowOrder | None) -> Any:
    """Return TRL's trainer, or one that shows the rows in an order of its own."""
    from torch.utils.data import Sampler
    from trl import SFTTrainer

    if order is None:
        return SFTTrainer
    chosen = order

    class OrderSampler(Sampler):
        def __init__(self, places: Places) -> None:
            self._places = places

        def __iter__(self) -> Iterator[int]:
            return iter(self._places)

        def __len__(self) -> int:
            return len(self._places)

    class OrderedTrainer(SFTTrainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return OrderSampler(chosen(ids))

    return OrderedTrainer


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
