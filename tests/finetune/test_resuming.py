"""A training that was killed or asked to stop goes on to the very same weights."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import training_process
from checkout import script

from colloquia.core.errors import RunOwned, UserError
from colloquia.finetune.data.mixture import open_corpora
from colloquia.finetune.machine import find_machine
from colloquia.finetune.settings import resolve_settings
from colloquia.finetune.train.log import read_log, rewind_log
from colloquia.finetune.train.preparation import training_identity
from colloquia.finetune.train.training import train
from colloquia.finetune.train.training_folder import IDENTITY_FILE, open_training_folder

PROGRAM = Path(training_process.__file__)


def _process(corpus: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [sys.executable, PROGRAM, corpus, output, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def undisturbed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("undisturbed") / "student"
    train(corpus, output=place, **training_process.SETTINGS)
    return place


@pytest.mark.parametrize(
    ("step", "newest", "half_written"),
    [(5, "1-sft/checkpoints/checkpoint-4", True), (17, "2-dpo/checkpoints/checkpoint-6", False)],
    ids=["writing a checkpoint of the first stage", "in the second stage"],
)
def test_a_killed_training_ends_in_the_same_bits(
    corpus: Path, undisturbed: Path, tmp_path: Path, step: int, newest: str, half_written: bool
) -> None:
    place = tmp_path / "student"
    killed = _process(corpus, place, "--kill", str(step))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not place.exists()
    checkpoint = tmp_path / "student.training" / newest
    assert (checkpoint / "complete").exists()
    if half_written:
        (checkpoint / "complete").unlink()
        (checkpoint / "model.safetensors").write_bytes(b"half")
    train(corpus, output=place, resume=True, **training_process.SETTINGS)
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (place / name).read_bytes() == (undisturbed / name).read_bytes()
    logs = [
        [(line.stage, line.step, line.values.get("loss")) for line in read_log(p / "log.jsonl")]
        for p in (place, undisturbed)
    ]
    assert logs[0] == logs[1]


def test_going_on_needs_what_was_begun(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "student"
    settings = training_process.SETTINGS
    with pytest.raises(UserError, match="nothing to resume"):
        train(corpus, output=place, resume=True, **settings)
    stopped = train(corpus, output=place, should_stop=lambda: True, **settings)
    assert stopped.interrupted
    assert [stage.steps for stage in stopped.stages] == [1]
    with pytest.raises(UserError, match="go on with `resume=True`"):
        train(corpus, output=place, **settings)
    with pytest.raises(UserError, match=r"another settings\.seed \(0 before, 1 now\)"):
        train(corpus, output=place, resume=True, **settings, seed=1)
    seen: list[bool] = []

    def intrude(_: object) -> None:
        if not seen:
            with pytest.raises(RunOwned, match="another process"):
                train(corpus, output=place, resume=True, **settings)
            with pytest.raises(RunOwned, match="another process"):
                train(corpus, output=place, **settings)
            seen.append(True)

    train(corpus, output=place, resume=True, watch=intrude, **settings)
    assert seen and place.exists()
    with pytest.raises(UserError, match="exists already"):
        train(corpus, output=place, **settings)


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    line = {"stage": 1, "method": "sft", "loss": 1.0}
    log.write_text("".join(json.dumps({**line, "step": step}) + "\n" for step in range(20)))
    before, limits = log.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # for this process alone
    try:
        with pytest.raises(OSError, match="File too large"):
            rewind_log(log, stage=1, step=15)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert log.read_bytes() == before
    rewind_log(log, stage=1, step=15)
    assert [one.step for one in read_log(log)] == list(range(16))


@pytest.mark.parametrize("package", ["torch", "accelerate", "tokenizers", "datasets"])
def test_other_versions_are_another_training(
    corpus: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, Any]:
        return training_identity(
            open_corpora([corpus]), resolve_settings({}), find_machine(), base=None
        )

    before, version = found(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda n: "99" if n == package else version(n))
    after = found()
    assert after["versions"] == {**before["versions"], package: "99"} != before["versions"]
    assert {**after, "versions": 0} == {**before, "versions": 0}


def test_other_weights_at_the_same_place_are_another_base(
    corpus: Path, student: Path, tmp_path: Path
) -> None:
    base = Path(shutil.copytree(student, tmp_path / "base"))
    settings = {**training_process.SETTINGS, "base": str(base), "method": "sft"}
    place = tmp_path / "student"
    assert train(corpus, output=place, should_stop=lambda: True, **settings).interrupted
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-64] + bytes(64))  # as many bytes as before
    with pytest.raises(UserError, match=r"another base\.fingerprint"):
        train(corpus, output=place, resume=True, **settings)


def test_who_comes_too_late_leaves_the_other_s_settings_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "student"
    with open_training_folder(place, {"seed": 0}, resume=False) as folder:
        monkeypatch.setattr(os.path, "lexists", lambda _: False)  # both looked before either began
        with pytest.raises(RunOwned), open_training_folder(place, {"seed": 1}, resume=False):
            pass
        assert json.loads((folder / IDENTITY_FILE).read_text()) == {"seed": 0}


def test_ctrl_c_saves_and_says_how_to_go_on(corpus: Path, tmp_path: Path) -> None:
    config = tmp_path / "train.yaml"
    long = {**training_process.SETTINGS, "method": "sft", "sft": {"steps": 100000}, "log_every": 1}
    config.write_text(json.dumps({"train": long}))
    command: list[str | Path] = [script("colloquia"), "train", corpus, "--config", config]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    log = tmp_path / "student.training" / "log.jsonl"
    while not log.exists() or not log.read_text().count('"loss"'):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "stopping: a checkpoint is written first" in told
    assert told.strip().endswith("interrupted and saved: the same command with --resume goes on")
    assert not (tmp_path / "student").exists()
    assert list((tmp_path / "student.training").glob("1-sft/checkpoints/*/complete"))
