"""What rounds of self-improvement are told, and what must stay the same for them to go on."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from colloquia.core.errors import UserError
from colloquia.core.recipe import Recipe
from colloquia.core.types import Value
from colloquia.core.version import __version__
from colloquia.core.wording import did_you_mean, first_problem
from colloquia.corpus.manifest import Context
from colloquia.corpus.splits import TRAIN
from colloquia.finetune.settings import TrainSettings

#: The student's own name among the recipe's models.
STUDENT = "student-of-the-round"


class RoundSettings(Value):
    """How rounds are made."""

    model_config = ConfigDict(allow_inf_nan=False)

    rounds: int = Field(default=2, ge=1, le=100)
    """Rounds after round 0, at most."""
    role: Literal["answerer", "questioner"] = "answerer"
    """What the student plays."""
    samples: int = Field(default=4, ge=1, le=8)
    """Answers that the student drafts of each question; the best-scored one stands."""
    temperature: float = Field(default=0.7, gt=0, le=2)
    """Of the student's drafts; without any they would all be the same."""
    teacher_share: float = Field(default=0.6, ge=0, lt=1)
    """Of the rows that a round learns from, at least this share is the teacher's. About 0.618 is
    best where as much new of either kind comes in each round (arXiv 2502.18049)."""
    context: Context = "open"
    """Whether the student sees the passage, in training, in its role and where it is measured."""
    patience: int = Field(default=1, ge=1)
    """Rounds in a row that may gain nothing before it ends."""
    limit: int | None = Field(default=150, ge=1)
    """Most questions per split that a student is measured by."""
    max_tokens: int = Field(default=96, ge=1)
    """Longest reply of the student."""
    batch: int = Field(default=1, ge=1)
    """Replies of the student at once in its role. More is faster, and rounds its words so that a
    run which was interrupted may come to others."""


def round_settings(asked: Mapping[str, Any]) -> RoundSettings:
    """Return the settings, checked.

    Raises:
        UserError: one doesn't fit.
    """
    try:
        return RoundSettings.model_validate(dict(asked))
    except ValidationError as error:
        path, what, known = first_problem(error, RoundSettings)
        name = ".".join(map(str, path))
        hint = did_you_mean(name, known) if known else ""
        raise UserError(f"`{name}=`: {what}{hint}") from error


def refuse_unfit(recipe: Recipe, training: TrainSettings) -> None:
    """Refuse a recipe, or a method, that no rounds can be made of.

    Raises:
        UserError: it holds nothing out, trains on nothing, has a model of the student's name,
            or wants thoughts; or the method learns from an environment.
    """
    shares = recipe.export.split
    if TRAIN not in shares or len(shares) < 2:
        asked = ",".join(f"{name}={share:g}" for name, share in shares.items())
        raise UserError(
            f"the recipe's export.split is {asked}: rounds learn from {TRAIN!r} and are measured "
            "on another; write split: {train: 0.8, test: 0.2}"
        )
    if recipe.agents.answerer.style != "plain":
        raise UserError("agents.answerer.style: rounds are of plain answers; set style: plain")
    if "echo" in training.method:
        raise UserError("`method=echo`: it learns from an environment, rounds learn from dialogues")
    if STUDENT in recipe.models:
        raise UserError(f"models.{STUDENT}: that is the student's own name; choose another")


def identity_of(recipe: Recipe, rounds: RoundSettings, train: TrainSettings) -> dict[str, Any]:
    """Return what must be the same for a folder's rounds to go on; how far and at what price isn't.

    Two recipes that differ in name, limits or what an export's files are called are one here.
    """
    told = recipe.model_dump(mode="json", exclude={"name": True, "limits": True})
    return {
        "recipe": told,
        "rounds": rounds.model_dump(mode="json", exclude={"rounds", "patience"}),
        "train": train.model_dump(mode="json"),
        "code": __version__,
    }
