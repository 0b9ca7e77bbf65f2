"""The recipe: the YAML file a user writes, with every default, and its hash.

What the hash leaves out is in `NOT_HASHED`, each with its reason: changing one of these continues
the same run, changing anything else begins another.
"""

import os
from collections.abc import Mapping
from os.path import relpath
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from colloquia.core.errors import RecipeError, UserError
from colloquia.core.hashing import digest
from colloquia.core.limits import Limits as Limits
from colloquia.core.model_options import LOCAL_PREFIX, ModelOptions, Section, hub_name
from colloquia.core.strict_yaml import Document, Whereabouts, load_yaml
from colloquia.core.types import Named
from colloquia.core.wording import as_written, told_at

#: The bundled teacher's name.
OFFLINE = "offline"
#: The language that is read off each snippet.
AUTO = "auto"

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
    "models.*.stream": "how a reply comes never changes it",
    "models.*.timeout_s": "how long to wait never changes a reply",
}


class Snippets(Section):
    """Where the snippets are: a .jsonl, .csv, .md or .txt file, or a folder of them."""

    path: str | None = None
    """From the recipe's folder; null where they are given from Python, with `snippets=`."""
    limit: int | None = Field(default=None, gt=0)
    """At most this many snippets, in file order; null for all."""


class ModelSettings(ModelOptions):
    """A model under a name of the recipe's own."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """How freely it words its replies; the provider's own by default."""
    max_tokens: int = Field(default=1024, gt=0)
    """Longest reply."""


class AgentSettings(Section):
    """How one role is played: by a name under `models`, or by a model's own name."""

    model: str = OFFLINE
    """A name under `models`, `offline`, `provider/name`, or `hf:PATH` for a local model folder or
    `.gguf` file, `hf:ORG/NAME@REVISION` for a model of the Hugging Face Hub."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Instead of the model's."""
    max_tokens: int | None = Field(default=None, gt=0)
    """Instead of the model's."""


class AnswererSettings(AgentSettings):
    """The answerer may draft several samples; the best-scored one stands, the rest make pairs."""

    samples: int = Field(default=1, ge=1, le=8)
    """Drafts of each answer."""
    style: Literal["plain", "reasoning"] = "plain"
    """`reasoning`: each answer comes with a thought, for a corpus that teaches to think first. Its
    `trl-sft` rows are `trl-sft-turns`: no answer sees an earlier thought."""


class Agents(Section):
    """The five roles, and whether the two reviewers speak in one call or in two."""

    reviewers: Literal["auto", "joint", "panel"] = "auto"
    """`joint`: one call fills the replies of critic and refusal checker; `panel`: they are asked
    apart; `auto`: jointly where one model plays both, but for the offline teacher."""
    planner: AgentSettings = AgentSettings()
    """Plans a kind and an aim for each question."""
    questioner: AgentSettings = AgentSettings()
    """Asks, as the persona."""
    answerer: AnswererSettings = AnswererSettings()
    """Answers from the snippet alone, or says what it lacks."""
    critic: AgentSettings = AgentSettings()
    """Scores answers; reviewers of your own are played by its model."""
    refusal_checker: AgentSettings = AgentSettings()
    """Says whether an answer declines rightly."""


#: The roles that every run has; other agents are reviewers of the user's own.
ROLES = ("planner", "questioner", "answerer", "critic", "refusal_checker")
#: Those, and what a run may have in place of some of them.
PACKAGED_ROLES = (*ROLES, "reasoner", "writer", "joint_reviewer")


def role_of(name: str) -> str:
    """Return the role that an agent plays: its own name's, or the critic's for another reviewer.

    Such a reviewer is told what the critic is told, and is played by the critic's model. The writer
    of whole dialogues and the answerer that thinks first are played by the answerer's.
    """
    if name in ("writer", "reasoner"):
        return "answerer"
    return name if name in ROLES else "critic"


class DialogueShape(Section):
    """How long dialogues are and what share of questions the snippet must not answer."""

    kind: Literal["tutoring"] = "tutoring"
    """What the planner is told that it is."""
    exchanges: tuple[int, int] = (3, 6)
    """Fewest and most exchanges to plan, 1 to 50, both included; a thin snippet may afford fewer.
    One number stands for both."""
    unanswerable_share: float = Field(default=0.15, ge=0, le=0.5)
    """Of the questions: the snippet must not answer these."""
    draft: Literal["turns", "whole"] = "turns"
    """`turns`: question and answer are asked for by turns; `whole`: one call drafts them all."""
    revisions: int = Field(default=2, ge=0, le=8)
    """How often one answer may be mended, and one question asked anew."""
    stuck: Literal["skip", "cut", "reject"] = "skip"
    """What becomes of an exchange that can't be mended, the opening too: it is left out and the
    dialogue goes on, the dialogue ends before it, or the whole dialogue is rejected. The first two
    are accepted where the fewest `exchanges` stand, and end as soon as that can't be any more."""
    profile: bool = True
    """Whether the answerer is given the participant profile (Phi-4's optional first step)."""
    speculate: bool = False
    """Whether the next question is asked while the answer before it is under review."""

    @field_validator("exchanges", mode="before")
    @classmethod
    def _is_a_range(cls, value: Any) -> Any:
        pair = (value, value) if type(value) is int else value
        if isinstance(pair, list | tuple) and [type(n) for n in pair] == [int, int]:
            fewest, most = pair
            if 1 <= fewest <= most <= 50:
                return pair
        wrong = f"{as_written(value)} is no range"
        raise ValueError(f"{wrong}; give [fewest, most] with 1 <= fewest <= most <= 50")


