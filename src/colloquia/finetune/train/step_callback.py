"""What happens after each step of a stage: a line of the log, a word to who watches, a stop."""

import math
import time
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
        loss: float | None = None
        started = time.monotonic()

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any
        ) -> None:
            values = {
                name: value
                for name, value in (logs or {}).items()
                if isinstance(value, int | float) and name not in _UNLOGGED
            }
            if not {"loss", "eval_loss"} & set(values):
                return  # the summary in the end
            for name in ("loss", "eval_loss", "grad_norm"):
                if not math.isfinite(values.get(name, 0.0)):
                    raise Diverged(
                        f"{stage.method} diverged by step {state.global_step}: {name} is "
                        f"{values[name]}; take a learning_rate below {args.learning_rate:g}"
                    )
            values = {name: value for name, value in values.items() if math.isfinite(value)}
            self.loss = values.get("loss", self.loss)
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
                    loss=self.loss,
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


#: Speeds, which say more about the machine than about the training, and TRL's counters.
_UNLOGGED = {
    "eval_runtime",
    "eval_samples_per_second",
    "eval_steps_per_second",
    "eval_num_tokens",
    "num_tokens",
}
