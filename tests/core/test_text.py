"""Long runs of combining marks are parted, so that no form of Unicode takes quadratic time."""

import unicodedata

import pytest

from colloquia.core.text import clean_text

JOINER = "\u034f"


def test_thirty_marks_on_a_letter_stay_as_they_are() -> None:
    text = "a" + "\u0316\u0301" * 15
    assert JOINER not in clean_text(text)


@pytest.mark.parametrize("mark", ["\u0316", "\u0f73", "\u0344"])
def test_a_joiner_parts_longer_runs_and_nothing_is_lost(mark: str) -> None:
    text = "k" + mark * 100
    parted = clean_text(text)
    assert JOINER in parted
    assert unicodedata.normalize("NFD", parted.replace(JOINER, "")) == unicodedata.normalize(
        "NFD", text
    )
    assert clean_text(parted) == parted
    runs = unicodedata.normalize("NFKD", parted).split(JOINER)
    assert all(sum(map(bool, map(unicodedata.combining, run))) <= 30 for run in runs)


def test_signs_that_are_no_marks_are_never_parted() -> None:
    assert clean_text("—" * 100) == "—" * 100
