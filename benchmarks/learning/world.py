"""Small worlds as real exports: every question is a dialogue of its own, about its own snippet."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from colloquia.core.hashing import content_id
from colloquia.core.recipe import Agents, AnswererSettings, Recipe, Snippets
from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Persona, Plan, PlannedExchange, Review, Snippet, Turn
from colloquia.corpus.export import export
from colloquia.corpus.formats import Format

_PERSONA = Persona(id=content_id("pers1", "examiner"), name="examiner")
_RECIPE_HASH = content_id("recipe1", "learning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question with its answer."""

    question: str
    answer: str
    answerable: bool = True
    thought: str | None = None
    """What leads to the answer; all items of an export have one, or none has."""
    difficulty: float = 0.5
    """0..1; questions of one difficulty are one level."""


def export_world(
    items: Iterable[Item],
    out: Path,
    *,
    to: tuple[Format, ...],
    test: float = 0.0,
    held_out: str = "test",
    seed: int = 0,
) -> Path:
    """Export a dialogue per item.

    Args:
        items: distinct ones.
        out: a folder that doesn't exist yet.
        to: formats.
        test: share of the split that is held out; the rest is `train`.
        held_out: its name.
        seed: decides which item falls into which split.
    """
    items = list(items)
    style = "reasoning" if any(item.thought for item in items) else "plain"
    manifest = RunManifest(
        id=content_id("run1", [_RECIPE_HASH, seed]),
        recipe_hash=_RECIPE_HASH,
        ordinal=1,
        name="learning",
        recipe=Recipe(
            name="learning",
            snippets=Snippets(path=""),
            agents=Agents(answerer=AnswererSettings(style=style)),
        ),
        seed=seed,
        code_version="0",
        prompts={},
        personas={_PERSONA.name: _PERSONA.id},
        created_at="2026-01-01T00:00:00Z",
    )
    split = {"train": 1 - test, held_out: test} if test else {"train": 1.0}
    export(
        (_record(item, run=manifest.id) for item in items),
        manifest=manifest,
        to=to,
        out=out,
        split=split,
    )
    return out


def _record(item: Item, *, run: str) -> DialogueRecord:
    snippet = Snippet.of(f"{item.question} {item.answer}", source="world", license="CC0-1.0")
    dialogue = content_id("dlg1", [_RECIPE_HASH, snippet.id])
    asked = Turn.of(parent_id=dialogue, speaker="questioner", text=item.question)
    said = Turn.of(parent_id=asked.id, speaker="answerer", text=item.answer, thought=item.thought)
    if not item.answerable:
        said = said.model_copy(update={"declined": True})
    plan = Plan.of(
        snippet_id=snippet.id,
        persona_id=_PERSONA.id,
        kind="tutoring",
        difficulty=item.difficulty,
        exchanges=(PlannedExchange(kind="what", aim=item.question),),
    )
    review = Review.of(
        subject_id=said.id, reviewer="critic", verdict="accept", scores={}, rationale="It is so."
    )
    return DialogueRecord(
        dialogue=Dialogue(
            id=dialogue,
            run_id=run,
            snippet_id=snippet.id,
            persona_id=_PERSONA.id,
            plan_id=plan.id,
            tip_id=said.id,
            outcome="accepted",
            reason=None,
            seed=0,
            attempt=0,
        ),
        snippet=snippet,
        persona=_PERSONA,
        plan=plan,
        tree=(asked, said),
        reviews=(review,),
    )
