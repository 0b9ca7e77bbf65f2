"""ECHO: what the world answers is learnt beside what was done in it (arXiv 2605.24517).

    L = action_weight * L_A + observation_weight * mean over conversations of CE(O') / |O|

O are all observations, O' those that aren't a harness's warnings. From a corpus L_A is that of
`sft`; in an environment it is that of `grpo`, and an observation weight of 0 leaves exactly that,
to the bit. Both parts come from one forward pass.
"""

from collections.abc import Iterable
from typing import Any

from colloquia.core.errors import UserError
from colloquia.finetune.data.corpus_files import Row
from colloquia.finetune.data.examples import EncodedRow, Examples, collect_examples
from colloquia.finetune.data.heard import heard_tokens
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.environments.find import find_environment
from colloquia.finetune.settings import EchoSettings
from colloquia.finetune.train.methods.acting import Acting
from colloquia.finetune.train.methods.group_sampler import GroupSampler
from colloquia.finetune.train.methods.group_trainer import group_trainer
from colloquia.finetune.train.methods.grpo import grpo_trainer
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs

#: Columns beside those that all trainers know, padded with 0.
_WEIGHTS = ("action_weights", "observation_weights")


def echo_examples(
    tokens: ChatTokens, rows: Iterable[Row], *, max_length: int, settings: EchoSettings
) -> Examples:
    """Encode rows of `echo-jsonl`, or take their tasks where there is an environment.

    Raises:
        UserError: none has a task.
    """
    if settings.environment is not None:
        return _tasks(list(rows), settings.environment)

    def encode(row: Row) -> EncodedRow:
        heard = heard_tokens(tokens, row["messages"], speakers=settings.speakers)
        fitting = heard.cut(max_length)
        if fitting is None:
            return EncodedRow(example=None)
        example = {
            "id": row["id"],
            "input_ids": fitting.ids,
            "labels": fitting.labels,
            "action_weights": fitting.actions,
            "observation_weights": fitting.observations,
        }
        return EncodedRow(example=example, is_cut=len(fitting.ids) < len(heard.ids))

    return collect_examples(rows, encode)


def _tasks(rows: list[Row], environment: str) -> Examples:
    """Return each task once; rows without one are other dialogues, and left out."""
    tasks = {row["task"]: {"id": row["task"], "task": row["task"]} for row in rows if row["task"]}
    if rows and not tasks:
        raise UserError(
            f"no row has a task for environment {environment!r}; make some with: colloquia rollout"
        )
    return collect_examples(tasks.values(), lambda row: EncodedRow(example=row))


def echo_trainer(
    inputs: TrainerInputs, settings: EchoSettings, *, seed: int, reference: Any
) -> Any:
    """Return a trainer of TRL's.

    Args:
        inputs: what all methods are given.
        settings: of this one.
        seed: of the student's words in an environment.
        reference: as for `grpo_trainer`; without an environment it isn't used.

    Raises:
        UserError: there is no such environment, or it can't be had here.
    """
    if settings.environment is None:
        return _offline_trainer(inputs, settings)
    environment = find_environment(settings.environment)
    environment.make()
    sampler = GroupSampler.of(
        inputs,
        settings,
        seed=seed,
        level=lambda row: row["id"],
        sample=Acting(
            tokens=inputs.tokens,
            settings=settings,
            environment=environment,
            most=inputs.arguments["max_length"],
            seed=seed,
        ),
    )
    return grpo_trainer(
        inputs, settings, sampler=sampler, reference=reference, kind=echoing(settings)
    )


def echoing(settings: EchoSettings) -> Any:
    """Return the class of trainer that learns observations beside what `grpo` learns."""
    import torch

    class EchoTrainer(group_trainer()):  # type: ignore[misc]
        def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
            output: dict[str, Any] = super()._generate_and_score_completions(inputs)
            mask = output["completion_mask"]
            observed = torch.zeros(mask.shape, device=mask.device)
            for place, one in enumerate(inputs):  # where TRL has left what the rollouts bring
                weights = torch.tensor(one["observed"], device=mask.device)
                observed[place, : len(weights)] = weights
            return output | {"observed": observed}

        def _get_per_token_logps_and_entropies(self, *args: Any, **options: Any) -> Any:
            found = super()._get_per_token_logps_and_entropies(*args, **options)
            self._log_probs = found[0]
            return found

        def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
            loss = super()._compute_loss(model, inputs)
            mode = "train" if self.model.training else "eval"
            surprise = -(self._log_probs * inputs["observed"]).sum(-1).mean()
            self._metrics[mode]["observation_loss"].append(surprise.item())
            steps = self.current_gradient_accumulation_steps if mode == "train" else 1
            return _sum(settings, loss, surprise / steps)

    return EchoTrainer


def _sum(settings: EchoSettings, actions: Any, observations: Any) -> Any:
    """Return the loss; weights of 1 and 0 leave the actions' as it is, to the bit."""
    if settings.action_weight != 1:
        actions = settings.action_weight * actions
    if not settings.observation_weight:
        return actions
    return actions + settings.observation_weight * observations


def _offline_trainer(inputs: TrainerInputs, settings: EchoSettings) -> Any:
    from trl import SFTConfig

    return _weighing(settings)(
        args=SFTConfig(**inputs.arguments, packing=False),
        data_collator=_weights_collator()(
            pad_token_id=inputs.tokens.tokenizer.pad_token_id,
        ),
        **inputs.for_trainer(),
    )


def _weights_collator() -> Any:
    """Return TRL's collator, which also brings the weights of actions and observations."""
    import torch
    from torch.nn.utils.rnn import pad_sequence
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    class WeightsCollator(DataCollatorForLanguageModeling):
        def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
            batch: dict[str, Any] = super().torch_call(examples)
            for name in _WEIGHTS:
                rows = [torch.tensor(example[name]) for example in examples]
                batch[name] = pad_sequence(rows, batch_first=True)
            return batch

    return WeightsCollator


def _weighing(settings: EchoSettings) -> Any:
    """Return TRL's trainer with a loss whose tokens have weights."""
    from trl import SFTTrainer

    class WeighingTrainer(SFTTrainer):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.model_accepts_loss_kwargs = False  # losses are means; they are averaged over steps

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any
        ) -> Any:
            acted, observed = (inputs.pop(name)[:, 1:] for name in _WEIGHTS)
            read = model(**inputs, use_cache=False, fused_lm_head=True)
            surprise = -read.log_probs
            actions = (surprise * acted).sum() / acted.sum().clamp(min=1e-9)
            observations = (surprise * observed).sum(-1).mean()
            mode = "train" if self.model.training else "eval"
            for name, value in (("action", actions), ("observation", observations)):
                self._metrics[mode][f"{name}_loss"].append(value.item())
            loss = _sum(settings, actions, observations)
            return (loss, read) if return_outputs else loss

    return WeighingTrainer
