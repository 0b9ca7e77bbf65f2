import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.language.facts.finding import find_facts

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


def names(text: str, language: str = "en") -> list[str]:
    return [fact.text for fact in find_facts(text, language) if fact.kind == "name"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A box in rear offers the train to the box in advance.", []),
        ("Keepers light the lamp each night. Bees avoid it.", []),
        ("The French Academy was led by Richelieu.", ["French Academy", "Richelieu"]),
        ("Its mayor, Maria de la Cruz, left in May 1931.", ["Maria de la Cruz"]),
        ("Most French wine is red.", []),
        ("She loves the Museum of Modern Art in Oslo.", ["Museum of Modern Art", "Oslo"]),
        ("NASA's probe passed Jupiter.", ["NASA", "Jupiter"]),
    ],
)  # fmt: skip
def test_names_are_entities_and_proper_nouns_and_no_mere_capitals(
    text: str, found: list[str]
) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("sv", "Lampan tändes av Aino Berg i Turku. Den brinner än.", ["Aino", "Berg", "Turku"]),
        ("de", "Die Laterne wurde 1931 in Turku angezündet.", []),  # every noun has a capital
        ("ja", "ランタン博物館はトゥルクにあります。", []),
    ],
)
def test_without_a_pipeline_of_the_language_capitals_tell_where_they_can(
    language: str, text: str, found: list[str]
) -> None:
    assert names(text, language) == found


@pytest.mark.parametrize("figure", ["9:30", "3:20", "1/2", "10^6", "10⁶", "1:2:3"])
def test_a_figure_of_several_numbers_is_one_fact(figure: str) -> None:
    assert kinds(f"it reads {figure} there") == [("number", figure)]


@given(st.text(max_size=150))
def test_every_fact_is_the_text_between_its_offsets(text: str) -> None:
    for fact in find_facts(text):
        assert text[fact.start : fact.end] == fact.text
