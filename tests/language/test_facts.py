import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.language.facts import find_facts, unsupported_facts

SNIPPET = (
    "Aino Berg opened the Lantern Museum in Turku on 4 May 1931. It holds 2,400 lamps, "
    "three of them from the 18th century, and cost $5 million."
)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(fact.kind, fact.text) for fact in find_facts(text)]


def test_dates_names_numbers_centuries_and_sums_are_told_apart() -> None:
    assert kinds(SNIPPET) == [
        ("name", "Aino Berg"),
        ("name", "Lantern Museum"),
        ("name", "Turku"),
        ("date", "4 May 1931"),
        ("number", "2,400"),
        ("century", "18th century"),
        ("quantity", "$5 million"),
    ]


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
def test_every_fact_is_the_text_between_its_offsets(text: str) -> None:
    for fact in find_facts(text):
        assert text[fact.start : fact.end] == fact.text


@given(st.text(max_size=150))
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
