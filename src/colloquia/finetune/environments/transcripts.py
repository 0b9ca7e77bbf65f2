"""Episodes as dialogues: rows of the store, and rows of a corpus, like all others.

The task is asked by the questioner, an action is an answer, and what comes of it is said by the
environment; a turn whose weight is 0 is never learnt: the task, and the harness's warnings. The
reward is a review of the last action, and an episode without any is a rejected dialogue.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from colloquia.core.commit import Commit
from colloquia.core.hashing import content_id, seed_for
from colloquia.core.recipe import Recipe
from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.core.types import Dialogue, Persona, Review, Snippet, Speaker, Turn
from colloquia.core.version import __version__
from colloquia.finetune.environments.episode import Episode, EpisodeTurn
from colloquia.store.writing import Planned

#: How a snippet says that it is a task: `environment:NAME`; its `external_id` is the task.
SOURCE = "environment:"
TASK_GIVER = Persona(id=content_id("pers1", "environment"), name="environment")
UNSOLVED = "unsolved"


def rollout_manifest(environment: str, *, identity: Mapping[str, Any], seed: int) -> RunManifest:
    """Return the run that episodes belong to.

    Args:
        environment: its name.
        identity: what decides the episodes: student, tasks, settings. The same gives the same run.
        seed: of the student's words.
    """
    named = content_id("recipe1", ["rollouts", environment, dict(identity), seed])
    return RunManifest(
        id=content_id("run1", [named, 1]),
        recipe_hash=named,
        name=f"{environment} rollouts",
        recipe=Recipe.model_validate(
            {"name": f"{environment} rollouts", "seed": seed, "dialogue": {"exchanges": [1, 1]}}
        ),
        seed=seed,
        code_version=__version__,
        personas={TASK_GIVER.name: TASK_GIVER.id},
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def planned_episode(
    manifest: RunManifest, environment: str, task: str, told: str, *, sample: int = 0
) -> Planned:
    """Return the pending dialogue of an episode.

    Args:
        manifest: the run's.
        environment: its name.
        task: which one.
        told: the environment's first words.
        sample: tells episodes of one task apart, from 0.
    """
    snippet = Snippet.of(
        f"{environment} {task}: {told}",
        title=f"{environment} {task}",
        source=f"{SOURCE}{environment}",
        external_id=task,
    )
    dialogue = Dialogue(
        id=content_id("dlg1", [manifest.recipe_hash, snippet.id, sample]),
        run_id=manifest.id,
        snippet_id=snippet.id,
        persona_id=TASK_GIVER.id,
        seed=seed_for(manifest.seed, task, sample),
    )
    return Planned(snippet, dialogue)


def episode_commit(dialogue: Dialogue, episode: Episode) -> Commit:
    """Return what an episode makes of its dialogue."""
    turns: list[Turn] = []
    for one in episode.turns:
        parent = turns[-1].id if turns else dialogue.root_id
        turns.append(_turn(one, parent))
    acted = [turn for turn in turns if turn.speaker == "answerer"]
    reviews = []
    if acted:
        solved = episode.reward > 0
        review = Review.of(
            subject_id=acted[-1].id,
            reviewer="environment",
            verdict="accept" if solved else "reject",
            scores={"reward": min(1.0, max(0.0, episode.reward))},
        )
        reviews.append(review)
    ended = _ended(dialogue, episode).model_copy(update={"tip_id": turns[-1].id})
    return Commit(turns=tuple(turns), reviews=tuple(reviews), dialogue=ended)


def episode_record(planned: Planned, episode: Episode) -> DialogueRecord:
    """Return an episode's dialogue as the store would give it back."""
    commit = episode_commit(planned.dialogue, episode)
    assert commit.dialogue is not None
    return DialogueRecord(
        dialogue=commit.dialogue,
        snippet=planned.snippet,
        persona=TASK_GIVER,
        tree=commit.turns,
        reviews=commit.reviews,
    )


def _turn(said: EpisodeTurn, parent: str) -> Turn:
    speakers: dict[str, Speaker] = {"task": "questioner", "action": "answerer"}
    learnt = said.kind in ("action", "observation")
    return Turn.of(
        parent_id=parent,
        speaker=speakers.get(said.kind, "environment"),
        text=said.text,
        train_weight=1.0 if learnt else 0.0,
    )


def _ended(dialogue: Dialogue, episode: Episode) -> Dialogue:
    if episode.problem is not None:
        changes = {"outcome": "failed", "reason": "fatal", "stop_reason": episode.problem}
    elif not episode.done:
        return dialogue
    elif episode.reward > 0:
        changes = {"outcome": "accepted", "stop_reason": "solved"}
    else:
        changes = {"outcome": "rejected", "reason": UNSOLVED}
    return dialogue.model_copy(update=changes)
