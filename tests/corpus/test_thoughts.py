"""Rows of a run with thoughts: each answer is learnt with its own, and sees no other."""

import json
from pathlib import Path
from typing import Any

import pytest
from made_dialogues import RECIPE_HASH, dialogue
from made_thoughts import thinking_corpus, thought_for, with_thoughts

from colloquia.core.record import DialogueRecord
from colloquia.corpus.check import check
from colloquia.corpus.formats import Format
from colloquia.corpus.row_shape import flaws_in
from colloquia.corpus.rows import PossibleRow, Selection, possible_rows
from colloquia.corpus.thinking import SYSTEM, parted, with_thought

RECORD = with_thoughts(dialogue(3))
LAST = "It was made in 1905."


def tried(name: Format, record: DialogueRecord = RECORD, **selection: Any) -> list[PossibleRow]:
    chosen = Selection(thinks=True, **selection)
    return list(possible_rows(record, name, selection=chosen, recipe_hash=RECIPE_HASH))


def rows(name: Format, **selection: Any) -> list[dict[str, Any]]:
    return [json.loads(found.line or "") for found in tried(name, **selection)]


def with_last_thought(thought: str | None) -> DialogueRecord:
    record = with_thoughts(dialogue(3))
    *before, last = record.tree
    return record.model_copy(
        update={"tree": (*before, last.model_copy(update={"thought": thought}))}
    )


def test_an_answer_is_learnt_with_its_thought_and_sees_no_earlier_one() -> None:
    _, row = rows("trl-sft-turns")
    assert row["completion"][0]["content"] == f"<think>\n{thought_for(LAST)}\n</think>\n\n{LAST}"
    assert "I recall" not in json.dumps(row["prompt"])
    assert row["prompt"][0] == {"role": "system", "content": SYSTEM}


def test_both_answers_of_a_pair_have_theirs() -> None:
    (row,) = rows("trl-dpo")
    said = [parted(row[side][0]["content"]) for side in ("chosen", "rejected")]
    assert [one.thought for one in said] == [thought_for(one.answer) for one in said]


def test_a_question_is_graded_by_the_answer_alone() -> None:
    row = rows("trl-grpo")[-1]
    assert row["reference"] == LAST
    assert "I recall" not in json.dumps(row)
    assert row["system"].startswith(SYSTEM)
    assert "Thing number 3 was made in 1905." in row["system"]


def test_the_open_book_follows_the_one_message_on_thinking() -> None:
    (first, _) = rows("trl-sft-turns", context="open")
    assert first["prompt"][0]["content"] == rows("trl-grpo")[0]["system"]


@pytest.mark.parametrize(
    ("thought", "reason"),
    [(None, "no_thought"), ("  ", "no_thought"), ("It ends.</think>", "control_tokens")],
)
def test_an_answer_without_a_sound_thought_is_left_out(thought: str | None, reason: str) -> None:
    found = tried("trl-sft-turns", with_last_thought(thought))
    assert [one.reason for one in found] == [None, reason]


def test_the_export_takes_single_answers_for_dialogues_and_passes_its_check(tmp_path: Path) -> None:
    out = thinking_corpus(tmp_path / "out", to=("canonical", "trl-sft", "trl-dpo", "trl-grpo"))
    assert (out / "sft-turns/train.jsonl").exists()
    assert not (out / "sft").exists()
    assert check(out).ok


def test_marks_are_sound_around_a_thought_and_nowhere_else() -> None:
    (row, _) = rows("trl-sft-turns")
    assert list(flaws_in(row, "trl-sft-turns")) == []
    for content in ("<think>\nNo end.", with_thought("Why?", "So.") + "</think>"):
        row["completion"][0]["content"] = content
        assert "control_tokens" in {flaw.code for flaw in flaws_in(row, "trl-sft-turns")}
