"""Episodes of the guessing game as a corpus, and the small student that plays it."""

from pathlib import Path
from typing import Any

from guessing import Guessing

from colloquia.corpus.export import export
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.finetune.environments.transcripts import (
    episode_record,
    planned_episode,
    rollout_manifest,
)

#: A step takes 8 episodes, of two tasks.
ONLINE: dict[str, Any] = {
    "environment": "guessing:numbers",
    "group_size": 4,
    "batch_size": 8,
    "max_tokens": 4,
}


def made_episodes(out: Path) -> Path:
    """Export two episodes for each of eight numbers: a good one, and one with a slip."""
    manifest = rollout_manifest("guessing", identity={}, seed=0)
    told = Guessing().reset("0").text
    records = []
    for number in range(1, 9):
        for sample, guesses in enumerate((("9", "0", str(number)), ("nine", str(number)))):
            episode = OpenEpisode(environment=Guessing(), task=str(number))
            for guess in guesses:
                episode.act(guess)
            planned = planned_episode(manifest, "guessing", str(number), told, sample=sample)
            records.append(episode_record(planned, episode.episode()))
    split = {"train": 0.7, "validation": 0.3}
    export(records, manifest=manifest, to=["echo-jsonl"], out=out, split=split, only="all")
    return out
