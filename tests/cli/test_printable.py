"""Whatever a model or a stranger wrote, the terminal is not commanded by it."""

import json
import re
import unicodedata

import pytest
from checkout import sources
from hypothesis import given
from hypothesis import strategies as st

from colloquia.cli.view.printable import json_text, one_line
from colloquia.core.text import printable

BELL, ESC = "\x07", "\x1b"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"{ESC}[31mred{ESC}[0m", r"\x1b[31mred\x1b[0m"),
        (f"{ESC}]0;new title{BELL}text", r"\x1b]0;new title\x07text"),
        ("\x9b31mred", r"\x9b31mred"),
        ("safe\u202egnp.exe", r"safe\u202egnp.exe"),
        ("left\u2066isolate\u2069", r"left\u2066isolate\u2069"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("soft\xadhyphen", r"soft\xadhyphen"),
        ("a\u200db\u200cc", r"a\u200db\u200cc"),
        ("bytes\ufe0f\ufe01\U000e0101", "bytes\ufe0f" + r"\ufe01\U000e0101"),
        ("nul\x00l, delete\x7f, half\ud800", r"nul\x00l, delete\x7f, half\ud800"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
        ("two\r\nlines\tstay", "two\nlines\tstay"),
        ("Zoë Ångström 東京", "Zoë Ångström 東京"),
        *((kept, kept) for kept in ("👩‍🚀", "👩‍❤️‍👨", "👋🏽", "1️⃣", "می‌خواهم", "क्‍ष", "葛󠄀")),
    ],
)
def test_what_a_terminal_would_obey_or_nobody_sees_is_escaped(written: str, shown: str) -> None:
    assert printable(written) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_that_controls_a_terminal_gets_through(text: str) -> None:
    left = printable(text)
    assert all(
        unicodedata.category(char) not in _UNSHOWN or char in "\n\t\u200c\u200d" for char in left
    )
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


_UNSHOWN = {"Cc", "Cs", "Co", "Zl", "Zp"}
_OVERRIDES = {"LRO", "RLO", "LRE", "RLE", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_all_that_is_printed_leaves_in_one_place() -> None:
    """A field that is printed elsewhere would be one that `printable` never sees."""
    ways_out = re.compile(r"\bstd(?:out|err)\.write\(|\bprint\(|(?<!_Printable)\bConsole\(")
    places = {
        place
        for place, path in sources().items()
        if place.startswith("cli/") and ways_out.search(path.read_text("utf-8"))
    }
    assert places == {"cli/view/terminal.py"}
