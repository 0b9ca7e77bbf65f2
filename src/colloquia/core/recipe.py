"""The recipe: the YAML file a user writes, with every default, and its hash.

What the hash leaves out is in `NOT_HASHED`, each with its reason: changing one of these continues
the same run, changing anything else begins another.
"""

import os
import re
from collections.abc import Callable
from os.path import relpath
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from colloquia.core.errors import RecipeError
from colloquia.core.hashing import digest
from colloquia.core.model_options import LOCAL_PREFIX, ModelOptions
from colloquia.core.strict_yaml import load_yaml
from colloquia.core.types import Value
from colloquia.core.wording import first_problem, hint_for

LineOf = Callable[[tuple[str | int, ...]], int] | None

#: The bundled teacher's name.
OFFLINE = "offline"

AUTO_CONCURRENCY = 32  # enough dialogues in flight for the store's group commit to pay
_WALL = re.compile(r"(?=.*[1-9])\d{1,6}(\.\d{1,3})?[hms]", re.ASCII)
_UNITS_S = {"h": 3600, "m": 60, "s": 1}

NOT_HASHED: dict[str, str] = {
    "name": "a label",
    "snippets.limit": "each dialogue depends on its own snippet alone; a higher limit adds more",
    "dialogue.speculate": "a question asked ahead is put only if it is the one that would be asked",
    "limits.concurrency": "order of execution never changes a dialogue",
    "limits.budget_usd": "when to stop never changes a dialogue",
    "limits.calls": "when to stop never changes a dialogue",
    "limits.tokens": "when to stop never changes a dialogue",
    "limits.wall": "when to stop never changes a dialogue",
    "limits.allow_unpriced": "what is known of a price never changes a reply",
    "export": "exports read what a run made",
    "models.*.api_key_env": "who pays never changes a reply",
    "models.*.price": "what it costs never changes a reply",
    "models.*.max_batch": "how many are answered at once never changes a reply but by rounding",
    "models.*.timeout_s": "how long to wait never changes a reply",
}


class Snippets(Value):
    """Where the snippets are: a .jsonl, .csv, .md or .txt file, or a folder of them."""

    path: str
    limit: int | None = Field(default=None, gt=0)
    """At most this many snippets, in file order; None for all."""


class ModelSettings(ModelOptions):
    """A model under a name of the recipe's own."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int = Field(default=1024, gt=0)


class AgentSettings(Value):
    """How one role is played: by a name under `models`, or by a model's own name."""

    model: str = OFFLINE
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)


class AnswererSettings(AgentSettings):
    """The answerer may draft several samples; the best-scored one stands, the rest make pairs."""

    samples: int = Field(default=1, ge=1, le=8)


class Agents(Value):
    """The five roles, and whether the two reviewers speak in one call or in two."""

    reviewers: Literal["joint", "panel"] = "panel"
    """`panel`: critic and refusal checker are asked apart; `joint`: one call fills both replies."""
    planner: AgentSettings = AgentSettings()
    questioner: AgentSettings = AgentSettings()
    answerer: AnswererSettings = AnswererSettings()
    critic: AgentSettings = AgentSettings()
    refusal_checker: AgentSettings = AgentSettings()


#: The roles that every run has; other agents are reviewers of the user's own.
ROLES = ("planner", "questioner", "answerer", "critic", "refusal_checker")


def role_of(name: str) -> str:
    """Return the role that an agent plays: its own name's, or the critic's for another reviewer.

    Such a reviewer is told what the critic is told, and is played by the critic's model. The writer
    of whole dialogues is played by the answerer's.
    """
    if name == "writer":
        return "answerer"
    return name if name in ROLES else "critic"


