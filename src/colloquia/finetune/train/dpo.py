"""Direct preference optimisation, on all of two answers or only on how they begin.

Phi-4 compares the first five tokens where it teaches to admit ignorance: whether an answer will be
a refusal is decided there, and what follows would drown it (arXiv 2412.08905, section 4.4). The
anchor is the chosen answer's own loss per token (arXiv 2404.19733), on all of that answer.
"""

from collections.abc import Iterable
from typing import Any

from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import Examples, Made, collect
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import DpoSettings


def dpo_examples(
    tokens: ChatTokens, rows: Iterable[Row], *, max_length: int, settings: DpoSettings
) -> Examples:
    """Encode rows of `trl-dpo`; a pair that doesn't fit as a whole is left out."""

    def make(row: Row) -> Made:
        chosen = tokens.answer(row["prompt"], row["chosen"])
        rejected = tokens.answer(row["prompt"], row["rejected"])
        shared = min(len(one.prompt) + one.opening for one in (chosen, rejected))
        answers = [(one.prompt + one.answer)[shared:] for one in (chosen, rejected)]
        if shared + max(len(answer) for answer in answers) > max_length:
            return Made(example=None)
        first = settings.prefix_tokens
        example = {
            "id": row["id"],
            "prompt_ids": (chosen.prompt + chosen.answer)[:shared],
            "chosen_ids": answers[0][:first],
            "rejected_ids": answers[1][:first],
            "anchor_ids": answers[0],
        }
        if example["chosen_ids"] == example["rejected_ids"]:
            return Made(example=None, is_alike=True)
        return Made(example=example)

    return collect(rows, make)


def dpo_trainer(
    *,
    model: Any,
    reference: Any,
    tokens: ChatTokens,
    train: Examples,
    validation: Examples,
    settings: DpoSettings,
    arguments: dict[str, Any],
    **rest: Any,
) -> Any:
    """Return a trainer of TRL's over pairs that are tokens already.

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
    from trl import DPOConfig

    separate = settings.prefix_tokens is not None and settings.nll_weight > 0
    losses = {"sigmoid": 1.0}
    if settings.nll_weight and not separate:
        losses["sft"] = settings.nll_weight  # TRL's name for the same anchor
    return _trainer_class(settings.nll_weight)(
        model=model,
        ref_model=reference,
        args=DPOConfig(
            **arguments,
            beta=settings.beta,
            loss_type=list(losses),
            loss_weights=list(losses.values()),
        ),
        data_collator=_collator_class(separate=separate)(
            pad_token_id=tokens.tokenizer.pad_token_id, max_length=arguments["max_length"]
        ),
        train_dataset=Dataset.from_list(train.rows),
        eval_dataset=Dataset.from_list(validation.rows) if validation.rows else None,
        processing_class=tokens.tokenizer,
        **rest,
    )


_ANCHOR = ("input_ids", "attention_mask", "completion_mask")


def _collator_class(*, separate: bool) -> Any:
    """Return TRL's collator, which with `separate` also brings the chosen answers as a whole."""
    from trl.trainer.dpo_trainer import DataCollatorForPreference

    class Collator(DataCollatorForPreference):
        def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
            batch: dict[str, Any] = super().torch_call(examples)
            if separate:
                whole = [{**one, "chosen_ids": one["anchor_ids"]} for one in examples]
                again = super().torch_call(whole)
                batch |= {f"anchor_{key}": again[key][: len(examples)] for key in _ANCHOR}
            return batch

    return Collator


def _trainer_class(nll_weight: float) -> Any:
    """Return TRL's trainer, which takes tokens as they are and adds the anchor a batch has."""
    from trl import DPOTrainer

    class Trainer(DPOTrainer):
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

        def _compute_loss(self, model: Any, inputs: Any, return_outputs: Any) -> Any:
            names = [key for key in _ANCHOR if f"anchor_{key}" in inputs]
            anchor = {key: inputs.pop(f"anchor_{key}") for key in names}
            found = super()._compute_loss(model, inputs, return_outputs)
            if not anchor:
                return found
            loss, *outputs = found if return_outputs else (found,)
            mask = anchor.pop("completion_mask")
            labels = anchor["input_ids"].masked_fill(mask == 0, -100)
            read = model(**anchor, labels=labels, use_cache=False, fused_lm_head=True)
            loss = loss - nll_weight * read.log_probs[mask[:, 1:].bool()].mean()
            return (loss, *outputs) if return_outputs else loss

    return Trainer