class Accept(Section):
    """What an answer needs to stand: scores 0..1, and honesty about what the snippet holds."""

    grounded: float = Field(default=0.8, ge=0, le=1)
    """How much of an answer the snippet bears out, at least."""
    helpful: float = Field(default=0.6, ge=0, le=1)
    """How well it answers what was asked, at least."""
    clear: float = Field(default=0.5, ge=0, le=1)
    """How plainly it says it, at least."""
    refusal_correct: bool = True
    """Whether the refusal checker must find it right to answer, or to decline."""

    def short_of(self, scores: Mapping[str, float]) -> list[str]:
        """Return, for each score below its bar, what it is and what is needed."""
        bars = {"grounded": self.grounded, "helpful": self.helpful, "clear": self.clear}
        return [
            f"{name} is {scores[name]:.2f}; {least:.2f} is needed"
            for name, least in bars.items()
            if name in scores and scores[name] < least
        ]


class Export(Section):
    """What `export` writes when no flag says otherwise."""

    to: tuple[str, ...] = ("canonical", "trl-sft", "trl-dpo")
    """Formats: `canonical`, `trl-sft`, `trl-sft-turns`, `trl-dpo`, `trl-grpo`, `echo-jsonl`."""
    split: dict[str, float] = Field(default_factory=lambda: {"train": 0.9, "validation": 0.1})
    """Share per split; snippets are dealt out, so no fact crosses splits."""


class Recipe(Section):
    """Everything that fixes a run."""

    version: Literal[1] = 1
    """Of the recipe's form."""
    name: Named = "dialogues"
    """What people call the run."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """Same seed, same snippets, same recipe: the same dialogues."""
    snippets: Snippets = Snippets()
    """Where they are; a path will do."""
    language: str = AUTO
    """The snippets': `auto` looks at each, a code such as `en` or `de` (ISO 639-1, as far as spaCy
    knows it) holds for all."""
    personas: tuple[str, ...] = ()
    """Packaged names or card files, one or a list; empty for all packaged cards."""
    prompts: str | None = None
    """A folder whose templates override packaged ones of the same name."""
    models: dict[str, ModelSettings] = Field(default_factory=dict)
    """Models by a name of your own, for `agents` to name."""
    agents: Agents = Agents()
    """Who plays the roles."""
    dialogue: DialogueShape = DialogueShape()
    """What dialogues are like."""
    limits: Limits = Limits()
    """What a run may take."""
    accept: Accept = Accept()
    """What an answer needs to stand."""
    export: Export = Export()
    """What a corpus holds."""
    _folder: Path = PrivateAttr(default_factory=Path)
    _origin: Whereabouts = PrivateAttr(default_factory=Whereabouts)

    def __repr__(self) -> str:
        models = sorted({self.settings_for(role).model for role in ROLES})
        return (
            f"<Recipe {self.name!r}: snippets {self.snippets.path or 'from Python'}, "
            f"personas {', '.join(self.personas) or 'all'}, models {', '.join(models)}, "
            f"seed {self.seed}>"
        )

    @property
    def folder(self) -> Path:
        """Where relative paths start: the recipe file's folder, or the current one."""
        return self._folder

    @property
    def origin(self) -> Whereabouts:
        """Where its settings stand."""
        return self._origin

    @property
    def source(self) -> Path:
        """Where its snippets are.

        Raises:
            RecipeError: it doesn't say.
        """
        if self.snippets.path is None:
            raise RecipeError(
                "snippets: missing in the recipe; add 'snippets: {path: …}', or give `snippets=`"
            )
        return self.folder / self.snippets.path

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

    @property
    def reviews_jointly(self) -> bool:
        """Whether critic and refusal checker speak in one call, as far as the recipe decides."""
        if self.agents.reviewers != "auto":
            return self.agents.reviewers == "joint"
        critic, checker = self.settings_for("critic"), self.settings_for("refusal_checker")
        return critic == checker and critic.model != OFFLINE

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
            local = model.removeprefix(LOCAL_PREFIX)
            if local != model and (hub_name(local) is None or Path(local).exists()):
                model = LOCAL_PREFIX + self._from_folder(local)
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
        recipe = self._checked(content, where=Path("the command line"), folder=self.folder)
        elsewhere = [("agents", role, "model") for role in ROLES] if model is not None else []
        recipe._origin = self._origin.without(elsewhere)
        return recipe

    def _from_folder(self, path: str) -> str:
        """Return a path from the current folder as one from the recipe's."""
        if not path:
            raise UserError("a path is empty; leave the option out, or name a file or folder")
        return path if Path(path).is_absolute() else relpath(path, self.folder)

    @classmethod
    def from_content(
        cls, content: dict[str, Any], *, folder: Path, where: Path | None = None
    ) -> Self:
        """Return the recipe that was written out as JSON; relative paths start at `folder`.

        Errors call it `where`.
        """
        return cls._checked(content, where=where or folder, folder=folder)

    @classmethod
    def _checked(
        cls, content: Any, *, where: Path, folder: Path, document: Document | None = None
    ) -> Self:
        try:
            recipe = cls.model_validate(content)
        except ValidationError as error:
            raise RecipeError(told_at(error, cls, where=where, document=document)) from error
        recipe._folder = folder
        recipe._origin = document.origin if document else Whereabouts()
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
    return Recipe._checked(document.data, where=file, folder=file.parent, document=document)
