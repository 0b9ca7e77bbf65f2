"""TRL's GRPO trainer with what it has no place for.

Answers come from our own sampler, the reference is a model that is there already, and a checkpoint
holds all it takes to go on to the very same weights: TRL forgets where in its questions it was, and
the answers that further steps were to learn from.
"""

import json
from pathlib import Path
from typing import Any

from colloquia.finetune.train.methods.group_sampler import TRAINING, VALIDATION, GroupSampler

_SAMPLER, _ANSWERS = "sampler.json", "answers.pt"


def group_trainer() -> Any:
    """Return the class; it takes `sampler`, `reference` and `beta` beside what TRL's takes.

    Without a reference `args.beta` holds, with one `beta`.
    """
    from trl import GRPOTrainer
    from trl.trainer.utils import add_fused_lm_head

    class GroupTrainer(_resumable(GRPOTrainer)):  # type: ignore[misc]
        def __init__(
            self, *, sampler: GroupSampler, reference: Any, beta: float, **rest: Any
        ) -> None:
            self.sampler = sampler
            super().__init__(rollout_func=self._roll_out, **rest)
            if reference is not None:
                add_fused_lm_head(reference, temperature=self.temperature)
                self.ref_model = self.accelerator.prepare_model(reference, evaluation_mode=True)
                self.beta = beta

        def _roll_out(self, prompts: list[str], _: Any) -> dict[str, Any]:
            model = self.accelerator.unwrap_model(self.model)
            if self.model.training:
                found = self.sampler.groups(model, len(prompts) // self.num_generations)
            else:
                found = self.sampler.held_out(model, prompts)
            rollouts: dict[str, Any] = {
                "prompt_ids": [one.prompt_ids for one in found],
                "completion_ids": [one.completion_ids for one in found],
                "logprobs": None,  # the model that wrote them is the one that is trained
                "scores": [one.scores for one in found],
            }
            if any(one.own is not None for one in found):
                rollouts["env_mask"] = [one.own or [1] * len(one.completion_ids) for one in found]
            if any(one.observed is not None for one in found):
                rollouts["observed"] = [one.observed for one in found]
            return rollouts

        def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
            mode = TRAINING if self.model.training else VALIDATION
            super().log(logs | self.sampler.figures(mode), start_time)

    return GroupTrainer


def _resumable(trainer: Any) -> Any:
    """Return a GRPO trainer of TRL's, with a `sampler`, whose checkpoints are whole."""
    import torch

    class ResumableTrainer(trainer):
        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            super()._save_checkpoint(model, trial)
            place = Path(self.args.output_dir, f"checkpoint-{self.state.global_step}")
            (place / _SAMPLER).write_text(json.dumps(self.sampler.state()), encoding="utf-8")
            if self._step % (self.args.steps_per_generation * self.num_iterations):
                torch.save(self._buffered_inputs, place / _ANSWERS)

        def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
            super()._load_optimizer_and_scheduler(checkpoint)
            if checkpoint is None:
                return
            place = Path(checkpoint)
            self.sampler.restore(json.loads((place / _SAMPLER).read_text("utf-8")))
            self._step = self.state.global_step * self.args.gradient_accumulation_steps
            if (place / _ANSWERS).exists():
                self._buffered_inputs = torch.load(
                    place / _ANSWERS, map_location=self.accelerator.device, weights_only=True
                )

    return ResumableTrainer
