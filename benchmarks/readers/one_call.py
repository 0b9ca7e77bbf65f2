"""The usual way of making a dialogue: one plain call for a passage and a persona.

Nothing is planned, checked or revised. Passages, personas and lengths are those that a run of the
same seed draws, so that a run and this differ in the way alone.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from json_repair import repair_json

from colloquia.authoring.personas.profile import profile_of
from colloquia.core.ports import ChatModel, ChatRequest
from colloquia.core.recipe import Recipe
from colloquia.core.roles import Profile
from colloquia.core.types import Message, Snippet
from colloquia.runs.prepare import prepare
from colloquia.runs.run_models import RunModels
from colloquia.simulator.dialogue import shape_of
from colloquia.simulator.setup import Setup
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

CONDITION = "one-call"

PROMPT = """\
Write a conversation of {exchanges} exchanges between this persona and an assistant who knows only \
the passage.

Persona: {persona}

Passage{title}:
{text}

Each exchange is one question by the persona and one answer by the assistant. Reply with a JSON \
list of {exchanges} objects, each {{"question": "…", "answer": "…"}}, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What one call is about."""

    snippet: Snippet
    persona: Profile
    exchanges: int

    @property
    def message(self) -> Message:
        """All that the model is told."""
        snippet = self.snippet
        content = PROMPT.format(
            exchanges=self.exchanges,
            persona=described(self.persona),
            title=f" ({snippet.title})" if snippet.title else "",
            text=snippet.text,
        )
        return Message(role="user", content=content)


def described(persona: Profile) -> str:
    """Describe a persona in plain sentences, with all that a questioner would be told in words."""
    known = "; ".join(f"{topic}: {level}" for topic, level in persona.knowledge.items())
    parts = (
        ("", persona.background),
        ("What they know: ", known),
        ("What they want: ", "; ".join(persona.goals)),
        ("How they speak: ", "; ".join(persona.behaviours)),
        ("What they never do: ", "; ".join(persona.never)),
    )
    return " ".join(f"{name}{said.rstrip('.')}." for name, said in parts if said)


def askings(setup: Setup) -> list[Asking]:
    """Return what is to be asked: one asking for each snippet of the recipe, in order."""
    recipe = setup.recipe
    snippets = read_snippets(recipe.source, limit=recipe.snippets.limit, report=SnippetReport())
    return [
        Asking(
            snippet=snippet,
            persona=profile_of(setup.persona_for(snippet)),
            exchanges=shape_of(
                setup.dialogue_for(snippet, run_id=CONDITION), recipe.dialogue
            ).exchanges,
        )
        for snippet in snippets
    ]


def exchanges_in(reply: str) -> list[dict[str, str]]:
    """Read the questions and answers out of a reply; empty where it holds none."""
    start = reply.find("[")
    rows: Any = repair_json(reply[start:], return_objects=True) if start >= 0 else []
    if not isinstance(rows, list):
        return []
    return [
        {"question": str(row["question"]).strip(), "answer": str(row["answer"]).strip()}
        for row in rows
        if isinstance(row, dict) and row.get("question") and row.get("answer")
    ]


async def write_dialogue(asking: Asking, model: ChatModel, *, max_tokens: int) -> dict[str, Any]:
    """Make the one call and return the dialogue with it, as a row of JSON."""
    message, snippet = asking.message, asking.snippet
    reply = await model.complete(
        ChatRequest(role=CONDITION, prompt=CONDITION, messages=(message,), max_tokens=max_tokens)
    )
    return {
        "id": snippet.external_id or snippet.id,
        "condition": CONDITION,
        "persona": asking.persona.name,
        "title": snippet.title,
        "text": snippet.text,
        "exchanges": exchanges_in(reply.text),
        "calls": [
            {
                "role": CONDITION,
                "model": model.name,
                "messages": [[message.role, message.content]],
                "reply": reply.text,
                "tokens_in": reply.tokens_in,
                "tokens_out": reply.tokens_out,
            }
        ],
    }


async def write_all(recipe: Recipe) -> list[dict[str, Any]]:
    """Make the recipe's dialogues with the answerer's model, one call each; one row each."""
    models = RunModels.of(recipe)
    setup = prepare(recipe, models=models)
    settings = recipe.settings_for("answerer")
    model, gate = models(settings), asyncio.Semaphore(recipe.limits.at_once)

    async def write_one(asking: Asking) -> dict[str, Any]:
        async with gate:
            return await write_dialogue(asking, model, max_tokens=settings.max_tokens)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(write_one(asking)) for asking in askings(setup)]
    finally:
        await models.aclose()
    return [task.result() for task in tasks]
