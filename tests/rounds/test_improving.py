"""Rounds of a real student: killed anywhere they end alike, and wrong folders are told."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rounds_process
from checkout import ROOT
from tiny_model import needs_torch

from colloquia.cli.application import main
from colloquia.core.errors import UserError
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.rounds.improving import RoundWatch, improve
from colloquia.rounds.results import Improvement

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own

PEOPLE = ROOT / "examples" / "data" / "invented_people.jsonl"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    content = {
        "seed": 7,
        "snippets": {"path": str(PEOPLE), "limit": 8},
        "personas": ["curious_teen"],
        "dialogue": {"exchanges": [1, 2], "unanswerable_share": 0.1},
        "export": {"split": {"train": 0.6, "test": 0.4}},
    }
    place.write_text(json.dumps(content))
    return place


@pytest.fixture(scope="module")
def found(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Improvement:
    out = tmp_path_factory.mktemp("rounds") / "out"
    return improve(recipe, output=out, **rounds_process.SETTINGS)


def test_a_round_learns_from_the_teacher_and_from_itself(found: Improvement) -> None:
    first, second = found.rounds
    assert first.rows is not None and first.rows.own == 0
    assert second.accepted, "the student is too weak for this test to say anything"
    assert second.rows is not None and second.rows.own + second.rows.seen_before
    assert second.rows.teacher == first.rows.teacher
    assert second.planned < first.planned, "held-out snippets are not asked about"
    assert first.right is not None and second.gain is not None
    assert Path(found.output, "improve.png").stat().st_size > 5000


def test_no_round_learns_from_a_held_out_snippet(found: Improvement) -> None:
    output = Path(found.output)
    teacher = open_corpus(output / "round-0" / "corpus")
    held_out = {
        one
        for name in ("trl-sft", "trl-grpo")
        for row in teacher.rows(name, "test")
        for one in row["snippet_ids"]
    }
    assert held_out
    for part in ("answers", "corpus"):
        corpus = open_corpus(output / "round-1" / part)
        assert corpus.splits("trl-sft") == ["train"]
        learnt = {one for row in corpus.rows("trl-sft", "train") for one in row["snippet_ids"]}
        assert learnt and learnt.isdisjoint(held_out)


def test_killed_anywhere_the_same_command_ends_alike(recipe: Path, found: Improvement) -> None:
    output = Path(found.output)
    undisturbed = (output / "improve.json").read_bytes()
    shutil.rmtree(output)
    for number, part in ((0, "student"), (1, "dialogues"), (1, "evaluation")):
        command = [sys.executable, rounds_process.__file__, str(recipe), str(output)]
        killed = subprocess.run(
            [*command, "--kill", str(number), part], capture_output=True, text=True, check=False
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    parts: list[tuple[int, str]] = []
    watch = RoundWatch(part=lambda number, part: parts.append((number, part)))
    improve(recipe, output=output, watch=watch, **rounds_process.SETTINGS)
    assert parts[0] == (1, "dialogues"), "what was done is not made again"
    assert (output / "improve.json").read_bytes() == undisturbed


def test_going_on_needs_what_was_begun(recipe: Path, found: Improvement, tmp_path: Path) -> None:
    changes: dict[str, Any] = {"output": found.output, **rounds_process.SETTINGS}
    with pytest.raises(UserError, match=r"another rounds\.samples \(2 before, 3 now\)"):
        improve(recipe, **changes | {"samples": 3})
    other = json.loads(recipe.read_text()) | {"seed": 8}
    (tmp_path / "other.yaml").write_text(json.dumps(other))
    with pytest.raises(UserError, match=r"another recipe\.seed \(7 before, 8 now\)"):
        improve(tmp_path / "other.yaml", **changes)
    again = improve(recipe, **changes)
    assert again.rounds == found.rounds
    student = Path(found.output) / "round-0" / "student"
    student.rename(student.with_name("elsewhere"))
    with pytest.raises(UserError, match="isn't there any more"):
        improve(recipe, **changes)
    student.with_name("elsewhere").rename(student)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--rounds", "0"], "Invalid value for '--rounds'"),
        (["--role", "critic"], "Invalid value for '--role'"),
        (["-o", "taken"], "taken exists already and holds no rounds"),
        (["--base", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_told_in_a_line_before_any_work(
    recipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    says: str,
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    monkeypatch.chdir(tmp_path)
    assert main(["improve", str(recipe), *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
    assert not (tmp_path / "improved").exists()


def test_the_table_has_a_row_for_each_round(
    recipe: Path, found: Improvement, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = rounds_process.SETTINGS
    train = {name: content[name] for name in ("tiny", "max_length", "checkpoints", "sft")}
    (tmp_path / "train.yaml").write_text(json.dumps({"train": train}))
    names = {"rounds": "--rounds", "samples": "-k", "temperature": "--temperature",
             "limit": "--limit", "max_tokens": "--max-tokens"}  # fmt: skip
    options = [part for name, flag in names.items() for part in (flag, str(content[name]))]
    config = ["--config", str(tmp_path / "train.yaml")]
    assert main(["improve", str(recipe), "-o", found.output, *options, *config]) == 0
    told = capsys.readouterr().out
    rows = [line.split() for line in told.splitlines() if line[:1].isdigit()]
    assert [row[0] for row in rows] == ["0", "1"]
    assert rows[1][-1] == (found.rounds[1].student_sha256 or "")[:8]
    assert max(map(len, told.splitlines()[:3])) <= 80