class DialogueShape(Value):
    """How long dialogues are and what share of questions the snippet must not answer."""

    kind: Literal["tutoring"] = "tutoring"
    exchanges: tuple[int, int] = (3, 6)
    """Fewest and most exchanges to plan, both included; a thin snippet may afford fewer."""
    unanswerable_share: float = Field(default=0.15, ge=0, le=0.5)
    draft: Literal["turns", "whole"] = "turns"
    """`turns`: question and answer are asked for by turns; `whole`: one call drafts them all."""
    revisions: int = Field(default=2, ge=0, le=8)
    """How often one answer may be mended, and one question asked anew."""
    stuck: Literal["skip", "cut", "reject"] = "skip"
    """What becomes of an exchange that can't be mended: it is left out and the dialogue goes on,
    the dialogue ends before it, or the whole dialogue is rejected."""
    profile: bool = True
    """Whether the answerer is given the participant profile (Phi-4's optional first step)."""
    speculate: bool = False
    """Whether the next question is asked while the answer before it is under review."""

    @field_validator("exchanges", mode="before")
    @classmethod
    def _one_number_is_a_range(cls, value: Any) -> Any:
        return (value, value) if isinstance(value, int) else value

    @field_validator("exchanges")
    @classmethod
    def _in_order(cls, value: tuple[int, int]) -> tuple[int, int]:
        fewest, most = value
        if not 1 <= fewest <= most <= 50:
            raise ValueError("give [fewest, most] with 1 <= fewest <= most <= 50")
        return value


class Limits(Value):
    """Bounds on work, and on what the whole run may spend."""

    calls_per_dialogue: int = Field(default=120, gt=0)
    concurrency: int | Literal["auto"] = "auto"
    """Dialogues in flight at once."""
    budget_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """A ceiling on what the run's requests may cost; None for none."""
    calls: int | None = Field(default=None, gt=0)
    """A ceiling on the run's requests, those that were surely not billed aside; None for none."""
    tokens: int | None = Field(default=None, gt=0)
    """A ceiling on tokens, sent and generated; None for none."""
    wall: str | None = None
    """How long one command may work, `8h`, `90m` or `45s`; None for as long as it takes."""
    allow_unpriced: bool = False
    """Whether `budget_usd` may stand although a model's price is unknown and counts as 0."""

    @property
    def has_ceiling(self) -> bool:
        """Whether what the run spends is to be counted as it goes."""
        return any(cap is not None for cap in (self.budget_usd, self.calls, self.tokens))

    @property
    def needs_prices(self) -> bool:
        """Whether every model must have a known price."""
        return self.budget_usd is not None and not self.allow_unpriced

    @property
    def wall_s(self) -> float | None:
        """`wall` in seconds."""
        return None if self.wall is None else float(self.wall[:-1]) * _UNITS_S[self.wall[-1]]

    @field_validator("wall", mode="before")
    @classmethod
    def _is_a_time(cls, value: Any) -> Any:
        if value is None or (isinstance(value, str) and _WALL.fullmatch(value)):
            return value
        raise ValueError(f"{value!r} is no time; write it like 8h, 90m or 45s")

    @property
    def at_once(self) -> int:
        """How many dialogues that is."""
        return AUTO_CONCURRENCY if self.concurrency == "auto" else self.concurrency

    @field_validator("concurrency")
    @classmethod
    def _at_least_one(cls, value: int | str) -> int | str:
        if isinstance(value, int) and value < 1:
            raise ValueError("give a number of at least 1, or auto")
        return value


class Accept(Value):
    """What an answer needs to stand: scores 0..1, and honesty about what the snippet holds."""

    grounded: float = Field(default=0.8, ge=0, le=1)
    helpful: float = Field(default=0.6, ge=0, le=1)
    clear: float = Field(default=0.5, ge=0, le=1)
    refusal_correct: bool = True


class Export(Value):
    """What `export` writes when no flag says otherwise."""

    to: tuple[str, ...] = ("canonical", "trl-sft", "trl-dpo")
    split: dict[str, float] = Field(default_factory=lambda: {"train": 0.9, "validation": 0.1})
    """Share per split; snippets are dealt out, so no fact crosses splits."""


