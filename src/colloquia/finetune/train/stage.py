"""One stage of a training: a method on the model that the stage before left in a folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from colloquia.finetune.data.examples import Examples
from colloquia.finetune.data.tokens import ChatTokens
from colloquia.finetune.machine import Machine
from colloquia.finetune.settings import Method, TrainSettings
from colloquia.finetune.train.methods.sft import RowOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStage:
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
class StepReport:
    """How far a training is, for whoever watches."""

    stage: int
    stages: int
    method: Method
    step: int
    steps: int
    loss: float | None
    """The last one logged."""
    reward: float | None = None
    """The last one logged, of a method that has rewards."""
    groups: int = 0
    """Of answers, up to the last line of the log."""
    mixed_groups: int = 0
    """Of these, whose answers earned differently; the others teach nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a training tells, and is asked, while it runs."""

    watch: Callable[[StepReport], None]
    should_stop: Callable[[], bool]
