"""What a training is told: every number of it, defaults included, as one frozen value.

Defaults depend on the base: a model made from nothing learns fast and knows nothing, one that is
there already must be moved gently. What was asked for is laid over them, so nothing stays open.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from colloquia.core.errors import UserError
from colloquia.core.strict_yaml import load_yaml
from colloquia.core.types import Value
from colloquia.core.wording import did_you_mean, first_problem

Method = Literal["sft", "dpo", "kto", "grpo", "echo"]
METHODS: tuple[Method, ...] = get_args(Method)

#: The base that is made from nothing; any other is a folder.
TINY = "tiny"

#: Tokens per row that the base from nothing is made for at most, as many as Phi-4 takes. Memory
#: grows with it, and a larger one has always been a slip.
TINY_WINDOW = 16_384


class Numbers(Value):
    """Settings whose numbers are numbers: neither nan nor infinite."""

    model_config = ConfigDict(allow_inf_nan=False)


class StageSettings(Numbers):
    """What every method has."""

    steps: int | None = Field(default=None, ge=1)
    """Optimizer steps; None where `epochs` says how long."""
    epochs: float | None = Field(default=None, gt=0)
    learning_rate: float = Field(gt=0, lt=1)
    """The highest; it falls to 0 on a cosine."""
    warmup_steps: int = Field(default=10, ge=0)
    batch_size: int = Field(default=8, ge=1)
    """Rows in memory at once."""
    accumulate: int = Field(default=1, ge=1)
    """Batches per optimizer step."""
    weight_decay: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give either steps or epochs")
        return self


class SftSettings(StageSettings):
    """Supervised fine-tuning on the assistant's words."""

    packing: bool = False
    """Put several rows into one sequence; none of them sees another."""
    order: Literal["random", "increasing", "adaptive"] = "random"
    """Of the rows: shuffled, from the highest solve rate to the lowest, or at the edge of ability,
    which is found by asking the student while it learns."""

    @model_validator(mode="after")
    def _has_rows_to_order(self) -> Self:
        if self.packing and self.order != "random":
            raise ValueError("packing mixes rows; it takes no order but random")
        return self


class DpoSettings(StageSettings):
    """Direct preference optimisation (arXiv 2305.18290)."""

    beta: float = Field(default=0.1, gt=0)
    prefix_tokens: int | None = Field(default=None, ge=1)
    """Compare only so many first tokens of each answer, as Phi-4 does against hallucination
    (arXiv 2412.08905, section 4.4: 5); None compares all of them."""
    nll_weight: float = Field(default=1.0, ge=0)
    """Weight of the chosen answer's own loss, all of it even where `prefix_tokens` cuts. Without
    such an anchor (arXiv 2404.19733) a small model unlearns how to form an answer."""


class KtoSettings(StageSettings):
    """Kahneman-Tversky optimisation (arXiv 2402.01306) on single answers, good and bad."""

    beta: float = Field(default=0.1, gt=0)
    batch_size: int = Field(default=8, ge=2)
    """At least 2: each answer is also read after another row's prompt."""


class GrpoSettings(StageSettings):
    """Group relative policy optimisation (arXiv 2402.03300) on the student's own answers.

    Where no other source is named, the values are those of Phi-4-reasoning-plus (arXiv 2504.21318,
    section 4). One step takes `batch_size * accumulate / group_size` questions.
    """

    group_size: int = Field(default=8, ge=2)
    """Answers to each question; what an answer is worth is told by the others."""
    batch_size: int = Field(default=8, ge=1)
    """Answers in memory at once; with `accumulate` times as many, whole groups."""
    beta: float = Field(default=0.001, ge=0)
    """Weight of the KL divergence from the base, estimated per token; 0 leaves it out."""
    entropy_weight: float = Field(default=0.001, ge=0)
    """Weight of the entropy of the next token, which is rewarded."""
    epsilon_low: float = Field(default=0.2, gt=0, lt=1)
    """Ratios of new to old probabilities are clipped below 1 - this (arXiv 1707.06347)."""
    epsilon_high: float = Field(default=0.2, gt=0)
    """And above 1 + this; 0.28 leaves unlikely tokens more room (arXiv 2503.14476)."""
    iterations: int = Field(default=1, ge=1)
    """Steps on the same answers. The ratios differ from 1 from the second on."""
    mean_over: Literal["answers", "tokens"] = "answers"
    """Each answer weighs the same, or each token does (arXiv 2503.14476)."""
    temperature: float = Field(default=1.0, gt=0)
    """At which answers are written, and likelihoods taken."""
    max_tokens: int = Field(default=256, ge=1)
    """Of an answer."""
    rewards: dict[str, float] = Field(
        default_factory=lambda: {"refusal": 1.0, "repetition": 0.125}, min_length=1
    )
    """Name or `module:function` -> weight, see `finetune/rewards/registry.py`. The default weighs
    repetition an eighth of the outcome, as there."""
    order: Literal["random", "adaptive"] = "random"
    """Of the questions: shuffled, or more of those whose groups are likely to be mixed."""
    redraws: int = Field(default=0, ge=0)
    """How often groups that say nothing are replaced by other questions' before a step, at most
    (dynamic sampling, arXiv 2503.14476)."""

    @model_validator(mode="after")
    def _has_whole_groups(self) -> Self:
        return self.checked_groups()

    @field_validator("rewards")
    @classmethod
    def _weigh_something(cls, rewards: dict[str, float]) -> dict[str, float]:
        if not any(rewards.values()):
            raise ValueError("all weights are 0: nothing is learnt")
        return rewards

    def checked_groups(self) -> Self:
        """Return these settings.

        Raises:
            ValueError: a step takes no whole groups.
        """
        if self.batch_size * self.accumulate % self.group_size:
            raise ValueError(
                f"batch_size {self.batch_size} times accumulate {self.accumulate} must be a "
                f"multiple of group_size {self.group_size}"
            )
        return self

    @property
    def questions(self) -> int:
        """Groups per step."""
        return self.batch_size * self.accumulate // self.group_size


