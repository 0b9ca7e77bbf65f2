"""Trains a student on an exported corpus: the stages one after the other, then the folder, whole.

    colloquia.train("corpus", output="student", method="sft,dpo")

Work is done in a folder beside the output. However it ends (a signal, a kill, a full disk), the
same call with `resume` goes on from the last checkpoint; on a CPU the weights are then the same to
the bit as without the interruption.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import Field

from colloquia.core.atomic_folder import atomic_folder, require_room
from colloquia.core.errors import ColloquiaError, UserError, WorldError
from colloquia.core.hashing import canonical_json
from colloquia.core.text import shown
from colloquia.core.types import Value
from colloquia.corpus.splits import TRAIN, VALIDATION
from colloquia.finetune.data.examples import CorpusShare, Fit
from colloquia.finetune.data.mixture import Corpora, check_weights, open_corpora
from colloquia.finetune.environments.find import find_environment
from colloquia.finetune.machine import find_machine, translated
from colloquia.finetune.rewards.registry import find_rewards
from colloquia.finetune.settings import Method, TrainSettings, load_settings
from colloquia.finetune.train.base import find_base
from colloquia.finetune.train.card import CARD_FILE, model_card
from colloquia.finetune.train.chosen_order import chosen_order
from colloquia.finetune.train.curve import CURVE_FILE, draw_curve
from colloquia.finetune.train.libraries import quiet_libraries, require_libraries
from colloquia.finetune.train.log import LOG_FILE, losses_by_corpus, read_log
from colloquia.finetune.train.methods.sft import RowOrder
from colloquia.finetune.train.preparation import (
    PreparedRows,
    base_place,
    open_tokens,
    prepare_rows,
    teaches_to_think,
    training_identity,
    training_rows,
)
from colloquia.finetune.train.run_stage import StageEnd, run_stage
from colloquia.finetune.train.stage import Hooks, StepReport, TrainingStage
from colloquia.finetune.train.training_folder import (
    IDENTITY_FILE,
    can_resume,
    open_training_folder,
    training_folder_of,
)
from colloquia.models.local.model_folder import ModelFolder

PathLike: TypeAlias = str | os.PathLike[str]


class StageResult(Value):
    """What one stage did."""

    method: Method
    steps: int
    rows: Fit
    """Of the training split."""
    validation_rows: int
    loss: tuple[float, float] | None
    """First and last logged while training."""
    validation_loss: tuple[float, float] | None
    """Before and after; of the only corpus."""
    shares: tuple[CorpusShare, ...] = ()
    """Of several corpora: what was drawn of each."""
    validation_losses: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """Of several corpora: before and after, by corpus."""
    reward: tuple[float, float] | None = None
    """Mean of the answers that were sampled: first and last logged; of `grpo` alone."""
    validation_reward: tuple[float, float] | None = None
    """Before and after; of `grpo` alone, whose loss says nothing."""
    groups: int | None = None
    """Of answers to one question each; of `grpo` alone."""
    mixed_groups: int | None = None
    """Of these, whose answers earned differently: the others have no gradient."""
    cut_answers: float | None = None
    """Share of the answers that were cut at `max_tokens`, 0..1; of `grpo` alone."""


class TrainResult(Value):
    """A finished training, or one that was asked to stop."""

    output: str
    """The model's folder; not there yet if `interrupted`."""
    settings: TrainSettings
    stages: tuple[StageResult, ...]
    """As far as they got."""
    interrupted: bool
    seconds: float