class Recipe(Value):
    """Everything that fixes a run."""

    version: Literal[1] = 1
    name: str = "dialogues"
    seed: int = Field(default=0, ge=0)
    snippets: Snippets
    personas: tuple[str, ...] = ()
    """Packaged names or card files; empty for all packaged cards."""
    prompts: str | None = None
    """A folder whose templates override packaged ones of the same name."""
    models: dict[str, ModelSettings] = Field(default_factory=dict)
    agents: Agents = Agents()
    dialogue: DialogueShape = DialogueShape()
    limits: Limits = Limits()
    accept: Accept = Accept()
    export: Export = Export()
    _folder: Path = PrivateAttr(default_factory=Path)

    @property
    def folder(self) -> Path:
        """Where relative paths start: the recipe file's folder, or the current one."""
        return self._folder

    @field_validator("snippets", mode="before")
    @classmethod
    def _a_path_will_do(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("personas", mode="before")
    @classmethod
    def _one_persona_will_do(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _models_are_not_offline(self) -> Self:
        if OFFLINE in self.models:
            raise ValueError(f"models: {OFFLINE!r} is the bundled teacher's name; choose another")
        return self

    def settings_for(self, role: str) -> ModelSettings:
        """Return the model and sampling settings of a role, an agent's own settings first.

        Args:
            role: one of the five, or the name of a user's own reviewer; see `role_of`.
        """
        agent: AgentSettings = getattr(self.agents, role_of(role))
        base = self.models.get(agent.model) or ModelSettings(model=agent.model)
        own = {
            key: value
            for key, value in (("temperature", agent.temperature), ("max_tokens", agent.max_tokens))
            if value is not None
        }
        return base.model_copy(update=own)

    def override(
        self,
        *,
        snippets: str | None = None,
        limit: int | None = None,
        model: str | None = None,
        seed: int | None = None,
        concurrency: int | str | None = None,
        budget_usd: float | None = None,
        allow_unpriced: bool | None = None,
    ) -> Self:
        """Return the recipe with settings from elsewhere in place of its own.

        Args:
            snippets: a path from the current folder.
            limit: see `Snippets.limit`.
            model: a model for all five roles; `hf:PATH` is a path from the current folder.
            seed: see `seed`.
            concurrency: see `Limits.concurrency`.
            budget_usd: see `Limits.budget_usd`.
            allow_unpriced: see `Limits.allow_unpriced`.
        """
        content = self.model_dump(mode="json")
        if snippets is not None:
            content["snippets"]["path"] = self._from_folder(snippets)
        if model is not None:
            if model.startswith(LOCAL_PREFIX):
                model = LOCAL_PREFIX + self._from_folder(model.removeprefix(LOCAL_PREFIX))
            for role in ROLES:
                content["agents"][role]["model"] = model
        settings = (
            (content["snippets"], "limit", limit),
            (content, "seed", seed),
            (content["limits"], "concurrency", concurrency),
            (content["limits"], "budget_usd", budget_usd),
            (content["limits"], "allow_unpriced", allow_unpriced),
        )
        for section, name, value in settings:
            if value is not None:
                section[name] = value
        return self._checked(content, where=Path("the command line"), folder=self.folder)

    def _from_folder(self, path: str) -> str:
        """Return a path from the current folder as one from the recipe's."""
        return path if Path(path).is_absolute() else relpath(path, self.folder)

    @classmethod
    def from_content(cls, content: dict[str, Any], *, folder: Path) -> Self:
        """Return the recipe that was written out as JSON; relative paths start at `folder`."""
        return cls._checked(content, where=folder, folder=folder)

    @classmethod
    def _checked(cls, content: Any, *, where: Path, folder: Path, line: LineOf = None) -> Self:
        try:
            recipe = cls.model_validate(content)
        except ValidationError as error:
            path, what, known = first_problem(error, cls)
            hint = hint_for(str(path[-1]), known, cls) if path and known else ""
            name = ".".join(str(part) for part in path) or "recipe"
            place = f"{where}:{line(path)}" if line else str(where)
            raise RecipeError(f"{place}: {name}: {what}{hint}") from error
        recipe._folder = folder
        return recipe

    def hash(self, *, parts: dict[str, str]) -> str:
        """Return the recipe's identity.

        Args:
            parts: identities of what the recipe only names: prompts, personas, the graph.
        """
        content = self.model_dump(mode="json")
        for path in NOT_HASHED:
            *parents, last = path.split(".")
            sections = [content]
            for parent in parents:
                sections = [
                    inner
                    for section in sections
                    for inner in (section.values() if parent == "*" else [section[parent]])
                ]
            for section in sections:
                section.pop(last)
        return digest({"recipe": content, "parts": parts})[:20]


def load_recipe(path: str | os.PathLike[str]) -> Recipe:
    """Read a recipe file.

    Raises:
        RecipeError: the file is missing, isn't plain YAML, or a value doesn't fit; one line with
            the file, the line and the fix.
    """
    file = Path(path)
    try:
        document = load_yaml(file)
    except ValueError as error:
        raise RecipeError(str(error)) from error
    if not isinstance(document.data, dict):
        raise RecipeError(f"{file}: a recipe is a mapping; start with 'snippets: {{path: …}}'")
    return Recipe._checked(document.data, where=file, folder=file.parent, line=document.line_of)
