import pytest

from colloquia.language.facts import numbers_in
from colloquia.language.numerals import counts_roughly, is_number_word, value_of
from colloquia.language.support import unsupported_facts


@pytest.mark.parametrize(
    ("word", "value"),
    [("seven", 7), ("Twelve", 12), ("forty", 40), ("forty-nine", 49), ("nine-forty", None),
     ("seventh", None), ("twenty-one-line", None), ("-", None)],
)  # fmt: skip
def test_a_number_in_words_has_its_value(word: str, value: int | None) -> None:
    assert value_of(word) == value


def test_words_that_only_count_are_told_from_numbers() -> None:
    assert counts_roughly("dozens") and not is_number_word("dozens")
    assert is_number_word("hundred") and not counts_roughly("hundred")


def test_hyphenated_numbers_are_numbers_to_the_fact_finder() -> None:
    assert numbers_in("Forty-nine copies, one of them on vellum") == {"49"}
    assert not unsupported_facts("There are 49 copies.", sources=["Forty-nine copies survive."])
