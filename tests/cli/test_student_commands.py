"""evaluate, probe and solve-rate as they are typed: documents, and a line for each mistake."""

import json
import logging
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from made_corpus import Scripted, made_corpus
from made_episodes import made_episodes
from tiny_model import needs_torch, save_tiny_model

from colloquia.cli.application import main
from colloquia.cli.commands.student.asking import AskingProgress
from colloquia.cli.view.printable import counted
from colloquia.cli.view.terminal import Terminal
from colloquia.cli.view.training_progress import TrainingProgress
from colloquia.corpus.derived import Derivation, write_derived
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.questions import read_questions
from colloquia.finetune.measure.asking import AskSettings, ask
from colloquia.finetune.measure.refusal_data import RefusalSettings, refusal_data
from colloquia.finetune.train.stage import StepReport

pytestmark = [needs_torch, pytest.mark.filterwarnings("ignore")]  # the libraries' own


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    save_tiny_model(folder / "model", window=700)
    made_corpus(folder / "corpus", number=6)
    return folder


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(place)
    return place


TERMINAL = Terminal(store="", as_json=False, quiet=False, verbose=0)
Capture = pytest.CaptureFixture[str]


def test_evaluate_prints_one_document(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "model", "corpus", "--max-tokens", "4", "--json", "-q"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["before"] is None
    assert {"model", "n", "answerable", "unanswerable"} <= document.keys()


def test_evaluate_prints_a_row_per_kind_of_question(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "model", "corpus", "--max-tokens", "4", "--against", "model"]) == 0
    told = capsys.readouterr()
    assert len(re.findall(r"^(?:train|test) (?:closed|open) ", told.out, re.MULTILINE)) == 16
    assert "perplexity" in told.out
    assert "train questions, closed book" in told.err
    assert max(map(len, told.out.splitlines())) <= 77  # n has up to three more digits
    for word in ("text:", "declined:", "inv.:", "F1:", "gr.:"):
        assert word in told.out


def test_probe_says_what_it_wrote_and_what_comes_next(here: Path, capsys: Capture) -> None:
    asked = ["probe", "model", "corpus", "-o", "probed", "-k", "2", "--max-tokens", "4"]
    assert main(asked) == 0
    told = capsys.readouterr()
    assert "refusals" in told.out
    assert "colloquia train probed --method sft,dpo --base model" in told.err
    assert main(["check", "probed", "-q"]) == 0
    assert main(asked) == 2
    assert "probed exists already" in capsys.readouterr().err


