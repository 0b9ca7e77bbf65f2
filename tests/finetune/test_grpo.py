"""Group relative policy optimisation: a student learns from what its own answers earn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from made_corpus import made_corpus

from colloquia.core.errors import UserError
from colloquia.finetune.settings import GrpoSettings
from colloquia.finetune.train.log import read_log
from colloquia.finetune.train.methods.group_sampler import GroupSampler, Rollout
from colloquia.finetune.train.question_order import QuestionOrder, chance_of_difference
from colloquia.finetune.train.training import TrainResult, train

SHORTER = {"made_rewards:shorter": 1.0}
#: 16 answers a step, to 4 questions; all of it takes a second.
OWN: dict[str, Any] = {
    "group_size": 4,
    "batch_size": 8,
    "accumulate": 2,
    "max_tokens": 12,
    "rewards": SHORTER,
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    split = {"train": 0.7, "validation": 0.3}
    return made_corpus(tmp_path_factory.mktemp("asked") / "corpus", split=split)


def _log(place: Path, key: str) -> list[float]:
    return [line.values[key] for line in read_log(place / "log.jsonl") if key in line.values]


def test_answers_come_to_earn_more(run: Any, asked: Path, tmp_path: Path) -> None:
    own = {**OWN, "steps": 30, "learning_rate": 1e-2}
    result: TrainResult = run(corpus=asked, method="grpo", grpo=own)
    (stage,) = result.stages
    assert stage.reward is not None and stage.validation_reward is not None
    assert stage.reward[1] > stage.reward[0] + 0.2
    assert stage.validation_reward[1] > stage.validation_reward[0] + 0.2
    assert stage.groups == 30 * 4
    place = tmp_path / "student"
    assert stage.mixed_groups == sum(_log(place, "mixed_groups")) > 0
    assert stage.validation_loss is None
    away = _log(place, "kl")
    assert away[0] == pytest.approx(0, abs=1e-6)
    assert away[-1] > 0.01
    card = (place / "README.md").read_text()
    assert "| 1-grpo | mean reward | -" in card and "| 1-grpo | tokens per answer |" in card
    assert f"Of 120 groups of answers {stage.mixed_groups:,} had different rewards" in card


def test_groups_that_all_earn_the_same_teach_nothing_and_are_counted(
    run: Any, asked: Path, student: Path, tmp_path: Path
) -> None:
    own = {**OWN, "steps": 3, "beta": 0, "entropy_weight": 0, "redraws": 2}
    own["rewards"] = {"made_rewards:alike": 1.0}
    result: TrainResult = run(corpus=asked, base=str(student), method="grpo", grpo=own)
    assert (result.stages[0].groups, result.stages[0].mixed_groups) == (12, 0)
    assert sum(_log(tmp_path / "student", "redrawn")) == 12 * 2
    after, before = (place / "model.safetensors" for place in (tmp_path / "student", student))
    assert after.read_bytes() == before.read_bytes()


@pytest.mark.parametrize(
    "more",
    [{}, {"iterations": 2, "order": "adaptive", "redraws": 1}],
    ids=["a step per sampling", "two steps, and in an order that learns"],
)
def test_a_stopped_training_ends_in_the_same_bits(
    asked: Path, tmp_path: Path, more: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {
        "method": "grpo",
        "max_length": 128,
        "checkpoints": 2,
        "tiny": {"hidden_size": 32, "layers": 1, "heads": 2, "intermediate_size": 64},
        "grpo": {**OWN, "steps": 8, **more},
    }
    steps = 0

    def third() -> bool:
        nonlocal steps
        steps += 1
        return steps == 3

    train(asked, output=tmp_path / "whole", **settings)
    assert train(asked, output=tmp_path / "parts", should_stop=third, **settings).interrupted
    checkpoint = tmp_path / "parts.training/1-grpo/checkpoints/checkpoint-3"
    assert (checkpoint / "answers.pt").exists() == bool(more)
    train(asked, output=tmp_path / "parts", resume=True, **settings)
    whole, parts = ((tmp_path / n / "model.safetensors").read_bytes() for n in ("whole", "parts"))
    assert whole == parts
    for key in ("loss", "reward", "eval_reward"):
        assert _log(tmp_path / "whole", key)[-1] == _log(tmp_path / "parts", key)[-1]


def test_adapters_on_a_base_from_a_folder_after_another_stage(
    run: Any, asked: Path, student: Path
) -> None:
    result: TrainResult = run(
        corpus=asked,
        base=str(student),
        method="sft,grpo",
        lora={"rank": 4},
        sft={"steps": 2},
        grpo={**OWN, "steps": 2, "rewards": {"refusal": 1.0, "repetition": 0.125}},
    )
    assert [(stage.method, stage.steps) for stage in result.stages] == [("sft", 2), ("grpo", 2)]


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"group_size": 5}, "batch_size 8 times accumulate 2 must be a multiple of group_size 5"),
        ({"rewards": {}}, "grpo.rewards: "),
        ({"rewards": {"right": 0}}, "grpo.rewards: all weights are 0: nothing is learnt"),
        ({"rewards": {"refusals": 1}}, "did you mean 'refusal'"),
        ({"max_tokens": 128}, r"none of \d+ rows can be used for grpo"),
        (
            {"rewards": {"made_rewards:broken": 1}},
            "'made_rewards:broken', asked about .*, failed: .ZeroDiv",
        ),
        (
            {"rewards": {"made_rewards:endless": 1}},
            "'made_rewards:endless', asked about .*, is nan, no number",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    run: Any, asked: Path, tmp_path: Path, own: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        run(corpus=asked, method="grpo", grpo={**OWN, "steps": 1, **own})
    assert not list(tmp_path.glob("student*"))


def test_a_corpus_without_questions_is_told(run: Any, corpus: Path) -> None:
    with pytest.raises(UserError, match="has no trl-grpo rows, which grpo learns from"):
        run(method="grpo")


def test_a_group_of_eight_is_mixed_as_often_as_arithmetic_says() -> None:
    shares = [round(chance_of_difference(rate, 8), 2) for rate in (0.0, 0.05, 0.2, 0.5, 1.0)]
    assert shares == [0.0, 0.34, 0.83, 0.99, 0.0]


def test_questions_come_in_turn_and_all_of_them() -> None:
    ids = [f"row{n}" for n in range(5)]
    order = QuestionOrder(ids=ids, group_size=8, seed=3)
    drawn = [row for _ in range(5) for row in order.draw(4)]
    assert all(sorted(drawn[n : n + 5]) == ids for n in range(0, 20, 5))
    assert drawn[:5] != drawn[5:10]
    later = QuestionOrder(ids=ids, group_size=8, seed=3, drawn=8)
    assert later.draw(12) == drawn[8:]


def test_questions_at_the_edge_of_ability_come_most() -> None:
    ids = [f"row{n}" for n in range(30)]
    levels = {row: ("easy", "edge", "hard")[n % 3] for n, row in enumerate(ids)}
    order = QuestionOrder(ids=ids, group_size=8, levels=levels)
    for row in ids:
        order.learn(row, {"easy": 1.0, "edge": 0.5, "hard": 0.0}[levels[row]])
    drawn = [row for _ in range(50) for row in order.draw(8)]
    share = sum(levels[row] == "edge" for row in drawn) / len(drawn)
    assert 0.9 < share < 1  # what looks hopeless or mastered is tried now and then


def test_silent_groups_make_room_for_others() -> None:
    rows = {f"row{n}": {"id": f"row{n}"} for n in range(8)}

    def sample(model: Any, asked: Sequence[Any], *, round_: int) -> list[Rollout]:
        return [
            Rollout(
                prompt_ids=[1],
                completion_ids=[2],
                scores={"right": float(n % 2 and round_ > 0)},
                is_right=bool(n % 2 and round_ > 0),
            )
            for n, _ in enumerate(asked)
        ]

    settings = GrpoSettings(
        steps=1, learning_rate=0.1, group_size=2, rewards={"right": 1.0}, redraws=3
    )
    order = QuestionOrder(ids=list(rows), group_size=2)
    sampler = GroupSampler(rows=rows, validation={}, settings=settings, order=order, sample=sample)
    assert len(sampler.groups(None, 3)) == 6
    assert sampler.figures("train") == {
        "right": 0.5,
        "groups": 3,
        "mixed_groups": 3,
        "groups_all_right": 0,
        "groups_none_right": 0,
        "redrawn": 3,
    }
    assert order.drawn == 6 and sampler.figures("train") == {}
