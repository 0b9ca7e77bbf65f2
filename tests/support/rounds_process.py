"""Makes rounds in a process to be killed: RECIPE OUTPUT [--kill ROUND PART]."""

import os
import signal
import sys
from typing import Any

from colloquia.core.types import Dialogue
from colloquia.finetune.train.stage import StepReport
from colloquia.rounds.improving import RoundWatch, improve

SETTINGS: dict[str, Any] = {
    "rounds": 1,
    "samples": 2,
    "temperature": 0.1,
    "limit": 6,
    "max_tokens": 40,
    "tiny": {
        "hidden_size": 64,
        "layers": 1,
        "heads": 2,
        "intermediate_size": 128,
        "vocabulary": 500,
    },
    "max_length": 512,
    "checkpoints": 10,
    "sft": {"steps": 80, "batch_size": 4, "learning_rate": 1e-2},
}


def main(recipe: str, output: str, *options: str) -> None:
    """Kill this process in the middle of a round's part, or at its beginning."""
    wanted = (int(options[1]), options[2]) if options else None
    now: list[tuple[int, str]] = []

    def die(part: str) -> None:
        if now[-1] == wanted == (now[-1][0], part):
            os.kill(os.getpid(), signal.SIGKILL)

    def finished(_: Dialogue) -> None:
        die("dialogues")

    def step(report: StepReport) -> None:
        if report.step > 12:
            die("student")

    def part(number: int, name: str) -> None:
        now.append((number, name))
        if name in ("corpus", "evaluation"):
            die(name)

    improve(
        recipe,
        output=output,
        watch=RoundWatch(part=part, on_finish=finished, step=step),
        **SETTINGS,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
