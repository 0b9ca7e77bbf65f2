"""Runs one stage of a training, from its last checkpoint or its beginning to the model it leaves.

A checkpoint counts once a mark lies in it: a process may be killed while it is being written.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from colloquia.core.atomic_folder import flush_folder
from colloquia.finetune.settings import (
    DpoSettings,
    EchoSettings,
    GrpoSettings,
    KtoSettings,
    SftSettings,
    TrainSettings,
)
from colloquia.finetune.train.base import load_model, load_tokenizer
from colloquia.finetune.train.curriculum import Curriculum
from colloquia.finetune.train.log import LOG_FILE, rewind_log
from colloquia.finetune.train.mark_embeddings import embed_marks, show_bias, trained_rows
from colloquia.finetune.train.methods.dpo import dpo_trainer
from colloquia.finetune.train.methods.echo import echo_trainer
from colloquia.finetune.train.methods.grpo import group_sampler, grpo_trainer
from colloquia.finetune.train.methods.kto import kto_trainer
from colloquia.finetune.train.methods.sft import sft_trainer
from colloquia.finetune.train.methods.trainer_inputs import TrainerInputs
from colloquia.finetune.train.stage import Hooks, TrainingStage
from colloquia.finetune.train.step_callback import COMPLETE, step_callback
from colloquia.models.local.threads import worthwhile_threads


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnd:
    """How a stage ended."""

    finished: bool
    """False where it was asked to stop; its last checkpoint is its last step."""
    step: int


def run_stage(stage: TrainingStage, hooks: Hooks) -> StageEnd:
    """Train from the last complete checkpoint, or the beginning, to the end or until told to stop.

    Raises:
        UserError: the model can't be loaded.
        Diverged: the loss is no number any more.
        Exception: what torch and its friends raise, untranslated.
    """
    _drop_partial_checkpoints(stage.folder)
    checkpoint = last_checkpoint(stage.folder)
    done = int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0
    rewind_log(stage.folder.parent / LOG_FILE, stage=stage.number, step=done if checkpoint else -1)
    model, new_tokens = _load_model(stage)
    with worthwhile_threads(model):
        trainer = _make_trainer(
            stage, model, hooks, new_tokens=new_tokens, resumed=checkpoint is not None
        )
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        step = trainer.state.global_step
        if step < trainer.state.max_steps:
            return StageEnd(finished=False, step=step)
        _save_model(stage, trainer)
    return StageEnd(finished=True, step=step)


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest complete checkpoint of a stage."""
    complete = [path for path in _checkpoints(folder) if (path / COMPLETE).exists()]
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _checkpoints(folder: Path) -> list[Path]:
    return list((folder / "checkpoints").glob("checkpoint-*"))


def _drop_partial_checkpoints(folder: Path) -> None:
    for path in _checkpoints(folder):
        if not (path / COMPLETE).exists():
            shutil.rmtree(path)


def _load_model(stage: TrainingStage) -> tuple[Any, list[int]]:
    """Return the model to begin with, and the tokens that it has new embeddings for."""
    # Frozen weights need no 32 bits; those that are trained do.
    model = load_model(stage.start, half=stage.machine.bf16 and stage.settings.lora is not None)
    own = load_tokenizer(stage.start)
    return model, embed_marks(model, stage.tokens.tokenizer, own=own)


def _make_trainer(
    stage: TrainingStage, model: Any, hooks: Hooks, *, new_tokens: list[int], resumed: bool
) -> Any:
    from transformers import PrinterCallback

    own = stage.settings.stage(stage.method)
    inputs = TrainerInputs(
        model=model,
        tokens=stage.tokens,
        train=stage.train,
        validation=stage.validation,
        arguments=_arguments(stage, model, resumed=resumed),
        callbacks=[*_order_callbacks(stage), step_callback(stage, hooks)],
        adapters=_adapters(stage.settings, trained_rows(model, new_tokens)),
    )
    match own:
        case SftSettings():
            trainer = sft_trainer(inputs, own, order=stage.order)
        case DpoSettings():
            trainer = dpo_trainer(inputs, own, reference=_load_reference(stage))
        case KtoSettings():
            trainer = kto_trainer(inputs, own, reference=_load_reference(stage))
        case EchoSettings():  # before its base
            reference = _load_reference(stage) if own.environment and own.beta else None
            trainer = echo_trainer(inputs, own, seed=stage.settings.seed, reference=reference)
        case GrpoSettings():
            sampler = group_sampler(inputs, own, seed=stage.settings.seed)
            reference = _load_reference(stage) if own.beta else None
            trainer = grpo_trainer(inputs, own, sampler=sampler, reference=reference)
        case _:
            assert_never(own)  # type: ignore[arg-type]
    if new_tokens and inputs.adapters is not None:
        show_bias(trainer.model)
    trainer.remove_callback(PrinterCallback)  # it prints to stdout, where results go
    return trainer


def _order_callbacks(stage: TrainingStage) -> list[Any]:
    """Return what keeps an adaptive order informed; before the mark of a complete checkpoint."""
    if stage.method == "sft" and isinstance(stage.order, Curriculum):
        return [stage.order.callback(stage.tokens.tokenizer)]
    return []


def _load_reference(stage: TrainingStage) -> Any:
    return None if stage.settings.lora else _load_model(stage)[0]


def _adapters(settings: TrainSettings, rows: dict[str, list[int]] | None) -> Any:
    if settings.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules="all-linear",
        trainable_token_indices=rows,
        task_type="CAUSAL_LM",
    )


def _arguments(stage: TrainingStage, model: Any, *, resumed: bool) -> dict[str, Any]:
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


def _save_model(stage: TrainingStage, trainer: Any) -> None:
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
