"""One training, by our runner or by a plain TRL script, from its first step's end to its last.

    python -m benchmarks.train.case '{"runner": "ours", "method": "sft", ...}'

A process of its own, so that its peak memory is its own. Nothing is saved: both stop at the last
step, before a checkpoint or a model is written.
"""

import json
import resource
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.train.shapes import LORA_RANK, SHAPES
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import read_question
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.measure.asking import is_alone
from colloquia.finetune.rewards.outcome import refusal
from colloquia.finetune.rewards.sampled_answer import SampledAnswer
from colloquia.finetune.settings import GrpoSettings
from colloquia.finetune.train.libraries import quiet_libraries
from colloquia.finetune.train.methods.grpo import grpo_examples

LEARNING_RATE, BETA, LOG_EVERY, SEED = 1e-4, 0.1, 5, 0
GROUP, ANSWER, KL, ENTROPY = 8, 48, 1e-3, 1e-3  # of grpo; an answer's tokens, and weights


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is trained, and how."""

    runner: str
    """`ours` or `plain`."""
    method: str
    shape: str
    base: str
    corpus: str
    work: str
    """A folder that doesn't exist yet."""
    epochs: int = 2
    steps: int = 0
    """Instead of `epochs`, for grpo."""
    batch: int = 8
    """Rows; for grpo answers."""
    max_length: int = 1024
    lora: bool = False
    packing: bool = False


