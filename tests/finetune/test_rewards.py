"""What answers earn: the published values, exactly, and what stands between them."""

import importlib.metadata
import sys
from pathlib import Path

import pytest
from made_questions import question

from colloquia.core.errors import UserError
from colloquia.finetune.rewards.length_aware import (
    LONG,
    MOST,
    SHORT,
    Lengths,
    length_aware,
    length_aware_accuracy,
    length_aware_thought,
)
from colloquia.finetune.rewards.outcome import refusal, right
from colloquia.finetune.rewards.registry import PHI_WEIGHTS, REWARDS, find_rewards
from colloquia.finetune.rewards.repetition import repetition_penalty
from colloquia.finetune.rewards.sampled_answer import SampledAnswer
from colloquia.finetune.rewards.thought_format import thought_format

WHEN = question("When did the United States take over?", "It took over in 1904.")
WHO = question("Who paid for it?", "The passage doesn't say.", answerable=False)
PAPER = Lengths.within(MOST)


def said(text: str, *, to: object = WHEN, tokens: int = 10, ended: bool = True) -> SampledAnswer:
    return SampledAnswer(
        question=to,  # type: ignore[arg-type]
        text=text,
        tokens=tokens,
        ended=ended,
        most_tokens=MOST,
    )


@pytest.mark.parametrize(
    ("correct", "tokens", "earns"),
    [
        (True, 1, 1.0),
        (True, 25_600, 1.0),
        (True, 28_672, 0.75),
        (True, 31_744, 0.5),
        (True, 40_000, 0.5),
        (False, 0, -1.0),
        (False, 1_851, -0.75),
        (False, 3_702, -0.5),
        (False, 31_744, -0.5),
    ],
)
def test_a_length_earns_what_phi_4_reasoning_plus_says(
    correct: bool, tokens: int, earns: float
) -> None:
    found = length_aware_accuracy(correct=correct, tokens=tokens, lengths=PAPER)
    assert found == pytest.approx(earns, abs=1e-12)


def test_the_paper_s_lengths_are_those_of_its_limit_and_smaller_limits_have_smaller_ones() -> None:
    assert (PAPER.most, PAPER.long, PAPER.short) == (MOST, LONG, SHORT) == (31_744, 25_600, 3_702)
    small = Lengths.within(256)
    assert small.short == 64
    assert small.long == pytest.approx(206.45, abs=0.01)
    assert Lengths.within(100_000).long == LONG
    for share in (0.0, 0.25, 0.5, 1.0):
        for correct in (True, False):
            of = [
                length_aware_accuracy(
                    correct=correct, tokens=round(share * lengths.most), lengths=lengths
                )
                for lengths in (Lengths.within(256), Lengths.within(2560))
            ]
            assert of[0] == pytest.approx(of[1])


def test_an_answer_without_an_end_or_a_marked_thought_earns_a_fixed_little() -> None:
    thought = "<think>It was 1904.</think>In 1904."
    assert length_aware(said("In 1904.")) == 1.0
    assert length_aware(said("In 1904.", ended=False)) == -0.5
    assert length_aware(said("In 1914.", tokens=1851)) == pytest.approx(-0.75)
    assert length_aware_thought(said(thought)) == 1.0
    assert length_aware_thought(said(thought.replace("1904", "1914"), tokens=0)) == -1.0
    assert length_aware_thought(said("<think>It was", ended=False)) == -0.5


@pytest.mark.parametrize(
    "text",
    [
        "In 1904.",
        "It was 1904.</think>In 1904.",
        "<think>It was 1904. In 1904.",
        "<think>a</think><think>b</think>In 1904.",
        "<think>a</think>b</think>In 1904.",
        "<think><think>a</think>In 1904.",
        "Well. <think>a</think>In 1904.",
        "<think> </think>In 1904.",
        "<think>It was 1904.</think>",
    ],
)
def test_a_thought_that_is_missing_doubled_or_empty_is_misshapen(text: str) -> None:
    assert length_aware_thought(said(text)) == -1.0
    assert thought_format(said(text)) == 0.0
    assert thought_format(said("<think>a</think>\n\nIn 1904.")) == 1.0


def test_repetition_is_punished_by_what_is_more_and_never_beyond_one() -> None:
    assert repetition_penalty("It was lit in 1851 and went out in 1902.") == 0
    assert repetition_penalty("a few words") == repetition_penalty("") == 0
    assert repetition_penalty("a " * 20) == -1  # the formula alone gives -4
    # Five words five times among 50: 5 / (50 / 5); one run of 46 isn't above five times.
    other = " ".join(f"w{n}" for n in range(25))
    assert repetition_penalty("one two three four five " * 5 + other) == -0.5
    # Six times: the share of distinct runs that are so frequent, 1 + 0 of 51, is less than 6 / 11.
    assert repetition_penalty("One two, three four five! " * 6 + other) == pytest.approx(-6 / 11)


def test_right_is_worth_more_than_an_honest_refusal_and_that_more_than_an_invention() -> None:
    answers = ["In 1904.", "I don't know when.", "In 1914.", "one two one two one two one two one"]
    earned = [refusal(said(text)) for text in answers]
    assert earned == sorted(earned, reverse=True) == [1.0, 0.0, -1.0, -1.5]
    assert [right(said(text)) for text in answers] == [1, 0, 0, 0]
    earned = [refusal(said(text, to=WHO)) for text in (answers[1], "Gustave Eiffel.", answers[3])]
    assert earned == [1.0, -1.0, -1.5]
    assert right(said(answers[1], to=WHO)) == 1
    assert refusal(said("<think>Perhaps 1914?</think>In 1904.")) == 1.0


def test_rewards_are_found_by_name_by_function_and_by_entry_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert find_rewards(PHI_WEIGHTS).keys() == {"length_aware_thought", "repetition"}
    assert sum(PHI_WEIGHTS.values()) == pytest.approx(9 / 13)
    found = find_rewards(["made_rewards:shorter"])["made_rewards:shorter"]
    assert found(said("In 1904.", tokens=MOST)) == -1
    point = importlib.metadata.EntryPoint("brief", "made_rewards:shorter", "colloquia.rewards")
    monkeypatch.setattr(
        "colloquia.finetune.rewards.registry.entry_points", lambda group: [point] if group else []
    )
    assert find_rewards(["brief"])["brief"] is found
    assert all(reward.__doc__ for reward in REWARDS.values())


def test_a_function_of_the_current_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rewards_of_mine.py").write_text("def terse(answer):\n    return 0.25\n")
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    assert find_rewards(["rewards_of_mine:terse"])["rewards_of_mine:terse"](said("Yes.")) == 0.25


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("refusals", "no such reward: 'refusals'; did you mean 'refusal'"),
        (
            "nowhere:reward",
            "'nowhere:reward' can't be imported: .ModuleNotFoundError: No module",
        ),
        ("made_rewards:longer", "can't be imported: .AttributeError: module 'made_rewards' has no"),
        ("made_rewards:TEXT", "reward 'made_rewards:TEXT' is a str, no function"),
    ],
)
def test_a_reward_that_is_not_there_is_told(name: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        find_rewards([name])
