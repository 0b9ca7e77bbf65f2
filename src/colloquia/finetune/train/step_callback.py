"""What happens after each step of a stage: a line of the log, a word to who watches, a stop."""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.finetune.train.log import LOG_FILE, Measurement
from colloquia.finetune.train.stage import Hooks, StepReport, TrainingStage

#: Marks a checkpoint as complete: a process may be killed while it is being written.
COMPLETE = "complete"


class Diverged(UserError):
    """The loss is no number any more; going on, or beginning again just so, won't mend it."""


def step_callback(stage: TrainingStage, hooks: Hooks) -> Any:
    """Return a callback of transformers' for one stage."""
    from transformers import TrainerCallback

    class StepCallback(TrainerCallback):
        so_far = _SoFar()
        started = time.monotonic()

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any
        ) -> None:
            values = _logged(logs or {}, stage.method)
            if not {"loss", "eval_loss", "eval_reward"} & set(values):
                return  # the summary in the end
            for name in ("loss", "eval_loss", "grad_norm"):
                if not math.isfinite(values.get(name, 0.0)):
                    raise Diverged(
                        f"{stage.method} diverged by step {state.global_step}: {name} is "
                        f"{values[name]}; take a learning_rate below {args.learning_rate:g}"
                    )
            values = {name: value for name, value in values.items() if math.isfinite(value)}
            self.so_far.take(values)
            values["seconds"] = round(time.monotonic() - self.started, 2)
            line = Measurement(
                stage=stage.number, method=stage.method, step=state.global_step, values=values
            )
            with (stage.folder.parent / LOG_FILE).open("a", encoding="utf-8") as file:
                file.write(line.to_json() + "\n")

        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            hooks.watch(
                StepReport(
                    stage=stage.number,
                    stages=len(stage.settings.method),
                    method=stage.method,
                    step=state.global_step,
                    steps=state.max_steps,
                    **asdict(self.so_far),
                )
            )
            if hooks.should_stop():
                control.should_save = control.should_training_stop = True
            if control.should_save:
                # A mean is logged over the steps since the last line; those before a checkpoint
                # are gone from memory when it is taken up again, so the mean ends here.
                control.should_log = True

        def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            place = Path(args.output_dir, f"checkpoint-{state.global_step}")
            (place / COMPLETE).touch()

    return StepCallback()


@dataclass
class _SoFar:
    """What the lines of the log have told, as `StepReport` has it."""

    loss: float | None = None
    reward: float | None = None
    groups: int = 0
    mixed_groups: int = 0

    def take(self, values: Mapping[str, float]) -> None:
        self.loss = values.get("loss", self.loss)
        self.reward = values.get("reward", self.reward)
        self.groups += round(values.get("groups", 0))
        self.mixed_groups += round(values.get("mixed_groups", 0))


def _logged(logs: Mapping[str, Any], method: str) -> dict[str, float]:
    values = {
        name: value
        for name, value in logs.items()
        if isinstance(value, int | float) and name not in _UNLOGGED
    }
    if method == "grpo":
        values.pop("eval_loss", None)  # of answers that have no others to be compared with
    return values


#: Speeds, which say more about the machine than about the training, and TRL's counters.
_UNLOGGED = {
    "eval_runtime",
    "eval_samples_per_second",
    "eval_steps_per_second",
    "eval_num_tokens",
    "num_tokens",
    "step_time",
    "frac_reward_zero_std",  # `mixed_groups` says it in whole groups
    "eval_frac_reward_zero_std",
}
