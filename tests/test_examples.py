"""Every numbered example runs by itself, offline, in an empty folder or beside its data."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT, output_of, without_checkout

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(EXAMPLES.rglob("[0-9]*.py"))

#: The same way round, with a few steps of each training; needs an extra.
TRAINING: dict[str, list[str]] = {
    "10_the_loop.py": ["--quick"],
    "12_rewards_of_your_own.py": [],
    "13_terminal_echo.py": [],
    "14_seeds.py": [],
    "15_mixtures.py": [],
    "16_thinking.py": [],
    "17_judge.py": [],
    "18_improve.py": ["--quick"],
}


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


LOOP = [sys.executable, str(EXAMPLES / "10_the_loop.py"), "--quick", "--out"]


@pytest.mark.parametrize(
    ("out", "code", "says"),
    [
        ("there", 2, "there exists already"),
        ("there/file/new", 2, "file is a file"),
        ("/dev/null/new", 2, "/dev/null"),
    ],
)
def test_the_loop_starts_in_a_new_folder_or_says_why_not(
    out: str, code: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/file").touch()
    done = subprocess.run(
        [*LOOP, out],
        cwd=tmp_path,
        env=without_checkout(),
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = done.stderr.splitlines()
    assert done.returncode == code
    assert line.startswith("error: ")
    assert says in line


def test_an_interrupted_loop_ends_with_one_line(tmp_path: Path) -> None:
    # A process that inherited a deaf ear for SIGINT passes it on: so nothing is sent here.
    program = f"""
import runpy, sys, colloquia

def interrupt(*_):
    raise KeyboardInterrupt

colloquia.load = interrupt
sys.argv = ["the_loop.py", "--quick", "--out", "out"]
runpy.run_path({LOOP[1]!r}, run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=without_checkout(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr == "interrupted; the next run starts anew, in another --out\n"
