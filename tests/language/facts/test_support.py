from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from colloquia.language.facts import names
from colloquia.language.facts.finding import find_facts
from colloquia.language.facts.support import is_held, unsupported_facts

SNIPPET = (
    "Aino Berg opened the Lantern Museum in Turku on 4 May 1931. It holds 2,400 lamps, "
    "three of them from the 18th century, and cost $5 million."
)


def unsupported(answer: str, question: str = "") -> list[str]:
    return [fact.text for fact in unsupported_facts(answer, sources=(SNIPPET, question))]


def test_an_answer_made_of_the_snippets_facts_has_nothing_unsupported() -> None:
    assert unsupported("The museum in Turku opened in May 1931 and holds 2400 lamps.") == []


def test_a_number_written_as_a_word_supports_its_digits() -> None:
    assert unsupported("It holds 3 lamps from the 18th century.") == []


def test_invented_years_numbers_and_names_are_flagged() -> None:
    assert unsupported("It opened in 1932.") == ["1932"]
    assert unsupported("It holds 2,500 lamps.") == ["2,500"]
    assert unsupported("The founder was Elsa Lind.") == ["Elsa Lind"]


def test_what_the_question_names_is_no_invention() -> None:
    assert unsupported("The passage says nothing of Oslo.", question="And in Oslo?") == []


def test_a_shortened_name_is_held() -> None:
    assert unsupported("According to the passage, Berg opened it.") == []


@given(st.text(max_size=150))
@example("A0/0")
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported_facts(text, sources=(text,)) == ()


@pytest.mark.parametrize(
    ("answer", "passage"),
    [
        ("He took in 300 of them.", "Three hundred were granted asylum."),
        ("There were 2,500 men.", "Two thousand five hundred men marched."),
        ("It cost 250 crowns.", "The price was two hundred and fifty crowns."),
        ("It has 1,500,000 people.", "It has 1.5 million people."),
    ],
)
def test_a_number_in_words_is_the_one_in_digits(answer: str, passage: str) -> None:
    assert unsupported_facts(answer, sources=[passage]) == ()


def test_another_number_in_words_is_another_number() -> None:
    (stray,) = unsupported_facts("There were 400.", sources=["Three hundred came."])
    assert stray.text == "400"


@pytest.mark.parametrize(
    ("answer", "passage"),
    [
        ("There are 1 260 of them.", "There are 1,260 lamps."),
        ("There are 1,260 of them.", "There are 1\u00a0260 lamps."),
        ("About 2.5 million came.", "Two and a half million people came."),
        ("It cost 4 million.", "It cost 4 to 5 million."),
        ("It takes 90 minutes.", "It takes 1.5 hours."),
        ("It opens at 6 p.m. each day.", "It opens at 18:00 each day."),
        ("It opens at 9.30 am.", "It opens at 9:30 a.m."),
        ("The field has 10^6 rows.", "The field has 10⁶ rows."),
        ("It costs 5 pounds.", "It costs £5."),
        ("It is 20 feet long.", "It is 20 ft long."),
        ("It was 5 degrees.", "It was 5 °C."),
        ("It has two arms.", "It has an arm on either side."),
    ],
)
def test_one_figure_written_in_another_way_is_held(answer: str, passage: str) -> None:
    assert unsupported_facts(answer, sources=[passage]) == ()


@pytest.mark.parametrize(
    ("answer", "stray", "passage"),
    [
        ("It opens at 9 a.m. each day.", "9", "It opens at 9:30 a.m. each day."),
        ("It opens at 9:30 p.m.", "9:30", "It opens at 9:30 a.m."),
        ("The ratio is 3:10.", "3:10", "The ratio is 3:20 and the batch 10."),
        ("It has 10⁵ rows.", "10⁵", "It has 10⁶ rows, 5 of them long."),
        ("It has 106 rows.", "106", "It has 10⁶ rows."),
        ("It is 5 miles long.", "5 miles", "It is 5 km long."),
        ("It is five miles long.", "five miles", "It is five km long."),
        ("It lasted 30 hours.", "30 hours", "It lasted 30 minutes."),
        ("It cost 5 million.", "5 million", "It cost 5 thousand."),
        ("There are 260 of them.", "260", "There are 1 260 lamps."),
        ("Four hundred came.", "Four hundred", "Three hundred came."),
    ],
)
def test_a_figure_of_another_value_time_or_unit_is_a_stray(
    answer: str, stray: str, passage: str
) -> None:
    assert [fact.text for fact in unsupported_facts(answer, sources=[passage])] == [stray]


@given(st.integers(13, 10**7), st.integers(13, 10**7))
def test_no_other_number_is_held(one: int, other: int) -> None:
    assume(one != other)
    assert unsupported_facts(f"There are {one:,}.", sources=[f"There are {one} lamps."]) == ()
    assert unsupported_facts(f"There are {other:,}.", sources=[f"There are {one} lamps."]) != ()


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_no_other_time_of_day_is_held(one: int, other: int) -> None:
    said, asked = (f"{minute // 60}:{minute % 60:02}" for minute in (one, other))
    strays = unsupported_facts(f"It opens at {asked}.", sources=[f"It opens at {said}."])
    assert bool(strays) == (one != other)


@given(st.fractions(Fraction(1, 100), 99, max_denominator=100))
def test_a_decimal_comma_is_a_point_in_other_languages(number: Fraction) -> None:
    figure = f"{float(number):.2f}"
    passage = f"Die Brücke misst {figure.replace('.', ',')} Kilometer."
    assert unsupported_facts(f"Es sind {figure} km.", sources=[passage], language="de") == ()


def test_nothing_is_parsed_where_every_capital_word_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(text: str, language: str) -> None:
        raise AssertionError(f"parsed {text!r}")

    monkeypatch.setattr(names, "parse", refuse)
    assert unsupported("It is Aino's museum. According to what I have, the Bergs built it.") == []


def test_a_single_fact_is_held_by_any_form_of_it() -> None:
    (name,) = (fact for fact in find_facts("He met Berg there.") if fact.kind == "name")
    assert is_held(name, sources=[SNIPPET])
    assert not is_held(name, sources=["It stands in Turku."])
