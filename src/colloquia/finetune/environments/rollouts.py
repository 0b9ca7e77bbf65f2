"""Many episodes of a student into the store: planned first, so that what is missing is known.

The same call goes on where an earlier one stopped, as a run does.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from colloquia.core.run_manifest import RunManifest
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.finetune.environments.playing import PlaySettings, play
from colloquia.finetune.environments.protocol import TaskSet
from colloquia.finetune.environments.transcripts import (
    TASK_GIVER,
    episode_commit,
    planned_episode,
    rollout_manifest,
)
from colloquia.store.reading import RunCounts
from colloquia.store.repository import Store
from colloquia.store.writing import Claimed

if TYPE_CHECKING:
    from colloquia.models.local.text_generator import TextGenerator

#: Told after every batch: where the run stands.
WatchRollouts = Callable[[RunCounts], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """Which episodes there are to be."""

    tasks: Sequence[str]
    samples: int = 1
    """Episodes per task."""
    seed: int = 0
    settings: PlaySettings = PlaySettings()  # noqa: RUF009  # frozen


async def roll_out(
    student: "TextGenerator",
    environment: TaskSet,
    plan: RolloutPlan,
    *,
    store: Store,
    identity: Mapping[str, Any],
    watch: WatchRollouts = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> RunManifest:
    """Let a student play episodes and keep their transcripts; return their run.

    Args:
        student: a model in memory.
        environment: its tasks.
        plan: which of them, and how often.
        store: where they go.
        identity: what tells the student from another.
        watch: told where the run stands.
        stopped: asked before each turn; once true, episodes under way are left for another time.

    Raises:
        UserError: there is no such task, or the environment can't be had here.
        RunOwned: another process is at it.
    """
    manifest = rollout_manifest(
        environment.name,
        identity={**identity, "settings": asdict(plan.settings)},
        seed=plan.seed,
    )
    first = environment.make()
    planned = [
        planned_episode(manifest, environment.name, task, told, sample=sample)
        for task in plan.tasks
        for told in [OpenEpisode(environment=first, task=task).told]
        for sample in range(plan.samples)
    ]
    await store.begin_run(manifest, [TASK_GIVER])
    with store.own(manifest.id):
        await store.add_dialogues(manifest.id, planned)
        while not stopped() and (batch := await store.claim(manifest.id, student.batch)):
            episodes = [_begun(one, environment) for one in batch]
            await asyncio.to_thread(play, student, episodes, plan.settings, stopped=stopped)
            for (dialogue, _), episode in zip(batch, episodes, strict=True):
                if not episode.is_open:
                    commit = episode_commit(dialogue, episode.episode())
                    await store.put(manifest.id, dialogue.id, commit)
            watch(store.counts(manifest.id))
    return manifest


def _begun(claimed: Claimed, environment: TaskSet) -> OpenEpisode:
    task = claimed.snippet.external_id or ""
    return OpenEpisode(environment=environment.make(), task=task, seed=claimed.dialogue.seed)