@dataclass(kw_only=True)
class Clock:
    """Wall and CPU time at the end of each step."""

    marks: list[tuple[float, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)

    def mark(self) -> None:
        """Note the time; on a GPU, once its work is really done."""
        import torch

        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.marks.append((time.perf_counter(), time.process_time()))


class Finished(Exception):
    """The last step is done; what follows isn't measured."""


def measure(case: Case) -> dict[str, Any]:
    """Train, and return speed, memory and loss."""
    import torch

    clock = Clock()
    with quiet_libraries(), suppress(Finished):
        (ours if case.runner == "ours" else plain)(case, clock)
    steps = len(clock.marks)
    if steps < 3:
        raise SystemExit(f"{steps} steps are too few to be timed; take more epochs")
    wall_s, cpu_s = (clock.marks[-1][n] - clock.marks[0][n] for n in (0, 1))
    tokens = tokens_of(case, steps) * (steps - 1) / steps
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    on_gpu = torch.cuda.is_available()
    return {
        "steps": steps,
        "tokens": round(tokens),
        "tokens_per_s": tokens / wall_s,
        "tokens_per_cpu_s": tokens / cpu_s,
        "loss": clock.losses[-1] if clock.losses else None,
        "peak_mb": peak / (1 if sys.platform == "linux" else 1024) / 1e3,
        "gpu_peak_gb": torch.cuda.max_memory_allocated() / 1e9 if on_gpu else None,
    }


def ours(case: Case, clock: Clock) -> None:
    """Train with the project's runner."""
    import colloquia

    def watch(progress: Any) -> None:
        clock.mark()
        if progress.loss is not None:
            clock.losses[:] = [progress.loss]
        if progress.step == progress.steps:
            raise Finished

    length: dict[str, Any] = {"steps": case.steps} if case.steps else {"epochs": case.epochs}
    own = {**length, "batch_size": case.batch, "learning_rate": LEARNING_RATE}
    match case.method:
        case "sft":
            own["packing"] = case.packing
        case "dpo":
            own["beta"] = BETA
        case _:
            own |= {"accumulate": 1, "group_size": GROUP, "max_tokens": ANSWER, "beta": KL}
            own["rewards"] = {"refusal": 1}
    settings: dict[str, Any] = {case.method: own}
    colloquia.train(
        case.corpus,
        output=case.work,
        base=case.base,
        method=case.method,
        lora=case.lora,
        max_length=case.max_length,
        log_every=LOG_EVERY,
        checkpoints=1,
        seed=SEED,
        watch=watch,
        **settings,
    )


def plain(case: Case, clock: Clock) -> None:
    """Train as TRL's own documentation does it, with the same numbers."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
    from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

    on_gpu = torch.cuda.is_available()
    half = on_gpu and torch.cuda.is_bf16_supported()
    shape = SHAPES[case.shape]
    model = AutoModelForCausalLM.from_pretrained(
        case.base, dtype=torch.bfloat16 if half and case.lora else torch.float32
    )
    tokenizer = AutoTokenizer.from_pretrained(case.base)
    arguments: dict[str, Any] = {
        "output_dir": case.work,
        "num_train_epochs": case.epochs,
        "max_steps": case.steps or -1,
        "per_device_train_batch_size": case.batch,
        "learning_rate": LEARNING_RATE,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 10,
        "max_length": case.max_length,
        "bf16": half,
        "use_cpu": not on_gpu,
        "optim": "adamw_torch_fused" if on_gpu else "adamw_torch",
        "gradient_checkpointing": on_gpu and shape.weights > 1e9,
        "dataloader_pin_memory": on_gpu,
        "logging_steps": LOG_EVERY,
        "logging_first_step": True,
        "save_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        "seed": SEED,
    }
    rest: dict[str, Any] = {
        "model": model,
        "train_dataset": Dataset.from_list(_columns(case)),
        "processing_class": tokenizer,
        "callbacks": [_timed(clock)],
        "peft_config": LoraConfig(
            r=LORA_RANK, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        if case.lora
        else None,
    }
    if case.method == "sft":
        sft = SFTConfig(**arguments, assistant_only_loss=True, packing=case.packing)
        trainer = SFTTrainer(args=sft, **rest)
    elif case.method == "dpo":
        dpo = DPOConfig(**arguments, beta=BETA, loss_type=["sigmoid", "sft"], loss_weights=[1, 1])
        trainer = DPOTrainer(args=dpo, **rest)
    else:
        del arguments["max_length"]
        grpo = GRPOConfig(
            **arguments,
            num_generations=GROUP,
            max_completion_length=ANSWER,
            beta=KL,
            entropy_coef=ENTROPY,
            loss_type="grpo",
            disable_dropout=True,
        )
        trainer = GRPOTrainer(args=grpo, reward_funcs=_refusal(case), **rest)
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def _timed(clock: Clock) -> Any:
    """Return a callback that marks each step and ends after the last, before anything is saved."""
    from transformers import TrainerCallback

    class Timed(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if "loss" in (logs or {}):
                clock.losses[:] = [float(logs["loss"])]

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            clock.mark()
            if state.global_step == state.max_steps:
                raise Finished

    return Timed()


def _refusal(case: Case) -> Any:
    """Return the runner's reward as a function of TRL's: what it costs isn't the trainer's."""
    corpus = open_corpus(Path(case.corpus))
    questions = {row["id"]: read_question(row) for row in corpus.rows("trl-grpo", "train")}

    def earned(completions: Any, completion_ids: Any, id: Any, **_: Any) -> list[float]:
        return [
            refusal(
                SampledAnswer(
                    question=questions[row],
                    text=said[0]["content"],
                    tokens=len(ids),
                    ended=len(ids) < ANSWER,
                    most_tokens=ANSWER,
                )
            )
            for said, ids, row in zip(completions, completion_ids, id, strict=True)
        ]

    return earned


def tokens_of(case: Case, steps: int) -> float:
    """Return the tokens of a training: of dialogues, of both sides of pairs, or of answers.

    Random weights end hardly any answer before its limit.
    """
    tokens = ChatTokens(_tokenizer(case), place=case.base)
    if case.method == "grpo":
        lengths = [len(row["prompt_ids"]) for row in _asked(case, tokens)]
        return steps * case.batch * (sum(lengths) / len(lengths) + ANSWER)
    total = 0
    for row in _columns(case):
        if case.method == "sft":
            total += len(tokens.dialogue(row["messages"]).ids)
        else:
            for side in ("chosen", "rejected"):
                both = tokens.answer(row["prompt"], row[side])
                total += len(both.prompt) + len(both.answer)
    return total * case.epochs


def _columns(case: Case) -> list[dict[str, Any]]:
    corpus = open_corpus(Path(case.corpus))
    if case.method == "sft":
        return [{"messages": row["messages"]} for row in corpus.rows("trl-sft", "train")]
    if case.method == "grpo":
        return [
            {
                "prompt": row["question"].prompt(
                    "closed", with_history=not is_alone(row["question"])
                ),
                "id": row["id"],
            }
            for row in _asked(case, ChatTokens(_tokenizer(case), place=case.base))
        ]
    names = ("prompt", "chosen", "rejected")
    return [{name: row[name] for name in names} for row in corpus.rows("trl-dpo", "train")]


def _asked(case: Case, tokens: ChatTokens) -> list[dict[str, Any]]:
    """Return the questions that the runner asks."""
    settings = GrpoSettings(steps=1, learning_rate=LEARNING_RATE, max_tokens=ANSWER)
    rows = open_corpus(Path(case.corpus)).rows("trl-grpo", "train")
    return grpo_examples(tokens, rows, max_length=case.max_length, settings=settings).rows


def _tokenizer(case: Case) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(case.base)


if __name__ == "__main__":
    asked = Case(**json.loads(sys.argv[1]))
    print(json.dumps({**asdict(asked), **measure(asked)}))
