"""ECHO: beside what it does a student learns what it hears, in a corpus or an environment."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from made_episodes import ONLINE, made_episodes
from safetensors.torch import load_file

from colloquia.core.errors import UserError
from colloquia.corpus.export import export
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.heard import heard_tokens
from colloquia.finetune.measure.asking import open_student
from colloquia.finetune.measure.observations import observation_entropy
from colloquia.finetune.settings import resolve_settings
from colloquia.finetune.train.log import read_log
from colloquia.finetune.train.masks import show_masks
from colloquia.finetune.train.methods import echo
from colloquia.finetune.train.methods.group_trainer import group_trainer
from colloquia.finetune.train.preparation import open_tokens
from colloquia.finetune.train.training import train

SMALL: dict[str, Any] = {
    "method": "echo",
    "max_length": 160,
    "log_every": 1,
    "tiny": {
        "hidden_size": 32,
        "layers": 1,
        "heads": 2,
        "intermediate_size": 64,
        "vocabulary": 400,
    },
}


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_episodes(tmp_path_factory.mktemp("episodes") / "out")


@pytest.fixture(scope="module")
def player(episodes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A student that says numbers, and has never been taught what it is told."""
    out = tmp_path_factory.mktemp("player") / "student"
    own = {"steps": 40, "learning_rate": 1e-2, "observation_weight": 0.0}
    train(episodes, output=out, **SMALL, echo=own)
    return SMALL | {"base": str(out)}


def log_of(place: Path, key: str) -> list[float]:
    return [line.values[key] for line in read_log(place / "log.jsonl") if key in line.values]


def weights(place: Path) -> bytes:
    return (place / "model.safetensors").read_bytes()


