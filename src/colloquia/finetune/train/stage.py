"""One stage of a training: a method on the model that the stage before left in a folder.

A checkpoint counts once a mark lies in it: a process may be killed while it is being written.
"""

import math
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from colloquia.core.atomic_folder import flush_folder
from colloquia.core.errors import UserError
from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.machine import Machine
from colloquia.finetune.settings import DpoSettings, KtoSettings, Method, SftSettings, TrainSettings
from colloquia.finetune.train.base import load_model
from colloquia.finetune.train.curriculum import Curriculum
from colloquia.finetune.train.dpo import dpo_trainer
from colloquia.finetune.train.kto import kto_trainer
from colloquia.finetune.train.log import LOG_FILE, Measurement, rewind_log
from colloquia.finetune.train.sft import RowOrder, sft_trainer
from colloquia.models.local.threads import worthwhile_threads

_COMPLETE = "complete"


class Diverged(UserError):
    """The loss is no number any more; going on, or beginning again just so, won't mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a training is, for whoever watches."""

    stage: int
    stages: int
    method: Method
    step: int
    steps: int
    loss: float | None
    """The last one logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a training tells, and is asked, while it runs."""

    watch: Callable[[Progress], None]
    should_stop: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one stage is made of."""

    number: int
    """1-based."""
    method: Method
    settings: TrainSettings
    machine: Machine
    start: Path
    """The folder of the model it begins with."""
    folder: Path
    """Its own: checkpoints, and in the end the model."""
    tokens: ChatTokens
    train: Examples
    validation: Examples
    order: RowOrder | None = None

    @property
    def model_folder(self) -> Path:
        """Where the trained model lies once the stage is done."""
        return self.folder / "model"

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.model_folder.exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnd:
    """How a stage ended."""

    finished: bool
    """False where it was asked to stop; its last checkpoint is its last step."""
    step: int


def run_stage(stage: Stage, hooks: Hooks) -> StageEnd:
    """Train from the last complete checkpoint, or the beginning, to the end or until told to stop.

    Raises:
        UserError: the model can't be loaded.
        Diverged: the loss is no number any more.
        Exception: what torch and its friends raise, untranslated.
    """
    _drop_half_written(stage.folder)
    checkpoint = last_checkpoint(stage.folder)
    done = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
    rewind_log(stage.folder.parent / LOG_FILE, stage=stage.number, step=done if checkpoint else -1)
    model = _load(stage)
    with worthwhile_threads(model):
        trainer = _trainer(stage, model, hooks, resumed=checkpoint is not None)
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        step = trainer.state.global_step
        if step < trainer.state.max_steps:
            return StageEnd(finished=False, step=step)
        _save(stage, trainer)
    return StageEnd(finished=True, step=step)


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint of a stage."""
    complete = [path for path in _checkpoints(folder) if (path / _COMPLETE).exists()]
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _checkpoints(folder: Path) -> list[Path]:
    return list((folder / "checkpoints").glob("checkpoint-*"))


def _drop_half_written(folder: Path) -> None:
    for path in _checkpoints(folder):
        if not (path / _COMPLETE).exists():
            shutil.rmtree(path)


def _load(stage: Stage) -> Any:
    # Frozen weights need no 32 bits; those that are trained do.
    return load_model(stage.start, half=stage.machine.bf16 and stage.settings.lora is not None)


def _trainer(stage: Stage, model: Any, hooks: Hooks, *, resumed: bool) -> Any:
    from transformers import PrinterCallback

    own = stage.settings.stage(stage.method)
    shared: dict[str, Any] = {
        "model": model,
        "tokens": stage.tokens,
        "train": stage.train,
        "validation": stage.validation,
        "arguments": _arguments(stage, model, resumed=resumed),
        "callbacks": [*_order_callbacks(stage), _callback(stage, hooks)],
        "peft_config": _adapters(stage.settings),
    }
    match own:
        case SftSettings():
            trainer = sft_trainer(settings=own, order=stage.order, **shared)
        case DpoSettings():
            trainer = dpo_trainer(settings=own, reference=_reference(stage), **shared)
        case KtoSettings():
            trainer = kto_trainer(settings=own, reference=_reference(stage), **shared)
        case _:
            assert_never(own)  # type: ignore[arg-type]
    trainer.remove_callback(PrinterCallback)  # it prints to stdout, where results go
    return trainer


def _order_callbacks(stage: Stage) -> list[Any]:
    """Return what keeps an adaptive order informed; before the mark of a complete checkpoint."""
    if stage.method == "sft" and isinstance(stage.order, Curriculum):
        return [stage.order.callback(stage.tokens.tokenizer)]
    return []


def _reference(stage: Stage) -> Any:
    return None if stage.settings.lora else load_model(stage.start)


def _adapters(settings: TrainSettings) -> Any:
    if settings.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _arguments(stage: Stage, model: Any, *, resumed: bool) -> dict[str, Any]:
    """Return what all trainers are told; nothing is left to their defaults that matters."""
    own, machine = stage.settings.stage(stage.method), stage.machine
    share = 1 / stage.settings.checkpoints if stage.settings.checkpoints > 1 else 0.9999
    measured = bool(stage.validation.rows)
    return {
        "output_dir": str(stage.folder / "checkpoints"),
        "max_steps": own.steps or -1,
        "num_train_epochs": own.epochs or 1,
        "learning_rate": own.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": own.warmup_steps,
        "weight_decay": own.weight_decay,
        "max_grad_norm": 1.0,
        "optim": machine.optimizer,
        "per_device_train_batch_size": own.batch_size,
        "per_device_eval_batch_size": own.batch_size,
        "gradient_accumulation_steps": own.accumulate,
        # Costs a second forward pass and saves most of the memory; not worth it for small ones.
        "gradient_checkpointing": machine.device == "cuda" and model.num_parameters() > 1e9,
        "max_length": stage.settings.max_length,
        "seed": stage.settings.seed,
        "data_seed": stage.settings.seed,
        "bf16": machine.bf16,
        "fp16": False,
        "use_cpu": machine.device == "cpu",
        "dataloader_pin_memory": machine.device == "cuda",
        "remove_unused_columns": False,
        "logging_steps": stage.settings.log_every,
        "logging_first_step": True,
        "logging_nan_inf_filter": False,  # it would log 0 for a loss that is no number
        "save_strategy": "steps",
        "save_steps": share,  # below 1: a share of all steps
        "save_total_limit": 2,
        "eval_strategy": "steps" if measured else "no",
        "eval_steps": share if measured else None,
        "eval_on_start": measured and not resumed,
        "report_to": [],
        "disable_tqdm": True,
    }


def _callback(stage: Stage, hooks: Hooks) -> Any:
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
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
                Progress(
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
            (place / _COMPLETE).touch()

    return Watch()


#: Speeds, which say more about the machine than about the training, and TRL's counters.
_UNLOGGED = {
    "eval_runtime",
    "eval_samples_per_second",
    "eval_steps_per_second",
    "eval_num_tokens",
    "num_tokens",
}


def _save(stage: Stage, trainer: Any) -> None:
    """Write the model beside the checkpoints, whole or not at all, and drop the checkpoints."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    if stage.settings.lora is not None:
        model = model.merge_and_unload()
    partial = stage.folder / "model.partial"
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    stage.tokens.tokenizer.save_pretrained(partial)
    flush_folder(partial)  # the checkpoints, which could replace it, are gone in a moment
    partial.rename(stage.model_folder)
    shutil.rmtree(stage.folder / "checkpoints")
