"""Whatever a model or a stranger wrote, the terminal is not commanded by it."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloquia.cli.view.printable import json_text, one_line, printable

BELL, ESC = "\x07", "\x1b"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"{ESC}[31mred{ESC}[0m", "red"),
        (f"{ESC}]0;new title{BELL}text", "text"),
        (f"{ESC}]8;;http://a.example{ESC}\\link{ESC}]8;;{ESC}\\", "link"),
        ("\x9b31mred", "31mred"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("left\u2066isolate\u2069", "leftisolate"),
        ("tag\U000e0041", "tag"),
        ("nul\x00l, back\x08space, delete\x7f", "null, backspace, delete"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
        ("two\nlines\tstay", "two\nlines\tstay"),
        ("Zoë Ångström 東京 👩‍🚀", "Zoë Ångström 東京 👩‍🚀"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out_and_words_stay(written: str, shown: str) -> None:
    assert printable(written) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_that_controls_a_terminal_gets_through(text: str) -> None:
    left = printable(text)
    assert all(unicodedata.category(char) != "Cc" or char in "\n\t" for char in left)
    assert not any(unicodedata.bidirectional(char) in _OVERRIDES for char in left)
    left.encode("utf-8")


@given(st.text(st.characters(exclude_categories=[])))
def test_json_loses_nothing_and_holds_no_control_character(text: str) -> None:
    written = json_text({"text": text})
    assert json.loads(written) == {"text": text}
    assert all(unicodedata.category(char) != "Cc" or char == "\n" for char in written)
    written.encode("utf-8")


def test_one_line_is_one_line_and_says_where_it_was_cut() -> None:
    assert one_line("a\n b\r\nc") == "a b c"
    assert one_line("a long sentence", most=7) == "a long…"


_OVERRIDES = {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI"}
