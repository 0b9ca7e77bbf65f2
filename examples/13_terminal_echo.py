"""A student works in a sandboxed shell, and learns what the shell says beside what it does: ECHO.

From nothing, in seconds: episodes of the solutions, a student trained on them, and an episode of
its own. Needs the extra `finetune`, and Linux with user namespaces for the shell.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import colloquia
from colloquia import UserError
from colloquia.corpus.export import export
from colloquia.finetune.environments.episode import OpenEpisode
from colloquia.finetune.environments.playing import PlaySettings, play
from colloquia.finetune.environments.terminal.tasks import shell_task
from colloquia.finetune.environments.terminal.terminal import TerminalTasks
from colloquia.finetune.environments.transcripts import (
    episode_record,
    planned_episode,
    rollout_manifest,
)
from colloquia.finetune.measure.asking import open_student

terminal = TerminalTasks()
manifest = rollout_manifest("terminal", identity={"student": "the solutions"}, seed=0)


def begin(task: str) -> OpenEpisode:
    """Begin an episode, or say why there is no shell here."""
    try:
        return OpenEpisode(environment=terminal.make(), task=task)
    except UserError as error:
        print(error)
        sys.exit(0)


records = []
for task in terminal.tasks("train")[:10]:
    episode = begin(task)
    for command in (*shell_task(task).solution, "exit"):
        episode.act(command)
    planned = planned_episode(manifest, "terminal", task, episode.messages()[0].content)
    records.append(episode_record(planned, episode.episode()))
for turn in records[0].turns:
    print(f"{turn.speaker:12} {turn.text}")

with TemporaryDirectory() as folder:
    corpus, student = Path(folder, "corpus"), Path(folder, "student")
    export(records, manifest=manifest, to=["echo-jsonl"], out=corpus, split={"train": 1.0})
    trained = colloquia.train(corpus, output=student, method="echo", echo={"steps": 60})
    print(f"\nloss {trained.stages[0].loss}")
    episode = begin(terminal.tasks("train")[0])
    play(open_student(student), [episode], PlaySettings(temperature=0.0, max_tokens=32))
    for said in episode.episode().turns[1:]:
        print(f"{said.kind:12} {said.text}")
    print(f"reward {episode.episode().reward:g}")
