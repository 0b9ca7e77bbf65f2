"""Every numbered example runs by itself, offline, in an empty folder or beside its data."""

import shutil
import sys
from pathlib import Path

import pytest
from checkout import ROOT, output_of

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(EXAMPLES.rglob("[0-9]*.py"))


def test_there_are_examples() -> None:
    assert SCRIPTS


@pytest.mark.parametrize("example", SCRIPTS, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    """It runs from a copy, so what it writes beside itself doesn't stay."""
    copy = shutil.copytree(EXAMPLES, tmp_path / "examples")
    script = copy / example.relative_to(EXAMPLES)
    assert output_of([sys.executable, script], cwd=script.parent).strip(), "it prints nothing"
