"""`sft.order`: rows are shown by what a student can do, and a corpus without rates is refused."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from made_corpus import Scripted, made_corpus
from tiny_model import needs_torch

from colloquia.core.errors import UserError
from colloquia.finetune.data.corpus_files import Corpus, open_corpus
from colloquia.finetune.measure.asking import AskSettings
from colloquia.finetune.measure.selection import Attempts, rate
from colloquia.finetune.measure.solve_rate import RATE_FILE, Band
from colloquia.finetune.settings import resolve_settings
from colloquia.finetune.train.chosen_order import chosen_order, read_rates
from colloquia.finetune.train.curriculum import Curriculum

pytestmark = needs_torch


@pytest.fixture
def rated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """What solve-rate makes with a student that knows the first half of all things."""
    source = made_corpus(tmp_path / "corpus", number=12)
    selection = importlib.import_module("colloquia.finetune.measure.selection")
    student = Scripted(says=lambda text, turn: "It was made in 1905." if turn % 2 else "No idea.")
    monkeypatch.setattr(selection, "open_student", lambda folder, batch: student)
    rate(
        tmp_path / "student",
        source,
        out=tmp_path / "rated",
        attempts=Attempts(ask=AskSettings(samples=2, temperature=1.0)),
        band=Band(low=0.0, high=1.0),
    )
    return open_corpus(tmp_path / "rated")


def taught(corpus: Corpus) -> list[str]:
    return [row["id"] for row in corpus.rows("trl-sft-turns", "train")]


def test_every_row_of_a_rated_corpus_has_its_rate(rated: Corpus) -> None:
    rates = read_rates(rated)
    lines = (rated.folder / RATE_FILE).read_text("utf-8").splitlines()
    assert rates.keys() == set(taught(rated))
    assert sorted(rates.values()) == sorted(json.loads(line)["solve_rate"] for line in lines)
    assert len(set(rates.values())) > 1


def test_increasing_shows_what_is_solved_first(rated: Corpus) -> None:
    order = chosen_order(rated, resolve_settings({"sft": {"order": "increasing"}}))
    assert order is not None
    ids, rates = taught(rated), read_rates(rated)
    shown = [rates[ids[place]] for place in order(ids)]
    assert shown == sorted(shown, reverse=True)


def test_adaptive_begins_with_the_rates_and_can_ask_about_every_row(rated: Corpus) -> None:
    order = chosen_order(rated, resolve_settings({"sft": {"order": "adaptive"}, "seed": 5}))
    assert isinstance(order, Curriculum)
    assert order.rates == read_rates(rated)
    assert order.questions.keys() == set(taught(rated))
    assert order.settings.seed == 5
    kinds = {row: question.kind for row, question in order.questions.items()}
    assert order.levels == {row: f"{kind} 0.2" for row, kind in kinds.items()}


def test_random_asks_for_nothing(corpus: Path) -> None:
    assert chosen_order(open_corpus(corpus), resolve_settings({})) is None


@pytest.mark.parametrize("order", ["increasing", "adaptive"])
def test_dialogues_without_rates_are_refused_with_the_command_that_makes_them(
    run: Any, tmp_path: Path, order: str
) -> None:
    with pytest.raises(UserError, match=r"colloquia solve-rate STUDENT .* --keep 0..1"):
        run(sft={"steps": 1, "order": order})
    assert not (tmp_path / "student.training").exists()


def test_rates_that_are_none_are_refused(rated: Corpus) -> None:
    (rated.folder / RATE_FILE).write_text('{"id": "ask1"}\n', encoding="utf-8")
    with pytest.raises(UserError, match="holds no solve rates"):
        read_rates(rated)


def test_packed_rows_have_no_order() -> None:
    with pytest.raises(UserError, match="packing"):
        resolve_settings({"sft": {"packing": True, "order": "adaptive"}})


def test_other_rates_are_another_training(rated: Corpus, run: Any) -> None:
    settings = {"corpus": rated.folder, "sft": {"steps": 4, "order": "increasing"}}
    stopped = run(should_stop=lambda: True, **settings)
    assert stopped.interrupted
    path = rated.folder / RATE_FILE
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")
    with pytest.raises(UserError, match="rates_sha256"):
        run(resume=True, **settings)


def test_a_student_in_training_is_asked_and_goes_on_with_what_was_found(
    rated: Corpus, run: Any
) -> None:
    questions = chosen_order(rated, resolve_settings({"sft": {"order": "adaptive"}}))
    assert isinstance(questions, Curriculum)
    looks: list[int] = []

    class Counted(Curriculum):
        def update_rates(self, student: Any, *, step: int) -> dict[str, float]:
            looks.append(step)
            return super().update_rates(student, step=step)

    def curriculum() -> Curriculum:
        ask = AskSettings(samples=2, temperature=1.0, max_tokens=4)
        return Counted(questions=questions.questions, settings=ask, every=3, rows=4)

    settings = {"corpus": rated.folder, "sft": {"steps": 8}}
    first = curriculum()
    run(order=first, should_stop=lambda: len(looks) == 1, **settings)
    assert first.order is not None
    kept = dict(first.order.rates)
    assert kept and looks == [3]
    second = curriculum()
    run(order=second, resume=True, **settings)
    assert looks == [3, 6]
    assert second.order is not None
    assert kept.keys() <= second.order.rates.keys()
