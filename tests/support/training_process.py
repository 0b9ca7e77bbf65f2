"""Trains a small student in a process to be killed: CORPUS OUTPUT [--resume] [--kill N]."""

import os
import signal
import sys
from typing import Any

from colloquia.finetune.train.training import train

SETTINGS: dict[str, Any] = {
    "tiny": {
        "hidden_size": 32,
        "layers": 1,
        "heads": 2,
        "intermediate_size": 64,
        "vocabulary": 400,
    },
    "max_length": 128,
    "method": "sft,dpo",
    "sft": {"steps": 10, "batch_size": 4},
    "dpo": {"steps": 10, "batch_size": 4, "prefix_tokens": 8},
}


def main(corpus: str, output: str, *options: str) -> None:
    kill_after = int(options[-1]) if "--kill" in options else None
    done = 0

    def watch(_: object) -> None:
        nonlocal done
        done += 1
        if done == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

    train(corpus, output=output, resume="--resume" in options, watch=watch, **SETTINGS)


if __name__ == "__main__":
    main(*sys.argv[1:])
