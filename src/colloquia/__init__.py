"""colloquia turns factual snippets into multi-turn dialogues, and dialogues into training data.

    import colloquia

    recipe = colloquia.load("recipe.yaml")
    run = colloquia.run(recipe, store="colloquia.db")
    print(run.summary())
    run.export("corpus", to=["trl-sft", "trl-dpo"])

Names are loaded when first used, so `import colloquia` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from colloquia.core.version import __version__ as __version__

if TYPE_CHECKING:
    from colloquia.agents.base import Agent
    from colloquia.agents.guest_calls import model_client
    from colloquia.agents.reviewer import Check, Reviewer
    from colloquia.core.errors import ColloquiaError, UserError, WorldError
    from colloquia.core.ports import ChatModel, ChatReply, ChatRequest
    from colloquia.core.recipe import Recipe
    from colloquia.core.recipe import load_recipe as load
    from colloquia.core.record import DialogueRecord
    from colloquia.core.roles import ReviewInput
    from colloquia.core.types import Persona, Snippet, ToolCall, Turn, Verdict
    from colloquia.corpus.check import check
    from colloquia.finetune.train.training import TrainResult, train
    from colloquia.language.facts.evidence import evidence_score
    from colloquia.models.scripted import ScriptedModel
    from colloquia.offline.model import OfflineModel
    from colloquia.rounds.improving import improve
    from colloquia.rounds.results import Improvement
    from colloquia.runs.dry_run import dry_run
    from colloquia.runs.handle import Run, find_run
    from colloquia.runs.lint import lint
    from colloquia.runs.preview import apreview, preview
    from colloquia.runs.render import render
    from colloquia.runs.retry import retry
    from colloquia.runs.start import arun, run, team
    from colloquia.simulator.graph import Graph

__all__ = [
    "Agent",
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "Check",
    "ColloquiaError",
    "DialogueRecord",
    "Graph",
    "Improvement",
    "OfflineModel",
    "Persona",
    "Recipe",
    "ReviewInput",
    "Reviewer",
    "Run",
    "ScriptedModel",
    "Snippet",
    "ToolCall",
    "TrainResult",
    "Turn",
    "UserError",
    "Verdict",
    "WorldError",
    "apreview",
    "arun",
    "check",
    "dry_run",
    "evidence_score",
    "find_run",
    "improve",
    "lint",
    "load",
    "model_client",
    "preview",
    "render",
    "retry",
    "run",
    "team",
    "train",
]

_HOMES = {
    "Agent": "agents.base",
    "ChatModel": "core.ports",
    "ChatReply": "core.ports",
    "ChatRequest": "core.ports",
    "Check": "agents.reviewer",
    "ColloquiaError": "core.errors",
    "DialogueRecord": "core.record",
    "Graph": "simulator.graph",
    "Improvement": "rounds.results",
    "OfflineModel": "offline.model",
    "Persona": "core.types",
    "Recipe": "core.recipe",
    "ReviewInput": "core.roles",
    "Reviewer": "agents.reviewer",
    "Run": "runs.handle",
    "ScriptedModel": "models.scripted",
    "Snippet": "core.types",
    "ToolCall": "core.types",
    "TrainResult": "finetune.train.training",
    "Turn": "core.types",
    "UserError": "core.errors",
    "Verdict": "core.types",
    "WorldError": "core.errors",
    "apreview": "runs.preview",
    "arun": "runs.start",
    "check": "corpus.check",
    "dry_run": "runs.dry_run",
    "evidence_score": "language.facts.evidence",
    "find_run": "runs.handle",
    "improve": "rounds.improving",
    "lint": "runs.lint",
    "load": "core.recipe:load_recipe",
    "model_client": "agents.guest_calls",
    "preview": "runs.preview",
    "render": "runs.render",
    "retry": "runs.retry",
    "run": "runs.start",
    "team": "runs.start",
    "train": "finetune.train.training",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'colloquia' has no attribute {name!r}")
    home, _, attribute = _HOMES[name].partition(":")
    value = getattr(import_module(f"colloquia.{home}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