def test_solve_rate_prints_one_document(here: Path, capsys: Capture) -> None:
    asked = ["solve-rate", "model", "corpus", "-o", "rated", "-k", "2", "--max-tokens", "4"]
    assert main([*asked, "--keep", "0..1", "--json", "-q"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kept"] == document["tally"]["questions"]
    assert (here / "rated/solve_rate.jsonl").exists()


ASKING = (["evaluate"], ["probe"], ["solve-rate"], ["pivotal"])


@pytest.mark.parametrize("command", [*ASKING, ["train"]], ids=" ".join)
def test_an_output_that_can_t_be_made_is_told_before_anything_is_loaded(
    command: list[str], here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    asked = [*command, *([] if command == ["train"] else ["no model"]), "no corpus", "-o"]
    (here / "file").touch()
    assert main([*asked, "file/out"]) == 2
    assert "file/out can't be made: file is a file; name a new" in capsys.readouterr().err
    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    assert main([*asked, "out"]) == 4
    assert "out can't be made: Permission denied; choose" in capsys.readouterr().err


def test_each_thing_that_is_asked_is_told_to_its_end(capsys: Capture) -> None:
    tell = AskingProgress(terminal=TERMINAL, clock=lambda: 0.0)
    for what in ("one", "two"):
        for done in (8, 16, 20):
            tell(what, done, 20)
    tell("three", 3, 3)
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "one: 8 of 20",
        "one: 20 of 20",
        "two: 8 of 20",
        "two: 20 of 20",
        "three: 3 of 3",
    ]


def test_each_stage_of_a_training_is_told_to_its_end(capsys: Capture) -> None:
    with TrainingProgress(TERMINAL) as progress:
        for stage, method in ((1, "sft"), (2, "dpo")):
            for step in range(1, 9):
                now = {"stage": stage, "stages": 2, "method": method, "step": step, "steps": 8}
                progress.step(StepReport(**now, loss=0.5))  # type: ignore[arg-type]
    told = capsys.readouterr().err.splitlines()
    assert told == ["1/2 sft: step 8 of 8; loss 0.500", "2/2 dpo: step 8 of 8; loss 0.500"]


def test_a_split_that_no_snippet_fell_into_is_told(here: Path, capsys: Capture) -> None:
    made_corpus(here / "one", number=1)
    assert main(["evaluate", "model", "one"]) == 2
    told = capsys.readouterr().err
    assert "no snippet with a question fell into split 'test'" in told
    assert "a larger share for it, or more snippets" in told


def test_prompts_beyond_the_window_are_counted_and_told_without_a_word_of_the_libraries(
    here: Path,
    capsys: Capture,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("transformers"), "handlers", [caplog.handler])
    save_tiny_model(here / "narrow", window=100)
    limit = here / "narrow/tokenizer_config.json"
    limit.write_text(json.dumps(json.loads(limit.read_text()) | {"model_max_length": 100}))
    asked = ["evaluate", "narrow", "corpus", "--max-tokens", "4"]
    assert main(asked) == 0
    told = r"questions of test, open book, by narrow couldn't be asked; the first: context too long"
    assert re.search(told, capsys.readouterr().err)
    assert "Token indices" not in caplog.text


def test_training_and_evaluating_say_no_word_of_the_libraries(here: Path) -> None:
    """In a process of its own, where no filter of the tests keeps their warnings away."""
    lines = """
from colloquia.cli.application import main
options = "--base model --lora --steps 1 --max-length 700 -o adapted".split()
assert main(["train", "corpus", *options]) == 0
assert main(["evaluate", "adapted", "corpus", "--max-tokens", "4", "--limit", "2"]) == 0
"""
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", lines],
        capture_output=True,
        text=True,
        check=False,
        cwd=here,
    )
    assert done.returncode == 0, done.stderr
    assert not re.search(r"(?i)warning|deprecat|site-packages", done.stdout + done.stderr)


def test_answers_that_pairs_disagree_about_are_left_out_and_told(
    here: Path, capsys: Capture
) -> None:
    questions = {one.text: one for one in read_questions(open_corpus(here / "corpus"), "train")}
    student: Any = Scripted(
        says=lambda text, turn: "In 1777." if turn else questions[text].reference
    )
    asked_of = ask(student, list(questions.values()), AskSettings(samples=2))
    data = refusal_data(asked_of, RefusalSettings())
    assert data.correct_over_refusal == data.refusal_over_wrong > 0
    how = Derivation(command="probe", summary="", settings={}, context="closed")
    write_derived(here / "refusals", here / "corpus", rows=data.rows, notes={}, how=how)
    asked = ["train", "refusals", "--method", "kto", "--steps", "1", "-o", "taught"]
    assert main(asked) == 0
    told = capsys.readouterr().err
    number = data.correct_over_refusal
    assert f"kto: {counted(number, 'answer')} left out: one pair prefers what another" in told


def test_answers_cut_at_their_longest_are_told(here: Path, capsys: Capture) -> None:
    own = "batch_size: 2, group_size: 2, max_tokens: 2, steps: 1"
    (here / "grpo.yaml").write_text(
        f"train: {{method: grpo, base: model, max_length: 700, grpo: {{{own}}}}}"
    )
    assert main(["train", "corpus", "--config", "grpo.yaml", "-o", "cut"]) == 0
    told = "% of the answers were cut at max_tokens 2, and a cut one is never right"
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["--beta", "0.1"], "--beta goes with dpo, kto, grpo and echo, not with sft"),
        (["--packing", "--method", "dpo"], "--packing goes with sft, not with dpo"),
        (
            ["--order", "adaptive", "--method", "dpo"],
            "--order goes with sft, grpo and echo, not with dpo",
        ),
        (
            ["--prefix-tokens", "5", "--method", "kto"],
            "--prefix-tokens goes with dpo, not with kto",
        ),
        (["--order", "foo"], "'--order': 'foo' is not one of 'random'"),
        (
            ["--method", "foo", "--steps", "3"],
            "method: 'foo' is unknown; choose 'sft', 'dpo', 'kto', 'grpo' or 'echo'",
        ),
        (["--max-length", "100000000"], "beyond the 16384 tokens of the base 'tiny'"),
    ],
)
def test_a_flag_that_does_not_fit_is_told_in_the_flags_words(
    asked: list[str], says: str, here: Path, capsys: Capture
) -> None:
    assert main(["train", "corpus", *asked]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
    assert "Value error" not in line


PROBE = ["probe", "model", "corpus", "-o", "new"]


def _damage(place: Path) -> None:
    (place / "damaged").mkdir(exist_ok=True)
    (place / "damaged/manifest.json").write_text("{")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["evaluate", "nothing", "corpus"], "no folder nothing"),
        (["evaluate", "corpus", "corpus"], "no config.json"),
        (["evaluate", "model", "model"], "isn't an export"),
        (["evaluate", "model", "nothing"], "isn't an export"),
        (["evaluate", "model", "damaged"], "export again"),
        (["evaluate", "model", "corpus", "--against", "nothing"], "no folder nothing"),
        (["evaluate", "model", "corpus", "--split", "dev"], "no questions in split 'dev'"),
        (["evaluate", "model", "corpus", "-o", "model"], "exists already"),
        (["probe", "model", "corpus", "-o", "new", "-k", "0"], "-k"),
        (["solve-rate", "model", "corpus", "-o", "new", "--keep", "1..0"], "--keep 0.2..0.8"),
        (["pivotal", "model", "corpus", "-o", "new", "--keep", "1..0"], "--keep 0.2..0.8"),
        (["pivotal", "model", "corpus", "-o", "new", "--oracle", "no:where"], "can't be imported"),
        (["pivotal", "model", "corpus", "-o", "new", "--resume"], "nothing to resume"),
        (["pivotal", "nothing", "corpus", "-o", "new"], "no folder nothing"),
        (["pivotal", "model", "nothing", "-o", "new"], "isn't an export"),
        (["pivotal", "model", "corpus", "-o", "new", "--gap", "nan"], "'--gap'"),
        ([*PROBE, "--pair-ratio", "inf"], "--pair-ratio': inf is no number to go by"),
        ([*PROBE, "--pair-ratio", "nan"], "Invalid value for '--pair-ratio'"),
        ([*PROBE, "--usual", "nan"], "Invalid value for '--usual'"),
        ([*PROBE, "--temperature", "nan"], "Invalid value for '--temperature'"),
        (["train", "corpus", "--learning-rate", "nan"], "learning_rate: nan is not finite"),
        (["train", "corpus", "--epochs", "inf"], "epochs: inf is not finite"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    asked: list[str], says: str, here: Path, capsys: Capture
) -> None:
    _damage(here)
    before = sorted(here.iterdir())
    assert main(asked) == 2
    told = capsys.readouterr()
    *_, line = told.err.splitlines()
    assert line.startswith("error: ")
    assert says in line
    assert told.out == ""
    assert sorted(here.iterdir()) == before


