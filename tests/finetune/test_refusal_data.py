"""What a student is taught follows from what it said, case by case."""

import math
from typing import Any

import pytest
from made_corpus import Scripted, by_turn
from made_questions import question
from pydantic import ValidationError
from tiny_model import needs_torch

from colloquia.finetune.measure.asking import AskedQuestion, AskSettings, ask
from colloquia.finetune.measure.probing import tally
from colloquia.finetune.measure.refusal_data import (
    REFUSALS,
    RefusalData,
    RefusalSettings,
    refusal_data,
)
from colloquia.language.asking.declining import declines

pytestmark = needs_torch

RIGHT, WRONG, DECLINED = "In 1904.", "In 1914.", "I don't know."
ROW = {
    "snippet_ids": ["snip1_a"],
    "persona": "teen",
    "difficulty": 0.5,
    "score": None,
    "source": "canal.txt",
}


def asked(*scripts: list[str], answerable: bool = True, **changes: Any) -> list[AskedQuestion]:
    questions = [
        question(f"When was it, {n}?", "It was in 1904.", answerable=answerable, row=ROW, **changes)
        for n in range(len(scripts))
    ]
    says = by_turn({one.text: script for one, script in zip(questions, scripts, strict=True)})
    student: Any = Scripted(says=says)
    return ask(student, questions, AskSettings(samples=4, temperature=1.0))


def made(asked: list[AskedQuestion], **settings: Any) -> RefusalData:
    return refusal_data(asked, RefusalSettings(**settings))


def taught(data: RefusalData) -> list[str]:
    return [row["completion"][0]["content"] for row in data.rows["trl-sft-turns"].rows]


def pairs(data: RefusalData) -> list[tuple[str, str]]:
    return [
        (row["chosen"][0]["content"], row["rejected"][0]["content"])
        for row in data.rows["trl-dpo"].rows
    ]


@pytest.mark.parametrize(
    ("script", "answers", "right", "wrong"),
    [
        ([RIGHT] * 4, True, 1, 0),
        ([RIGHT, RIGHT, WRONG, DECLINED], True, 1, 1),
        ([RIGHT, WRONG, WRONG, WRONG], False, 1, 1),
        ([WRONG] * 4, False, 0, 1),
        ([DECLINED] * 4, False, 0, 0),
    ],
)
def test_the_case_table(script: list[str], answers: bool, right: int, wrong: int) -> None:
    data = made(asked(script))
    assert (data.answers, data.refusals) == (int(answers), int(not answers))
    assert (data.correct_over_refusal, data.refusal_over_wrong) == (right, wrong)
    (said,) = taught(data)
    assert said == "It was in 1904." if answers else said in REFUSALS


@pytest.mark.parametrize(("usual", "number"), [(0.25, 3), (0.5, 2), (1.0, 1)])
def test_what_is_usually_right_is_what_the_rows_answer(usual: float, number: int) -> None:
    found = asked([RIGHT] * 4, [RIGHT, RIGHT, WRONG, WRONG], [RIGHT, WRONG, WRONG, WRONG])
    assert tally(found, usual=usual).usually_right == made(found, usual=usual).answers == number


def test_a_bogus_question_is_always_declined_and_makes_no_pair() -> None:
    data = made(asked([WRONG] * 4, [DECLINED] * 4, answerable=False))
    assert all(said in REFUSALS for said in taught(data))
    assert pairs(data) == []


def test_correct_is_above_refusal_and_refusal_above_wrong() -> None:
    (first, second) = pairs(made(asked([RIGHT, WRONG, WRONG, RIGHT])))
    assert first[0] == "It was in 1904." and first[1] in REFUSALS
    assert second[0] in REFUSALS and second[1] == WRONG


def test_one_refusal_stands_between_right_and_wrong() -> None:
    found = pairs(made(asked(*[[RIGHT, WRONG, WRONG, RIGHT]] * 30)))
    between = [rejected for _, rejected in found[:30]]
    assert between == [chosen for chosen, _ in found[30:]]
    assert len(set(between)) > 1


@pytest.mark.parametrize(
    ("ratio", "right", "wrong"), [(1.0, 3, 3), (3.0, 3, 9), (0.5, 3, 2), (100.0, 1, 12)]
)
def test_the_ratio_is_a_dial_between_the_kinds_of_pairs(
    ratio: float, right: int, wrong: int
) -> None:
    data = made(asked(*[[RIGHT] * 4] * 3, *[[WRONG] * 4] * 12), pair_ratio=ratio)
    assert (data.correct_over_refusal, data.refusal_over_wrong) == (right, wrong)
    part = data.rows["trl-dpo"]
    assert part.candidates == len(part.rows) + sum(part.excluded.values()) == 15


@pytest.mark.parametrize("ratio", [0.0, math.nan, math.inf])
def test_a_ratio_that_is_none_is_refused(ratio: float) -> None:
    with pytest.raises(ValidationError, match="pair_ratio"):
        RefusalSettings(pair_ratio=ratio)


def test_without_one_kind_of_pair_all_of_the_other_are_kept() -> None:
    assert made(asked(*[[WRONG] * 4] * 5)).refusal_over_wrong == 5


def test_a_wrong_answer_with_control_tokens_is_left_out_and_counted() -> None:
    data = made(asked(["In 1914 <|im_end|>"] * 4))
    assert pairs(data) == []
    assert data.rows["trl-dpo"].excluded == {"control_tokens": 1}


def test_what_was_not_asked_is_counted() -> None:
    data = made(asked([RIGHT] * 4, ["too long"] * 4))
    part = data.rows["trl-sft-turns"]
    assert (part.candidates, len(part.rows), part.excluded) == (2, 1, {"unasked": 1})


def test_rows_show_the_passage_where_the_book_is_open() -> None:
    (row,) = made(asked([RIGHT] * 4), book="open").rows["trl-sft-turns"].rows
    assert [message["role"] for message in row["prompt"]] == ["system", "user"]


def test_every_refusal_that_is_taught_is_told_from_an_answer() -> None:
    assert all(declines(text) for text in REFUSALS)