class EchoSettings(GrpoSettings):
    """ECHO (arXiv 2605.24517): what comes back from the world is learnt beside the actions.

    The loss is `action_weight` times that of the actions plus `observation_weight` times that of
    the observations. Without an environment the actions are those of the corpus, as in `sft`; with
    one they are the student's own, as in `grpo`, whose settings hold then.
    """

    environment: str | None = None
    """`terminal`, or `MODULE:NAME`: its tasks are those of the corpus's training rows."""
    observation_weight: float = Field(default=0.05, ge=0)
    """The paper's lambda; productive from 0.01 to 0.05 there. 0 in an environment is `grpo`."""
    action_weight: float = Field(default=1.0, ge=0)
    """0 learns from the environment alone."""
    speakers: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: {"questioner": 0.2}
    )
    """A further factor on what one speaker says; 1 for those that aren't named. A questioner is
    another model's manner and no fact."""
    rewards: dict[str, float] = Field(default_factory=lambda: {"environment": 1.0}, min_length=1)
    """The environment's, and no other."""

    @model_validator(mode="after")
    def _has_whole_groups(self) -> Self:
        if self.rewards.keys() != {"environment"}:
            raise ValueError("rewards: an environment gives its own, so name none")
        if not self.observation_weight + self.action_weight:
            raise ValueError("observation_weight and action_weight are both 0: nothing is learnt")
        return self if self.environment is None else self.checked_groups()


Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class LoraSettings(Numbers):
    """Low-rank adapters on all linear layers (arXiv 2106.09685), merged in the end."""

    rank: int = Field(default=16, ge=1)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """In `sft` alone: the others compare likelihoods, which dropout would blur."""


class TinySettings(Numbers):
    """The size of the model that is made from nothing: a Llama with tied embeddings."""

    hidden_size: int = Field(default=128, ge=8)
    layers: int = Field(default=2, ge=1)
    heads: int = Field(default=4, ge=1)
    intermediate_size: int = Field(default=384, ge=8)
    vocabulary: int = Field(default=2048, ge=300)
    """At most so many tokens; 256 bytes and the special tokens are always among them."""
    initializer_range: float = Field(default=0.06, gt=0)
    """The usual 0.02 learns far slower at this size."""

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.hidden_size % (2 * self.heads):
            raise ValueError("hidden_size must be a multiple of 2 * heads")
        return self


class TrainSettings(Value):
    """Everything that decides what comes out, but corpus, base files and machine."""

    method: tuple[Method, ...] = Field(default=("sft",), min_length=1)
    """One after the other, each on what the one before has made."""
    base: str = TINY
    """`tiny`, the folder of a Hugging Face causal model, a `.gguf` file, or `ORG/NAME@REVISION` on
    the Hub."""
    lora: LoraSettings | None = None
    """None trains all weights."""
    tiny: TinySettings = TinySettings()
    weights: tuple[Weight, ...] | None = Field(default=None, min_length=1)
    """Of several corpora, in their order: how many of the rows that are trained on come from each,
    relative to the others. None: each row weighs the same."""
    max_length: int = Field(default=1024, ge=16)
    """Tokens per row; whole exchanges that don't fit are cut off its end, counted."""
    seed: int = Field(default=0, ge=0)
    log_every: int = Field(default=5, ge=1)
    """Steps between two lines of the log."""
    checkpoints: int = Field(default=5, ge=1)
    """Per stage, evenly spaced; the last two are kept until the training is done."""
    sft: SftSettings
    dpo: DpoSettings
    kto: KtoSettings
    grpo: GrpoSettings
    echo: EchoSettings

    @field_validator("max_length")
    @classmethod
    def _is_within_tiny(cls, value: int, info: ValidationInfo) -> int:
        if info.data.get("base") == TINY and value > TINY_WINDOW:
            raise ValueError(f"{value} is beyond the {TINY_WINDOW} tokens of the base 'tiny'")
        return value

    def stage(self, method: Method) -> StageSettings:
        """Return the settings of one method."""
        stage: StageSettings = getattr(self, method)
        return stage


