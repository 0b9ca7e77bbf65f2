"""Questions at the edge of ability are kept; the others are counted by reason."""

from typing import Any

import pytest
from made_corpus import Scripted, by_turn
from made_questions import question
from tiny_model import needs_torch

from colloquia.core.errors import UserError
from colloquia.finetune.measure.asking import AskedQuestion, AskSettings, ask
from colloquia.finetune.measure.solve_rate import Band, kept_rows, parse_band, rate_rows, solve_rate


def rated() -> list[AskedQuestion]:
    scripts = {
        "When was it, hard?": ["In 1914."],
        "When was it, edge?": ["In 1914.", "In 1904."],
        "When was it, easy?": ["In 1904."],
        "When was it, long?": ["too long"],
    }
    questions = [question(text, "It was in 1904.", row={"kind": "when"}) for text in scripts]
    questions.append(
        question("When was it, bogus?", "No date is given.", answerable=False, row={"kind": None})
    )
    scripts["When was it, bogus?"] = ["I don't know.", "In 1904."]
    student: Any = Scripted(says=by_turn(scripts))
    return ask(student, questions, AskSettings(samples=4, temperature=1.0))


@needs_torch
def test_the_edge_is_kept_and_the_rest_counted() -> None:
    rows = kept_rows(rated(), Band(), book="closed")
    for part in rows.values():
        assert part.excluded == {"unasked": 1, "too_hard": 1, "too_easy": 1}
        assert part.candidates == len(part.rows) + 3 == 5
    assert [row["prompt"][-1]["content"] for row in rows["trl-grpo"].rows] == [
        "When was it, edge?",
        "When was it, bogus?",
    ]
    assert rows["trl-sft-turns"].rows[0]["completion"][0]["content"] == "It was in 1904."


@needs_torch
def test_declining_solves_what_has_no_answer() -> None:
    assert [solve_rate(one) for one in rated()] == [0.0, 0.5, 1.0, None, 0.5]


@needs_torch
def test_an_empty_answer_solves_nothing() -> None:
    student: Any = Scripted(says=lambda text, turn: "")
    bogus = question("When was it?", "No date.", answerable=False, row={"kind": None})
    (found,) = rate_rows(ask(student, [bogus], AskSettings(samples=2)), Band(), book="closed")
    assert (found["solve_rate"], found["invalid"]) == (0.0, 1.0)


@needs_torch
def test_all_questions_are_labelled() -> None:
    found = rate_rows(rated(), Band(low=0.5, high=1.0), book="closed")
    assert [row["kept"] for row in found] == [False, True, True, False, True]
    assert [row["attempts"] for row in found] == [4, 4, 4, 0, 4]


def test_a_band_is_read_with_both_ends() -> None:
    band = parse_band("0.25 .. 1")
    assert 0.25 in band and 1.0 in band and 0.2 not in band
    assert str(band) == "0.25..1"


@pytest.mark.parametrize("text", ["", "0.2", "0.8..0.2", "0..1.5", "a..b", "0.2-0.8"])
def test_a_band_that_makes_no_sense_is_told_with_the_form(text: str) -> None:
    with pytest.raises(UserError, match=r"`keep=0.2..0.8`"):
        parse_band(text)