def test_rollouts_are_kept_and_exported(here: Path, capsys: Capture) -> None:
    asked = ["rollout", "model", "--environment", "guessing:numbers", "-k", "2", "--json"]
    asked += ["--max-tokens", "2", "--store", "rollouts.db"]
    assert main([*asked, "-q"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["planned"] == 4 == document["solved"] + document["unsolved"]
    assert main([*asked, "-q"]) == 0  # there is nothing left to do
    assert json.loads(capsys.readouterr().out) == document
    for command in ("ls", "status"):
        assert main([command, "--store", "rollouts.db"]) == 0
    told = ["export", "--to", "echo-jsonl", "--only", "all", "-o", "episodes", "--split", "train=1"]
    assert main([*told, "--store", "rollouts.db", "-q"]) == 0
    assert main(["check", "episodes", "-q"]) == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--environment", "terminull"], "no environment 'terminull'"),
        (["--environment", "guessing:nothing"], "can't be imported"),
        (["--split", "dev"], "no split 'dev'"),
    ],
)
def test_a_wrong_rollout_is_told_in_a_line(
    here: Path, capsys: Capture, asked: list[str], told: str
) -> None:
    assert main(["rollout", "model", *asked]) == 2
    assert told in capsys.readouterr().err


def test_masks_of_echo_say_kind_and_weight(here: Path, capsys: Capture) -> None:
    made_episodes(here / "numbers")
    small = ["--method", "echo", "--max-length", "160", "--show-masks"]
    assert main(["train", "numbers", *small, "--json"]) == 0
    kinds = {(one["kind"], one["weight"]) for one in json.loads(capsys.readouterr().out)}
    assert {("action", 1.0), ("observation", 0.05), ("context", 0.0)} <= kinds
    assert main(["train", "numbers", *small]) == 0
    assert "(observation 0.05)" in capsys.readouterr().out
