"""Small, complete values to put into stores: a run, and dialogues with every kind of row."""

from collections.abc import Iterable
from dataclasses import dataclass

from colloquia.core.commit import Commit
from colloquia.core.hashing import content_id
from colloquia.core.recipe import Recipe, Snippets
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import (
    Dialogue,
    Message,
    ModelCall,
    Outcome,
    Persona,
    Plan,
    PlannedExchange,
    Review,
    Snippet,
    Span,
    Turn,
)
from colloquia.store.repository import Store
from colloquia.store.writing import Planned

PERSONA = Persona(
    id="pers1_3f2a9c1b",
    name="curious_teen",
    background="Fifteen, reads about everything.",
    knowledge={"history": "novice", "physics": "working"},
    goals=("understand why",),
    traits={"verbosity": 2.5, "skepticism": 1.0},
    behaviours=("asks back",),
    opening_styles=("casual",),
    never=("lectures",),
    language="en",
    weight=2.0,
)


def manifest(*, ordinal: int = 1, recipe_hash: str = "5e1f00d5") -> RunManifest:
    return RunManifest(
        id=content_id("run1", [recipe_hash, ordinal]),
        recipe_hash=recipe_hash,
        ordinal=ordinal,
        name="normans",
        recipe=Recipe(snippets=Snippets(path="s.jsonl")),
        seed=2**63 - 1,
        code_version="0.1.0",
        prompts={"answerer": "answerer@3f2a9c1b"},
        personas={PERSONA.name: PERSONA.id},
        created_at="2026-01-02T03:04:05Z",
    )


def snippet(number: int) -> Snippet:
    return Snippet.of(
        f"Fact {number}: Rollo led the Normans — в 911 году.",
        title=f"Normans {number}",
        source="encyclopedia",
        license="CC-BY-SA-4.0",
        topic="history",
        external_id=f"normans-{number:03}",
        metadata={"page": number, "tags": ["a", "б"], "nested": {"ok": True, "none": None}},
    )


def pending(number: int, run_id: str) -> Dialogue:
    text = snippet(number)
    return Dialogue(
        id=content_id("dlg1", ["5e1f00d5", text.id]),
        run_id=run_id,
        snippet_id=text.id,
        persona_id=PERSONA.id,
        seed=2**62 + number,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A dialogue with all its rows, in the order they would be committed."""

    dialogue: Dialogue
    plan: Plan
    turns: tuple[Turn, ...]
    reviews: tuple[Review, ...]
    calls: tuple[ModelCall, ...]


def talk(number: int, run_id: str, *, outcome: Outcome = "accepted") -> Talk:
    """Two exchanges: an answer that was revised once, and a question that was declined."""
    text, start = snippet(number), pending(number, run_id)
    plan = Plan.of(
        snippet_id=text.id,
        persona_id=PERSONA.id,
        kind="tutoring",
        difficulty=0.25,
        exchanges=(
            PlannedExchange(kind="who", aim="the leader"),
            PlannedExchange(kind="near_miss", aim="the leader's mother"),
        ),
    )
    quote = Span(start=0, end=4, text=text.text[:4])
    question = Turn.of(parent_id=start.id, speaker="questioner", text="Who led them?")
    draft = Turn.of(
        parent_id=question.id,
        speaker="answerer",
        text="A king.",
        thought="Somebody led.",
        call_id=f"call1_{number}_0",
    )
    answer = Turn.of(
        parent_id=question.id, speaker="answerer", text="Rollo did.", spans=(quote,), attempt=1
    )
    second = Turn.of(parent_id=answer.id, speaker="questioner", text="And his mother?")
    declined = Turn.of(
        parent_id=second.id,
        speaker="answerer",
        text="The text doesn't say; it covers Rollo.",
        declined=True,
        train_weight=0.5,
    )
    failed = outcome == "failed"
    finished = start.model_copy(
        update={
            "plan_id": plan.id,
            "tip_id": None if failed else declined.id,
            "outcome": outcome,
            "reason": {"failed": "content", "rejected": "ungrounded"}.get(outcome),
            "stop_reason": "plan finished",
        }
    )
    return Talk(
        dialogue=finished,
        plan=plan,
        turns=(question, draft, answer, second, declined),
        reviews=_reviews(draft, answer, declined),
        calls=tuple(_call(number, place, start.id) for place in range(2)),
    )


def _reviews(draft: Turn, answer: Turn, declined: Turn) -> tuple[Review, ...]:
    return (
        Review.of(
            subject_id=draft.id,
            reviewer="critic",
            scores={"grounded": 0.2, "helpful": 0.4},
            verdict="revise",
            label="vague",
            rationale="Names nobody.",
            call_id="call1_critic",
        ),
        Review.of(
            subject_id=answer.id, reviewer="critic", scores={"grounded": 0.9}, verdict="accept"
        ),
        Review.of(subject_id=answer.id, reviewer="evidence", verdict="accept"),
        Review.of(
            subject_id=declined.id,
            reviewer="refusal_checker",
            scores={"refusal": 1.0},
            verdict="accept",
            label="rightly_declined",
        ),
    )


def _call(number: int, place: int, dialogue_id: str) -> ModelCall:
    return ModelCall(
        id=f"call1_{number}_{place}",
        dialogue_id=dialogue_id,
        place=f"1.answerer.{place}",
        role="answerer",
        model="offline",
        prompt="answerer@3f2a9c1b",
        request_hash=f"{number:08x}{place:08x}",
        messages=(
            Message(role="system", content="Answer from the snippet alone."),
            Message(role="user", content=f"Who led them? ({number})"),
        ),
        reply='{"answer": "A king."}',
        thought="Somebody led.",
        stop="stop",
        tokens_in=120,
        tokens_out=12,
        cost_usd=0.001,
        latency_s=0.25,
        attempts=2,
        cause="repaired",
    )


async def begin(store: Store, *, dialogues: Iterable[int] = (), ordinal: int = 1) -> RunManifest:
    """Begin a run with pending dialogues about the snippets of these numbers."""
    run = manifest(ordinal=ordinal)
    await store.begin_run(run, [PERSONA])
    await store.add_dialogues(run.id, [Planned(snippet(n), pending(n, run.id)) for n in dialogues])
    return run


async def commit(store: Store, made: Talk) -> None:
    """Put a whole dialogue into a store."""
    whole = Commit(
        plan=made.plan,
        turns=made.turns,
        reviews=made.reviews,
        calls=made.calls,
        dialogue=made.dialogue,
    )
    await store.put(made.dialogue.run_id, made.dialogue.id, whole)
