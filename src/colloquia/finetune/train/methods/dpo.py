"""Direct preference optimisation, on all of two answers or only on how they begin.

Phi-4 compares the first five tokens where it teaches to admit ignorance: whether an answer will be
a refusal is decided there, and what follows would drown it (arXiv 2412.08905, section 4.4). The
anchor is the chosen answer's own loss per token (arXiv 2404.19733), on all of that answer.
"""

from collections.abc import Iterable
from typing import Any

from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import EncodedRow, Examples, collect_examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.settings import DpoSettings
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs, taking_tokens


def dpo_examples(
    tokens: ChatTokens, rows: Iterable[Row], *, max_length: int, settings: DpoSettings
) -> Examples:
    """Encode rows of `trl-dpo` or `token-pairs`; a pair that doesn't fit as a whole is left out."""

    def encode(row: Row) -> EncodedRow:
        if "chosen_ids" in row:
            return _as_it_is(row, max_length=max_length)
        chosen = tokens.answer(row["prompt"], row["chosen"])
        rejected = tokens.answer(row["prompt"], row["rejected"])
        shared = min(len(one.prompt) + one.opening for one in (chosen, rejected))
        answers = [(one.prompt + one.answer)[shared:] for one in (chosen, rejected)]
        if shared + max(len(answer) for answer in answers) > max_length:
            return EncodedRow(example=None)
        first = settings.prefix_tokens
        example = {
            "id": row["id"],
            "prompt_ids": (chosen.prompt + chosen.answer)[:shared],
            "chosen_ids": answers[0][:first],
            "rejected_ids": answers[1][:first],
            "anchor_ids": answers[0],
        }
        if example["chosen_ids"] == example["rejected_ids"]:
            return EncodedRow(example=None, is_alike=True)
        return EncodedRow(example=example, source=row["source"])

    return collect_examples(rows, encode)


def _as_it_is(row: Row, *, max_length: int) -> EncodedRow:
    """Take a pair that is in tokens: written out and read again they may be others."""
    longest = max(len(row["chosen_ids"]), len(row["rejected_ids"]))
    if len(row["prompt_ids"]) + longest > max_length:
        return EncodedRow(example=None)
    names = ("id", "prompt_ids", "chosen_ids", "rejected_ids")
    return EncodedRow(
        example={**{name: row[name] for name in names}, "anchor_ids": row["chosen_ids"]}
    )


def dpo_trainer(inputs: TrainerInputs, settings: DpoSettings, *, reference: Any) -> Any:
    """Return a trainer of TRL's over pairs.

    Args:
        inputs: what all methods are given.
        settings: of this one.
        reference: the same model frozen, or None with adapters, which are switched off instead.
    """
    from trl import DPOConfig

    separate = settings.prefix_tokens is not None and settings.nll_weight > 0
    losses = {"sigmoid": 1.0}
    if settings.nll_weight and not separate:
        losses["sft"] = settings.nll_weight  # TRL's name for the same anchor
    return _anchored_trainer(settings.nll_weight)(
        ref_model=reference,
        args=DPOConfig(
            **inputs.arguments,
            beta=settings.beta,
            loss_type=list(losses),
            loss_weights=list(losses.values()),
        ),
        data_collator=_anchored_collator(separate=separate)(
            pad_token_id=inputs.tokens.tokenizer.pad_token_id,
            max_length=inputs.arguments["max_length"],
        ),
        **inputs.for_trainer(),
    )


_ANCHOR = ("input_ids", "attention_mask", "completion_mask")


def _anchored_collator(*, separate: bool) -> Any:
    """Return TRL's collator, which with `separate` also brings the chosen answers as a whole."""
    from trl.trainer.dpo_trainer import DataCollatorForPreference

    class AnchoredCollator(DataCollatorForPreference):
        def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
            batch: dict[str, Any] = super().torch_call(examples)
            if separate:
                whole = [{**one, "chosen_ids": one["anchor_ids"]} for one in examples]
                again = super().torch_call(whole)
                batch |= {f"anchor_{key}": again[key][: len(examples)] for key in _ANCHOR}
            return batch

    return AnchoredCollator


def _anchored_trainer(nll_weight: float) -> Any:
    """Return TRL's trainer, which adds the anchor that a batch has to its loss."""
    from trl import DPOTrainer

    class AnchoredTrainer(taking_tokens(DPOTrainer)):  # type: ignore[misc]
        def _compute_loss(self, model: Any, inputs: Any, return_outputs: Any) -> Any:
            names = [key for key in _ANCHOR if f"anchor_{key}" in inputs]
            anchor = {key: inputs.pop(f"anchor_{key}") for key in names}
            result = super()._compute_loss(model, inputs, return_outputs)
            if not anchor:
                return result
            loss, *outputs = result if return_outputs else (result,)
            mask = anchor.pop("completion_mask")
            labels = anchor["input_ids"].masked_fill(mask == 0, -100)
            read = model(**anchor, labels=labels, use_cache=False, fused_lm_head=True)
            loss = loss - nll_weight * read.log_probs[mask[:, 1:].bool()].mean()
            return (loss, *outputs) if return_outputs else loss

    return AnchoredTrainer
