"""The folder beside an output that a training works in until it is done."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from colloquia.finetune.train.run_stage import last_checkpoint
from colloquia.finetune.train.step_callback import Diverged
from colloquia.finetune.work_folder import Work, open_work_folder

IDENTITY_FILE = "training.json"


def can_resume(folder: Path) -> bool:
    """Whether there is anything to go on with: a finished stage or a complete checkpoint."""
    stages = [path for path in folder.glob("*-*") if path.is_dir()]
    return any((path / "model").exists() or last_checkpoint(path) for path in stages)


TRAINING = Work(doing="training", identity_file=IDENTITY_FILE, can_resume=can_resume)


def training_folder_of(output: Path) -> Path:
    """Return the folder that a training works in."""
    return TRAINING.folder_of(output)


@contextmanager
def open_training_folder(
    output: Path, identity: Mapping[str, Any], *, resume: bool
) -> Iterator[Path]:
    """Give the folder to work in; of a training that diverged nothing stays.

    See `open_work_folder` for arguments and errors.
    """
    with open_work_folder(TRAINING, output, identity, resume=resume) as folder:
        try:
            yield folder
        except Diverged:
            shutil.rmtree(folder, ignore_errors=True)
            raise
