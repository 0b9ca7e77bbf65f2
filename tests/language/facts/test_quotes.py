import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.language.facts.quotes import bare_quotes, locate, unwrapped

TEXT = "The keeper said “the lamp\n  burns whale oil” – and it's true."


def test_an_exact_quote_is_found_where_it_stands() -> None:
    span = locate("burns whale oil", TEXT)
    assert span is not None
    assert TEXT[span.start : span.end] == span.text == "burns whale oil"


@pytest.mark.parametrize("quote", ['"the lamp burns whale oil"', "oil” - and it’s true"])
def test_other_quote_marks_dashes_and_spaces_are_found_with_true_offsets(quote: str) -> None:
    span = locate(quote, TEXT)
    assert span is not None
    assert TEXT[span.start : span.end] == span.text
    assert span.text != quote


@pytest.mark.parametrize("quote", ["", "  ", "burns seal oil", "THE LAMP"])
def test_what_is_not_there_is_not_found(quote: str) -> None:
    assert locate(quote, TEXT) is None


@pytest.mark.parametrize(
    "quote",
    [
        '"burns whale oil"',
        "“burns whale oil”",
        "'burns whale oil'",
        "«burns whale oil»",
        "… burns whale oil",
        "burns whale oil...",
        "“…burns whale oil […]”",
        "(...) burns whale oil",
    ],
)
def test_a_quote_is_taken_out_of_what_was_put_around_it(quote: str) -> None:
    assert unwrapped(quote, TEXT) == "burns whale oil"


@pytest.mark.parametrize(
    "quote",
    [
        "“the lamp burns whale oil”",
        "burns whale oil",
        "“burns seal oil”",
        "“burns … oil”",
        "…",
        '""',
        "(burns whale oil)",
    ],
)
def test_a_quote_that_is_there_as_it_is_or_not_at_all_stays_as_it_is(quote: str) -> None:
    assert unwrapped(quote, TEXT) == quote


def test_no_quote_is_left_where_nothing_was_quoted() -> None:
    assert bare_quotes(("", "“burns whale oil”"), TEXT) == ("burns whale oil",)


@given(st.text(min_size=1, max_size=80), st.data())
def test_every_slice_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    piece = text[start:end]
    span = locate(piece, text)
    if piece.strip():
        assert span is not None
        assert text[span.start : span.end] == span.text == piece.strip()
    else:
        assert span is None
