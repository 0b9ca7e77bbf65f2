"""Dialogues to export, made by hand: small, and of every kind that an export has to handle."""

from collections.abc import Iterator
from typing import Any

from colloquia.core.hashing import content_id
from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import (
    Dialogue,
    Outcome,
    Persona,
    Plan,
    PlannedExchange,
    Review,
    Snippet,
    Turn,
    VerdictName,
)

RECIPE_HASH = "f00dfacef00dfacef00d"
PERSONA = Persona(id="pers1_teen", name="curious_teen")


def manifest(*, ordinal: int = 1, **changes: Any) -> RunManifest:
    fields: dict[str, Any] = {
        "id": content_id("run1", [RECIPE_HASH, ordinal]),
        "recipe_hash": RECIPE_HASH,
        "ordinal": ordinal,
        "name": "first-dialogues",
        "recipe": {"name": "first-dialogues", "snippets": "snippets.jsonl"},
        "seed": 7,
        "code_version": "0.1.0",
        "prompts": {"answerer": "answerer@3f2a9c1b"},
        "personas": {PERSONA.name: PERSONA.id},
        "created_at": f"2026-01-01T00:00:0{ordinal}Z",
    }
    return RunManifest(**{**fields, **changes})


def review(
    turn: Turn, verdict: VerdictName, score: float | None = None, *, reviewer: str = "critic"
) -> Review:
    scores = {} if score is None else {"grounded": score}
    return Review.of(
        subject_id=turn.id, reviewer=reviewer, verdict=verdict, scores=scores, rationale="because"
    )


def dialogue(
    number: int = 0,
    *,
    questions: tuple[str, ...] = ("What is it?", "When was it made?"),
    answers: tuple[str, ...] = ("It is thing number {number}.", "It was made in 1905."),
    draft: str | None = "It was made in 1805.",
    draft_reviewer: str = "critic",
    outcome: Outcome = "accepted",
    scores: tuple[float | None, float | None] = (0.9, 0.3),
    snippet: Snippet | None = None,
    ordinal: int = 1,
) -> DialogueRecord:
    """A dialogue of two exchanges; a draft of its last answer was turned down."""
    snippet = snippet or Snippet.of(
        f"Thing number {number} was made in 1905.",
        title=f"Thing {number}",
        source="things.txt",
        license="CC0-1.0",
    )
    turns: list[Turn] = []
    reviews: list[Review] = []
    dialogue_id = content_id("dlg1", [RECIPE_HASH, snippet.id])
    parent = dialogue_id
    for place, (question, answer) in enumerate(zip(questions, answers, strict=True)):
        asked = Turn.of(parent_id=parent, speaker="questioner", text=question)
        turns.append(asked)
        drafts = 0
        if draft is not None and place == len(answers) - 1:
            drafts = 1
            said = Turn.of(parent_id=asked.id, speaker="answerer", text=draft)
            turns.append(said)
            reviews.append(review(said, "revise", scores[1], reviewer=draft_reviewer))
        text = answer.replace("{number}", str(number))
        said = Turn.of(parent_id=asked.id, speaker="answerer", text=text, attempt=drafts)
        turns.append(said)
        reviews.append(review(said, "accept", scores[0]))
        parent = said.id
    plan = Plan.of(
        snippet_id=snippet.id,
        persona_id=PERSONA.id,
        kind="tutoring",
        difficulty=0.25,
        exchanges=tuple(PlannedExchange(kind="what", aim=question) for question in questions),
    )
    return DialogueRecord(
        dialogue=Dialogue(
            id=dialogue_id,
            run_id=content_id("run1", [RECIPE_HASH, ordinal]),
            snippet_id=snippet.id,
            persona_id=PERSONA.id,
            plan_id=plan.id,
            tip_id=parent if turns else None,
            outcome=outcome,
            reason=None if outcome == "accepted" else "for a reason",
            seed=number,
            attempt=ordinal - 1,
        ),
        snippet=snippet,
        persona=PERSONA,
        plan=plan,
        tree=tuple(turns),
        reviews=tuple(reviews),
    )


def dialogues(count: int, **fields: Any) -> Iterator[DialogueRecord]:
    return (dialogue(number, **fields) for number in range(count))
