"""What every trainer of TRL's is given, whatever the method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.train.log import measured_as


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerInputs:
    """Model, rows and arguments of one training."""

    model: Any
    """A causal language model."""
    tokens: ChatTokens
    """The tokenizer's side of it."""
    train: Examples
    """What to learn."""
    validation: Examples
    """What to measure the loss on; may be empty."""
    arguments: dict[str, Any]
    """What all methods share, for TRL's configuration."""
    callbacks: Sequence[Any] = ()
    adapters: Any = None
    """peft's configuration of low-rank adapters; None trains all weights."""

    def for_trainer(self) -> dict[str, Any]:
        """Return the keyword arguments that all of TRL's trainers take."""
        from datasets import Dataset

        validation: Any = None
        if self.validation.parts:
            parts = self.validation.parts.items()
            validation = {measured_as(name): Dataset.from_list(rows) for name, rows in parts}
        elif self.validation.rows:
            validation = Dataset.from_list(self.validation.rows)
        return {
            "model": self.model,
            "train_dataset": Dataset.from_list(self.train.rows),
            "eval_dataset": validation,
            "processing_class": self.tokens.tokenizer,
            "callbacks": list(self.callbacks),
            "peft_config": self.adapters,
        }


def taking_tokens(trainer: Any) -> Any:
    """Return a trainer class of TRL's that takes its rows as they are: they are tokens already."""

    class TokensTrainer(trainer):
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    return TokensTrainer
