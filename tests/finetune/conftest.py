"""A small corpus, and the smallest students that still learn; every training here is a real one."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_dialogues import dialogues, manifest

from colloquia.corpus.export import export
from colloquia.finetune.train.training import TrainResult, train

MISSING = [
    name
    for name in ("torch", "transformers", "datasets", "trl", "peft", "matplotlib")
    if importlib.util.find_spec(name) is None
]

SMALL: dict[str, Any] = {
    "tiny": {
        "hidden_size": 32,
        "layers": 1,
        "heads": 2,
        "intermediate_size": 64,
        "vocabulary": 400,
    },
    "max_length": 128,
    "log_every": 1,
}

Train = Callable[..., TrainResult]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, and say so, without the extra; its libraries may warn about themselves."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore"))
            if MISSING:
                reason = f"not installed: {', '.join(MISSING)} (extra 'finetune')"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("corpus") / "out"
    export(
        dialogues(20),
        manifest=manifest(),
        to=["trl-sft", "trl-sft-turns", "trl-dpo"],
        out=place,
        split={"train": 0.8, "validation": 0.2},
    )
    return place


@pytest.fixture
def run(corpus: Path, tmp_path: Path) -> Train:
    """`run(sft={"steps": 9})` trains a small student from nothing and returns what came of it."""

    def call(**changes: Any) -> TrainResult:
        given = {"output": tmp_path / "student", **SMALL, **changes}
        return train(given.pop("corpus", corpus), **given)

    return call


@pytest.fixture(scope="session")
def student(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that has learnt the corpus a little."""
    place = tmp_path_factory.mktemp("trained") / "student"
    train(corpus, output=place, **SMALL, sft={"steps": 60, "batch_size": 16, "learning_rate": 1e-2})
    return place
