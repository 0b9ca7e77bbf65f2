"""A model grades snippets once each, within a budget, and an interrupted labelling goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from colloquia.core.errors import RunOwned, UserError, WorldError
from colloquia.core.ports import ChatReply, ChatRequest
from colloquia.core.recipe import Recipe
from colloquia.finetune.seeds.labelling import LabelSettings, label
from colloquia.finetune.seeds.labels import read_labels
from colloquia.finetune.work_folder import own_folder


class Grader:
    """A model that likes numbers, and may be out of reach after some calls."""

    name = "grader"

    def __init__(self, *, calls: int = 1000, says: str | None = None) -> None:
        self.left, self.says = calls, says
        self.asked: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        if self.left == 0:
            raise WorldError("out of reach")
        self.left -= 1
        self.asked.append(request)
        text = request.variables["snippet"]["text"]
        value = {"value": 0.9 if "7" in text else 0.1, "ephemeral": "today" in text}
        reply = self.says or json.dumps(value)
        return ChatReply(text=reply, tokens_in=100, tokens_out=10, cost_usd=0.001)

    async def close(self) -> None:
        return None


@pytest.fixture
def source(tmp_path: Path) -> Path:
    place = tmp_path / "s.jsonl"
    rows = [{"text": f"Passage number {n} is about a thing, today or not."} for n in range(20)]
    place.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


def _label(source: Path, model: Any, **more: Any) -> Any:
    settings = LabelSettings(sample=more.pop("sample", None), seed=more.pop("seed", 0))
    given: dict[str, Any] = {"out": source.with_name("labels.jsonl"), "recipe": Recipe(), **more}
    return label(source, settings=settings, model=model, **given)


def test_each_snippet_is_graded_and_the_file_can_be_learnt_from(source: Path) -> None:
    result = _label(source, Grader())
    assert (result.read, result.labelled, result.ephemeral) == (20, 20, 20)
    assert result.cost_usd == pytest.approx(0.02)
    labels = read_labels(source.with_name("labels.jsonl"))
    assert [one.label for one in labels if "7" in one.snippet.text] == [0.9, 0.9]
    assert not source.with_name("labels.jsonl.labelling").exists()


def test_the_audience_and_the_passage_are_told(source: Path) -> None:
    grader = Grader()
    _label(source, grader, sample=1)
    (request,) = grader.asked
    system, user = (message.content for message in request.messages)
    assert "educational value" in system
    assert "Passage number" in user
    assert "a curious adult" in user


def test_a_sample_is_drawn_by_seed(source: Path) -> None:
    graders = [Grader() for _ in range(3)]
    for number, grader in enumerate(graders):
        _label(source, grader, sample=5, seed=number // 2, out=source.with_name(f"{number}.jsonl"))
    texts = [{one.variables["snippet"]["text"] for one in grader.asked} for grader in graders]
    assert len(texts[0]) == 5
    assert texts[0] == texts[1] != texts[2]


def test_an_interrupted_labelling_pays_nothing_twice(source: Path) -> None:
    first, second = Grader(calls=12), Grader()
    with pytest.raises(WorldError, match="out of reach"):
        _label(source, first)
    with pytest.raises(UserError, match="unfinished labelling"):
        _label(source, second)
    result = _label(source, second, resume=True)
    assert result.labelled == 20
    assert len(first.asked) + len(second.asked) == 20


def test_what_goes_on_is_what_was_begun(source: Path) -> None:
    with pytest.raises(WorldError):
        _label(source, Grader(calls=12))
    other = Grader()
    with pytest.raises(UserError, match=r"another asked\.sample \(None before, 5 now"):
        _label(source, other, sample=5, resume=True)
    assert not other.asked


def test_two_processes_don_t_label_the_same(source: Path) -> None:
    with pytest.raises(WorldError):
        _label(source, Grader(calls=12))
    other, work = Grader(), source.with_name("labels.jsonl.labelling")
    with own_folder(work, doing="labelling"), pytest.raises(RunOwned, match="another process"):
        _label(source, other, resume=True)
    assert not other.asked


def test_replies_that_can_t_be_used_are_counted_or_end_it(source: Path) -> None:
    with pytest.raises(UserError, match="no reply could be used"):
        _label(source, Grader(says="very good!"))
    assert not source.with_name("labels.jsonl").exists()


def test_the_offline_teacher_grades_nothing(source: Path) -> None:
    with pytest.raises(UserError, match="offline teacher can't grade"):
        _label(source, None)
