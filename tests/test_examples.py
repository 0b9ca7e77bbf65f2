"""Every numbered example runs by itself, offline, in an empty folder or beside its data."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
from checkout import ROOT, output_of

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(EXAMPLES.rglob("[0-9]*.py"))

#: The same way round, with a few steps of each training; needs an extra.
TRAINING = {"10_the_loop.py": ["--quick"]}


def test_there_are_examples() -> None:
    assert SCRIPTS


@pytest.mark.parametrize("example", SCRIPTS, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    """It runs from a copy, so what it writes beside itself doesn't stay."""
    if example.name in TRAINING and importlib.util.find_spec("trl") is None:
        pytest.skip("not installed: trl (extra 'finetune')")
    copy = shutil.copytree(EXAMPLES, tmp_path / "examples")
    script = copy / example.relative_to(EXAMPLES)
    command = [sys.executable, script, *TRAINING.get(example.name, ())]
    assert output_of(command, cwd=script.parent).strip(), "it prints nothing"
