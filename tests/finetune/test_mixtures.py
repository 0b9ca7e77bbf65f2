"""Several corpora are one training: rows are drawn by weight, and each corpus is measured."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from made_corpus import made_corpus
from made_dialogues import dialogues, manifest

from colloquia.core.errors import UserError
from colloquia.corpus.export import export
from colloquia.finetune.data.examples import Examples, Fit
from colloquia.finetune.data.mixture import mixed
from colloquia.finetune.train.log import read_log
from colloquia.finetune.train.training import TrainResult

BOTH = {"train": 0.6, "validation": 0.4}


def _examples(name: str, number: int) -> Examples:
    rows = [{"id": f"{name}{n}"} for n in range(number)]
    return Examples(rows, Fit(read=number, used=number, cut=0, left_out=0))


PARTS = {"a": _examples("a", 10), "b": _examples("b", 4)}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_corpus(tmp_path_factory.mktemp("other") / "other", number=9, split=BOTH)


def test_each_corpus_gives_as_many_rows_as_its_weight_says() -> None:
    made = mixed(PARTS, (0.7, 0.3), draws=40, seed=0)
    counts = Counter(row["id"][0] for row in made.rows)
    assert counts == {"a": 28, "b": 12}
    assert [(one.corpus, one.drawn, one.epochs) for one in made.shares] == [
        ("a", 28, 2.8),
        ("b", 12, 3.0),
    ]
    assert made.fit.used == 14


def test_no_row_comes_again_before_all_of_its_corpus_came() -> None:
    counts = Counter(row["id"] for row in mixed(PARTS, (1, 1), draws=30, seed=1).rows)
    for name, times in (("a", {1, 2}), ("b", {3, 4})):
        assert {number for row, number in counts.items() if row.startswith(name)} <= times


def test_without_weights_each_row_weighs_the_same() -> None:
    made = mixed(PARTS, None, draws=28, seed=0)
    assert set(Counter(row["id"] for row in made.rows).values()) == {2}


def test_the_same_seed_draws_the_same_rows_in_the_same_order() -> None:
    one, same, other = (mixed(PARTS, (3, 1), draws=20, seed=seed).rows for seed in (0, 0, 1))
    assert one == same
    assert one != other


@pytest.mark.parametrize("method", ["sft", "dpo", "kto"])
def test_a_mixture_is_trained_and_each_corpus_measured(
    method: str, run: Any, corpus: Path, tmp_path: Path
) -> None:
    settings = {"steps": 4, "batch_size": 4, "learning_rate": 1e-3}
    second = made_pairs(tmp_path / "second")
    result: TrainResult = run(
        corpus=[corpus, second], method=method, weights=[3, 1], **{method: settings}
    )
    (stage,) = result.stages
    assert [(one.corpus, one.drawn) for one in stage.shares] == [("out", 12), ("second", 4)]
    assert stage.validation_losses.keys() == {"out", "second"}
    assert stage.validation_loss is None
    place = tmp_path / "student"
    first, *_ = read_log(place / "log.jsonl")
    assert first.values["epochs of out"] == stage.shares[0].epochs
    card = (place / "README.md").read_text()
    assert "| out | 0.750 |" in card
    assert "validation loss, second" in card
    told = json.loads((place / "training.json").read_text())["corpora"]
    assert all(one["manifest_sha256"] in card for one in told.values())


def test_epochs_are_as_many_rows_as_all_corpora_have(run: Any, corpus: Path, other: Path) -> None:
    result = run(corpus=[corpus, other], weights=[1, 3], sft={"epochs": 2, "batch_size": 4})
    (stage,) = result.stages
    rows = sum(one.rows for one in stage.shares)
    assert sum(one.drawn for one in stage.shares) == 2 * rows
    assert stage.steps == -(-2 * rows // 4)


def test_the_weights_decide_what_is_learnt(run: Any, corpus: Path, other: Path) -> None:
    def loss(place: str, weights: list[float]) -> float:
        sft = {"steps": 30, "batch_size": 8, "learning_rate": 1e-2}
        made = run(corpus=[corpus, other], weights=weights, sft=sft, output=other.parent / place)
        losses: dict[str, tuple[float, float]] = made.stages[0].validation_losses
        return losses["other"][1]

    assert loss("much", [0.05, 0.95]) < loss("little", [0.95, 0.05])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"weights": [1]}, "weights: 1 for 2 corpora"),
        ({"weights": [1, 0]}, "weights.1: 0 is too small"),
        ({"sft": {"order": "adaptive"}}, "several corpora come shuffled"),
        ({"sft": {"packing": True, "steps": 3}}, "by epochs, not steps"),
    ],
)
def test_what_doesn_t_fit_is_refused(
    settings: dict[str, Any], told: str, run: Any, corpus: Path, other: Path
) -> None:
    with pytest.raises(UserError, match=told):
        run(corpus=[corpus, other], **settings)


def test_the_same_corpus_twice_is_refused(run: Any, corpus: Path) -> None:
    with pytest.raises(UserError, match="are the same corpus"):
        run(corpus=[corpus, corpus])


def test_an_interrupted_mixture_goes_on_to_the_same_weights(
    run: Any, corpus: Path, other: Path, tmp_path: Path
) -> None:
    given = {"corpus": [corpus, other], "weights": [1, 2], "sft": {"steps": 6}, "checkpoints": 3}
    run(**given, output=tmp_path / "whole")
    asked = iter([False, False, True])
    cut = run(**given, output=tmp_path / "cut", should_stop=lambda: next(asked, False))
    assert cut.interrupted
    run(**given, output=tmp_path / "cut", resume=True)
    whole, resumed = (tmp_path / name / "model.safetensors" for name in ("whole", "cut"))
    assert whole.read_bytes() == resumed.read_bytes()
    with_shares = [
        one for one in read_log(tmp_path / "cut/log.jsonl") if "epochs of out" in one.values
    ]
    assert len(with_shares) == 1


def made_pairs(out: Path) -> Path:
    """A corpus like that of `conftest.py`, of other things."""
    export(dialogues(12), manifest=manifest(), to=["trl-sft", "trl-dpo"], out=out, split=BOTH)
    return out
