import re
from fractions import Fraction

import pytest

from colloquia.language.facts.finding import numbers_in
from colloquia.language.facts.support import unsupported_facts
from colloquia.language.figures.numbers import (
    FRACTION,
    NUMBER,
    is_number_word,
    read_number,
    value_of,
)


@pytest.mark.parametrize(
    ("word", "value"),
    [("seven", 7), ("Twelve", 12), ("forty", 40), ("forty-nine", 49), ("nine-forty", None),
     ("seventh", None), ("twenty-one-line", None), ("-", None)],
)  # fmt: skip
def test_a_number_in_words_has_its_value(word: str, value: int | None) -> None:
    assert value_of(word) == value


def test_words_that_only_count_are_told_from_numbers() -> None:
    assert is_number_word("hundred") and not is_number_word("dozens")


def test_hyphenated_numbers_are_numbers_to_the_fact_finder() -> None:
    assert numbers_in("Forty-nine copies, one of them on vellum") == {"49"}
    assert not unsupported_facts("There are 49 copies.", sources=["Forty-nine copies survive."])


@pytest.mark.parametrize(
    ("text", "value", "quantum"),
    [("8¾", "8.75", "0.25"), ("⅛", "0.125", "0.125"), ("1 260", "1260", "10"),
     ("33.3", "33.3", "0.1"),
     ("2.5 million", "2500000", "100000"), ("two hundred and fifty", "250", "10"),
     ("Nineteen thousand", "19000", "1000"), ("half a million", "500000", "100000"),
     ("two and a half", "2.5", "0.5"), ("a dozen", "12", "1"), ("two-thirds", "2/3", "1/3")],
)  # fmt: skip
def test_a_number_has_its_worth_to_the_last_digit(text: str, value: str, quantum: str) -> None:
    assert re.fullmatch(f"{NUMBER}|{FRACTION}", text, re.IGNORECASE)
    number = read_number(text)
    assert (number.value, number.quantum) == (Fraction(value), Fraction(quantum))