def train(
    corpus: PathLike | Sequence[PathLike],
    *,
    output: str | os.PathLike[str] = "student",
    resume: bool = False,
    config: str | os.PathLike[str] | None = None,
    watch: Callable[[StepReport], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    order: RowOrder | None = None,
    **settings: Any,
) -> TrainResult:
    """Train a student on an exported corpus; needs the extra `finetune`.

    Args:
        corpus: the folder that `export` made; or several, whose rows are drawn by `weights`.
        output: a folder that doesn't exist yet.
        resume: go on with a training that was interrupted; give what it was begun with.
        config: a YAML file with a section `train`.
        watch: called after each step.
        should_stop: asked after each step; if so, a checkpoint is written and that was it for now.
        order: shows the rows of `sft` in an order of its own, over `sft.order`; a `Curriculum` is
            kept informed.
        settings: as in the section `train`, over it: `method="sft,dpo"`, `base="tiny"`,
            `lora=True`, `sft={"epochs": 3}`; see `TrainSettings`.

    Raises:
        UserError: a setting, the corpus or the base doesn't fit, or a library is missing.
        WorldError: `output` may not be written, memory or disk is full; `resume` goes on.
    """
    chosen = load_settings(config, settings)
    place = Path(output)
    require_room(place)
    folders = [corpus] if isinstance(corpus, str | os.PathLike) else corpus
    corpora = open_corpora([Path(folder) for folder in folders])
    check_weights(corpora, chosen.weights)
    for opened in corpora.values():
        for method in chosen.method:
            training_rows(opened, method)  # told before libraries are loaded, which takes seconds
    if "grpo" in chosen.method:
        find_rewards(chosen.grpo.rewards)
    if "echo" in chosen.method and chosen.echo.environment is not None:
        find_environment(chosen.echo.environment).make()
    order = _order_of(corpora, chosen, order)
    require_libraries()
    base = find_base(chosen.base)  # from the Hub perhaps, and the libraries are kept offline
    hooks = Hooks(watch=watch or (lambda _: None), should_stop=should_stop or (lambda: False))
    started = time.monotonic()
    with quiet_libraries(), _translated_faults(chosen, place):
        stages = _run_stages(corpora, chosen, place, hooks, base=base, resume=resume, order=order)
    return TrainResult(
        output=str(place),
        settings=chosen,
        stages=tuple(stages),
        interrupted=not place.exists(),
        seconds=round(time.monotonic() - started, 2),
    )


def _order_of(corpora: Corpora, settings: TrainSettings, given: RowOrder | None) -> RowOrder | None:
    if len(corpora) == 1:
        (only,) = corpora.values()
        return given or chosen_order(only, settings)
    ordered = any(
        getattr(settings.stage(m), "order", "random") != "random" for m in settings.method
    )
    if given or ordered:
        raise UserError(
            "several corpora come shuffled: an order would go against their weights; take one"
        )
    if "sft" in settings.method and settings.sft.packing and settings.sft.steps:
        raise UserError("packing with several corpora: say how long by epochs, not steps")
    return None


def _run_stages(
    corpora: Corpora,
    settings: TrainSettings,
    output: Path,
    hooks: Hooks,
    *,
    base: ModelFolder | None,
    resume: bool,
    order: RowOrder | None,
) -> list[StageResult]:
    machine = find_machine()
    identity = training_identity(corpora, settings, machine, base=base)
    with open_training_folder(output, identity, resume=resume) as work:
        start = base_place(corpora, settings, work, base=base)
        tokens = open_tokens(start, thinking=teaches_to_think(corpora, settings))
        prepared = [prepare_rows(corpora, settings, tokens, method) for method in settings.method]
        results = []
        for number, rows in enumerate(prepared, start=1):
            stage = TrainingStage(
                number=number,
                method=rows.method,
                settings=settings,
                machine=machine,
                start=start,
                folder=work / f"{number}-{rows.method}",
                tokens=tokens,
                train=rows.train,
                validation=rows.validation,
                order=order,
            )
            end = run_stage(stage, hooks) if not stage.is_done else _end_of_finished(stage)
            results.append(_stage_result(rows, stage, end))
            if not end.finished:
                return results
            start = stage.model_folder
        try:
            _publish_model(output, work, start, settings, identity, prepared)
        except WorldError as error:
            raise WorldError(f"{error}; `resume=True` goes on") from error
    shutil.rmtree(training_folder_of(output), ignore_errors=True)
    return results


def _publish_model(
    output: Path,
    work: Path,
    model: Path,
    settings: TrainSettings,
    identity: Mapping[str, Any],
    prepared: list[PreparedRows],
) -> None:
    log = list(read_log(work / LOG_FILE))
    fits = {
        f"{number}-{rows.method}": {
            split: examples.fit.model_dump()
            for split, examples in ((TRAIN, rows.train), (VALIDATION, rows.validation))
        }
        for number, rows in enumerate(prepared, start=1)
    }
    with atomic_folder(output) as folder:
        shutil.copytree(model, folder, dirs_exist_ok=True)  # a tokenizer may bring folders
        shutil.copy2(work / LOG_FILE, folder / LOG_FILE)
        draw_curve(log, folder / CURVE_FILE)
        content = {**identity, "rows": fits}
        (folder / IDENTITY_FILE).write_text(canonical_json(content) + "\n", encoding="utf-8")
        shares = {name: rows.train.shares for name, rows in zip(fits, prepared, strict=True)}
        card = model_card(settings, identity=identity, fits=fits, shares=shares, log=log)
        (folder / CARD_FILE).write_text(card, encoding="utf-8")


def _end_of_finished(stage: TrainingStage) -> StageEnd:
    log = read_log(stage.folder.parent / LOG_FILE)
    return StageEnd(
        finished=True, step=max((one.step for one in log if one.stage == stage.number), default=0)
    )


def _stage_result(rows: PreparedRows, stage: TrainingStage, end: StageEnd) -> StageResult:
    log = [one for one in read_log(stage.folder.parent / LOG_FILE) if one.stage == stage.number]

    def ends(key: str) -> tuple[float, float] | None:
        values = [one.values[key] for one in log if key in one.values]
        return (values[0], values[-1]) if values else None

    def total(key: str) -> int | None:
        values = [one.values[key] for one in log if key in one.values]
        return round(sum(values)) if values else None

    def mean(key: str) -> float | None:
        values = [one.values[key] for one in log if key in one.values]
        return sum(values) / len(values) if values else None

    return StageResult(
        method=rows.method,
        steps=end.step,
        rows=rows.train.fit,
        validation_rows=len(rows.validation.rows),
        loss=ends("loss"),
        validation_loss=ends("eval_loss"),
        shares=rows.train.shares,
        validation_losses={
            corpus: values
            for key, corpus in losses_by_corpus(key for one in log for key in one.values).items()
            if corpus and (values := ends(key))
        },
        reward=ends("reward"),
        validation_reward=ends("eval_reward"),
        groups=total("groups"),
        mixed_groups=total("mixed_groups"),
        cut_answers=mean("completions/clipped_ratio") if rows.method == "grpo" else None,
    )


@contextmanager
def _translated_faults(settings: TrainSettings, output: Path) -> Iterator[None]:
    """Turn failures of memory and disk into one line that says how to go on."""
    try:
        yield
    except ColloquiaError:
        raise
    except Exception as error:
        batch = max(settings.stage(method).batch_size for method in settings.method)
        smaller = f"a batch_size below {batch}, a max_length below {settings.max_length} or lora"
        own = translated(error, doing=f"training {shown(output)}", smaller=smaller)
        if own is None:
            raise
        kept = can_resume(training_folder_of(output))
        raise type(own)(
            f"{own}; {'`resume=True` goes on' if kept else 'nothing was left'}"
        ) from error