# For `tiny`: what learns the corpus of `colloquia init` (23 rows) to a loss of 0.4; the others
# are the usual ones of TRL's documentation and the papers above. With a base, few rows are in
# memory at once: a laptop has to hold them, and of a pair they are three sequences.
_DEFAULTS: dict[str, dict[Method, dict[str, Any]]] = {
    "tiny": {
        "sft": {"steps": 80, "learning_rate": 3e-3},
        "dpo": {"steps": 40, "learning_rate": 3e-4},
        "kto": {"steps": 40, "learning_rate": 3e-4},
        "grpo": {"steps": 40, "learning_rate": 3e-4, "batch_size": 64, "max_tokens": 64},
        "echo": {"steps": 80, "learning_rate": 3e-3, "max_tokens": 64},
    },
    "full": {
        "sft": {"epochs": 3.0, "learning_rate": 2e-5, "batch_size": 4, "accumulate": 2},
        "dpo": {"epochs": 1.0, "learning_rate": 1e-6, "batch_size": 2, "accumulate": 4},
        "kto": {"epochs": 1.0, "learning_rate": 1e-6, "batch_size": 4, "accumulate": 2},
        "grpo": {"epochs": 1.0, "learning_rate": 1e-6, "accumulate": 4},
        "echo": {"epochs": 1.0, "learning_rate": 1e-6, "accumulate": 4},
    },
    "lora": {
        "sft": {"epochs": 3.0, "learning_rate": 2e-4, "batch_size": 4, "accumulate": 2},
        "dpo": {"epochs": 1.0, "learning_rate": 1e-5, "batch_size": 2, "accumulate": 4},
        "kto": {"epochs": 1.0, "learning_rate": 1e-5, "batch_size": 4, "accumulate": 2},
        "grpo": {"epochs": 1.0, "learning_rate": 1e-5, "accumulate": 4},
        "echo": {"epochs": 1.0, "learning_rate": 1e-5, "accumulate": 4},
    },
}


def methods_with(name: str) -> list[Method]:
    """Return the methods that have a setting."""
    fields = TrainSettings.model_fields
    return [m for m in METHODS if name in getattr(fields[m].annotation, "model_fields", ())]


def resolve_settings(asked: Mapping[str, Any], *, where: str = "train") -> TrainSettings:
    """Lay what was asked for over the defaults of its base.

    Args:
        asked: settings by name, nested as in the YAML section; `method` also as `sft,dpo`, and
            `lora` also as true or false.
        where: what an error calls the place these came from.

    Raises:
        UserError: an unknown setting or a value that doesn't fit, with its path.
    """
    content = dict(asked)
    if isinstance(content.get("method"), str):
        content["method"] = [name.strip() for name in content["method"].split(",")]
    if isinstance(content.get("lora"), bool):
        content["lora"] = {} if content["lora"] else None
    lora = content.get("lora") is not None
    kind = "lora" if lora else ("tiny" if content.get("base", TINY) == TINY else "full")
    for method, defaults in _DEFAULTS[kind].items():
        own = content.get(method, {})
        if isinstance(own, Mapping):
            content[method] = _laid_over(defaults, own)
    try:
        return TrainSettings.model_validate(content)
    except ValidationError as error:
        path, what, names = first_problem(error, TrainSettings)
        name = ".".join(str(part) for part in path)
        if path and path[0] == "method":
            name = "method"
        hint = did_you_mean(str(path[-1]), names) if names else ""
        raise UserError(f"{where}: {name}: {what}{hint}") from error


def _laid_over(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a method's settings; who gives a length or a batch decides all of it."""
    decided: set[str] = set()
    if own.get("steps") or own.get("epochs"):
        decided |= {"steps", "epochs"}
    if "batch_size" in own:
        decided.add("accumulate")
    return {**{name: value for name, value in defaults.items() if name not in decided}, **own}


def read_section(file: Path) -> dict[str, Any]:
    """Return the `train` section of a YAML file as it stands there.

    Raises:
        UserError: the file can't be read, or has no such section.
    """
    try:
        document = load_yaml(file)
    except ValueError as error:
        raise UserError(str(error)) from error
    section = document.data.get("train") if isinstance(document.data, dict) else None
    if not isinstance(section, dict):
        raise UserError(f"{file}: no section 'train'; start it with 'train: {{method: sft}}'")
    return dict(section)


def load_settings(config: str | os.PathLike[str] | None, asked: Mapping[str, Any]) -> TrainSettings:
    """Return what was asked for, laid over a file's section `train`, and that over the defaults.

    Raises:
        UserError: the file can't be read, or a setting doesn't fit.
    """
    section = read_section(Path(config)) if config is not None else {}
    return resolve_settings(merged(section, asked), where=str(config) if config else "train")


def merged(section: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the section with the flags over it, sub-sections included.

    A flag that only switches something on leaves what the section says of it.
    """
    result = dict(section)
    for name, value in flags.items():
        below = result.get(name)
        if isinstance(below, Mapping) and (value is True or isinstance(value, Mapping)):
            value = merged(below, {} if value is True else value)
        result[name] = value
    return result
