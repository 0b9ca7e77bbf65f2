"""Quantities and moments are read off a text with their unit and their worth."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.language.figures.moments import find_moments
from colloquia.language.figures.quantities import find_quantities


@pytest.mark.parametrize(
    ("text", "number", "symbol"),
    [
        ("two hundred and fifty men", "250", ""),
        ("six thousand two hundred and twelve men", "6212", ""),
        ("1,260 women", "1260", ""),
        ("1 260 women", "1260", ""),
        ("forty-nine copies", "49", ""),
        ("two dozen eggs", "24", ""),
        ("half a million people", "500000", ""),
        ("three and a half million people", "3500000", ""),
        ("$1.5 million", "1500000", "$"),
        ("20 dollars", "20", "$"),
        ("12 per cent", "12", "%"),
        ("33.3%", "33.3", "%"),
        ("a seven-hour flight", "7", "h"),
        ("8¾ hours", "8.75", "h"),
        ("eight and three-quarter hours", "8.75", "h"),
        ("an hour and a half", "1.5", "h"),
        ("half an hour", "0.5", "h"),
        ("18 miles", "18", "miles"),
        ("6.5 m", "6.5", "m"),
        ("at -4 °C", "-4", "°C"),
        ("70 km/h", "70", "km/h"),
        ("40 square kilometres", "40", "km²"),
        ("three times as many", "3", "times"),
        ("twice as long", "2", "times"),
    ],
)
def test_a_quantity_has_its_worth_and_unit(text: str, number: str, symbol: str) -> None:
    (quantity,) = find_quantities(text)
    worth = (quantity.value - quantity.unit.zero) / quantity.unit.size
    assert (worth, quantity.unit.symbol) == (Fraction(number), symbol)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("8 hours and 45 minutes", 31500),
        ("8 h 45 min", 31500),
        ("2 hours, 3 minutes and 4 seconds", 7384),
    ],
)
def test_what_is_said_in_several_units_is_one_quantity(text: str, seconds: int) -> None:
    (quantity,) = find_quantities(text)
    assert quantity.text == text
    assert quantity.value == seconds


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("two-thirds of them", "2/3"),
        ("a quarter of it", "1/4"),
        ("3/4 of it", "3/4"),
        ("one in four", "1/4"),
        ("half of them", "1/2"),
    ],
)
def test_a_fraction_is_a_share(text: str, share: str) -> None:
    (quantity,) = find_quantities(text)
    assert (quantity.unit.dimension, quantity.value) == ("share", Fraction(share))


@pytest.mark.parametrize(
    "text",
    ["Apollo 11 flew", "see page 12", "one of the ships", "a third party", "the 18th century"],
)
def test_a_number_that_names_or_orders_counts_nothing(text: str) -> None:
    assert find_quantities(text) == ()


def test_two_numbers_side_by_side_stay_two() -> None:
    assert [q.text for q in find_quantities("three and four people")] == ["three", "four"]


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("from 9:15 to 6 pm", ["9:15", "18:00"]),
        ("open 2-6 pm", ["14:00", "18:00"]),
        ("9 am to 5", ["9:00", "17:00"]),
        ("from 9 to 5 pm", ["9:00", "17:00"]),
        ("10 p.m. until 6 a.m.", ["22:00", "6:00"]),
        ("from noon to midnight", ["12:00", "24:00"]),
        ("at 12:30 am", ["0:30"]),
        ("on 3 May 1851 and May 4, 1852", ["3 May 1851", "4 May 1852"]),
        ("from 3 to 7 May 1900", ["3 May 1900", "7 May 1900"]),
        ("in May 1904", ["May 1904"]),
        ("the war of 1914-18", ["1914", "1918"]),
        ("from 44 BC to AD 14", ["44 BC", "14"]),
        ("1862 visitors and 1,862 books", []),
        ("a ratio of 3 to 4", []),
    ],
)
def test_clock_times_and_dates_are_moments(text: str, moments: list[str]) -> None:
    assert [moment.shown for moment in find_moments(text)] == moments


_PIECES = st.lists(
    st.sampled_from(
        ["12", "1,260", "two", "hundred", "and", "a half", "hours", "%", "9:15", "to", "6 pm",
         "3 May", "1851", "$", "-", ".", "third", "of", "million", "½", "BC", "am", "each", "in",
         "31 June"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(st.one_of(_PIECES, st.text(max_size=80)))
def test_whatever_is_read_stands_at_its_place(text: str) -> None:
    places = sorted(
        [(moment.start, moment.end, moment.text) for moment in find_moments(text)]
        + [(quantity.start, quantity.end, quantity.text) for quantity in find_quantities(text)]
    )
    assert all(text[start:end] == said for start, end, said in places)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
