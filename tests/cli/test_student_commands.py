"""evaluate, probe and solve-rate as they are typed: documents, and a line for each mistake."""

import json
import re
from pathlib import Path

import pytest
from made_corpus import made_corpus
from tiny_model import needs_torch, save_tiny_model

from colloquia.cli.application import main

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


Capture = pytest.CaptureFixture[str]


def test_evaluate_prints_one_document(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "model", "corpus", "--max-tokens", "4", "--json", "-q"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["before"] is None
    assert {"model", "n", "answerable", "unanswerable"} <= document.keys()


def test_evaluate_prints_a_row_per_kind_of_question(here: Path, capsys: Capture) -> None:
    assert main(["evaluate", "model", "corpus", "--max-tokens", "4", "--against", "model"]) == 0
    told = capsys.readouterr()
    assert len(re.findall(r"^(?:train|test), (?:closed|open) ", told.out, re.MULTILINE)) == 16
    assert "perplexity" in told.out
    assert "train questions, closed book" in told.err


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


def _damage(place: Path) -> None:
    (place / "damaged").mkdir(exist_ok=True)
    (place / "damaged/manifest.json").write_text("{")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["evaluate", "nothing", "corpus"], "no folder nothing"),
        (["evaluate", "corpus", "corpus"], "no config.json"),
        (["evaluate", "model", "model"], "no exported corpus"),
        (["evaluate", "model", "nothing"], "no exported corpus"),
        (["evaluate", "model", "damaged"], "export again"),
        (["evaluate", "model", "corpus", "--against", "nothing"], "no folder nothing"),
        (["evaluate", "model", "corpus", "--split", "dev"], "no questions in split 'dev'"),
        (["evaluate", "model", "corpus", "-o", "model"], "exists already"),
        (["probe", "model", "corpus", "-o", "new", "-k", "0"], "-k"),
        (["solve-rate", "model", "corpus", "-o", "new", "--keep", "1..0"], "--keep 0.2..0.8"),
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