def test_from_a_corpus_both_are_learnt(
    episodes: Path, player: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "student"
    train(episodes, output=out, **SMALL, echo={"steps": 40, "learning_rate": 1e-2})
    for key in ("action_loss", "observation_loss"):
        first, last = log_of(out, key)[0], log_of(out, key)[-1]
        assert last < 0.5 * first, key
    assert log_of(out, "eval_observation_loss")[-1] < log_of(out, "eval_observation_loss")[0]
    held_out = open_corpus(episodes).rows("echo-jsonl", "validation")
    foreseen, surprising = (
        observation_entropy(open_student(place), held_out, place=place)
        for place in (out, Path(player["base"]))
    )
    assert foreseen is not None and surprising is not None
    assert foreseen.tokens == surprising.tokens > 0
    assert foreseen.nats < 0.5 * surprising.nats


def test_the_loss_is_the_paper_s(episodes: Path, tmp_path: Path) -> None:
    own = {"steps": 1, "batch_size": 64, "observation_weight": 0.3, "learning_rate": 1e-9}
    train(episodes, output=tmp_path / "s", **SMALL, echo=own)
    (loss,), (acted,), (heard,) = (
        log_of(tmp_path / "s", key) for key in ("loss", "action_loss", "observation_loss")
    )
    tokens, student = open_tokens(tmp_path / "s"), open_student(tmp_path / "s")
    action_sum, actions, per_row = 0.0, 0, []
    for row in open_corpus(episodes).rows("echo-jsonl", "train"):
        one = heard_tokens(tokens, row["messages"])
        ids = torch.tensor([one.ids])
        with student.evaluating():
            logits = student.model(input_ids=ids).logits[0, :-1]
        surprise = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none").tolist()
        by_kind = list(zip(one.kinds[1:], surprise, strict=True))
        action_sum += math.fsum(s for kind, s in by_kind if kind == "action")
        actions += one.kinds.count("action")
        observed = [s for kind, s in by_kind if kind == "observation"]
        per_row.append(math.fsum(observed) / (len(observed) + one.kinds.count("warning")))
    assert acted == pytest.approx(action_sum / actions, rel=1e-4)
    assert heard == pytest.approx(math.fsum(per_row) / len(per_row), rel=1e-4)
    assert loss == pytest.approx(acted + 0.3 * heard, rel=1e-4)


def test_a_corpus_of_dialogues_teaches_it_too(tmp_path: Path) -> None:
    from made_dialogues import dialogues, manifest

    out = tmp_path / "corpus"
    export(dialogues(9), manifest=manifest(), to=["echo-jsonl"], out=out, split={"train": 1.0})
    train(out, output=tmp_path / "student", **SMALL, echo={"steps": 4})
    stretches = show_masks(out, settings=SMALL)
    learnt = [(one.kind, one.weight) for one in stretches if one.trained]
    assert ("observation", 0.01) in learnt  # a questioner's, 0.05 * 0.2
    assert ("observation", 0.05) in learnt  # the critic's
    assert ("action", 1.0) in learnt
    draft = next(one for one in stretches if one.text.startswith("It was made in 1805."))
    assert not draft.trained


def test_in_an_environment_without_weight_it_is_grpo_to_the_bit(
    episodes: Path, player: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {**ONLINE, "steps": 3, "learning_rate": 1e-2}
    for name, weight in (("none", 0.0), ("some", 0.05)):
        echoed = {**own, "observation_weight": weight}
        train(episodes, output=tmp_path / name, **player, echo=echoed)
    monkeypatch.setattr(echo, "echoing", lambda _: group_trainer())
    train(episodes, output=tmp_path / "grpo", **player, echo=own)
    assert weights(tmp_path / "none") == weights(tmp_path / "grpo")
    assert weights(tmp_path / "some") != weights(tmp_path / "grpo")


def test_from_the_environment_alone(episodes: Path, player: dict[str, Any], tmp_path: Path) -> None:
    own = {**ONLINE, "steps": 25, "learning_rate": 1e-2, "beta": 0, "entropy_weight": 0}
    own |= {"action_weight": 0.0, "observation_weight": 1.0}
    train(episodes, output=tmp_path / "student", **player, echo=own)
    heard = log_of(tmp_path / "student", "observation_loss")
    assert heard[-1] < 0.7 * heard[0]


def test_stopped_in_an_environment_it_ends_in_the_same_bits(episodes: Path, tmp_path: Path) -> None:
    own = {**ONLINE, "steps": 4, "iterations": 2}
    steps = iter(range(9))
    train(episodes, output=tmp_path / "whole", **SMALL, echo=own)
    parts = {"output": tmp_path / "parts", **SMALL, "echo": own}
    assert train(episodes, should_stop=lambda: next(steps) == 2, **parts).interrupted
    train(episodes, resume=True, **parts)
    whole, resumed = (load_file(tmp_path / n / "model.safetensors") for n in ("whole", "parts"))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_adapters_in_an_environment(episodes: Path, student: Path, tmp_path: Path) -> None:
    own = {**ONLINE, "steps": 1}
    asked = SMALL | {"base": str(student), "lora": True, "max_length": 128}
    train(episodes, output=tmp_path / "out", **asked, echo=own)
    assert json.loads((tmp_path / "out/training.json").read_text())["settings"]["lora"]


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"rewards": {"right": 1.0}}, "an environment gives its own"),
        ({"observation_weight": 0, "action_weight": 0}, "nothing is learnt"),
        ({"observation_weight": -1}, "echo.observation_weight"),
        ({"speakers": {"critic": -1}}, "echo.speakers"),
        ({"environment": "terminal", "group_size": 7}, "multiple of group_size 7"),
    ],
)
def test_wrong_settings_are_told(own: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        resolve_settings({"method": "echo", "echo": own})


def test_a_wrong_environment_is_told_before_any_work(episodes: Path, tmp_path: Path) -> None:
    for name, told in {"terminul": "did you mean", "guessing:nothing": "can't be imported"}.items():
        with pytest.raises(UserError, match=told):
            train(episodes, output=tmp_path / "s", **SMALL, echo={"environment": name})
    assert list(tmp_path.iterdir()) == []


def test_dialogues_have_no_tasks(tmp_path: Path) -> None:
    from made_dialogues import dialogues, manifest

    out = tmp_path / "corpus"
    export(dialogues(9), manifest=manifest(), to=["echo-jsonl"], out=out, split={"train": 1.0})
    with pytest.raises(UserError, match="no row has a task"):
        train(out, output=tmp_path / "s", **SMALL, echo=ONLINE)


def test_a_task_that_doesn_t_fit_is_told(episodes: Path, tmp_path: Path) -> None:
    own = {**ONLINE, "max_tokens": 31}
    with pytest.raises(UserError, match="max_length is 32"):
        train(episodes, output=tmp_path / "s", **SMALL | {"max_length": 32}, echo=own)
