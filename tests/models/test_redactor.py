"""Keys in every form that people write them down in, and words that are none."""

import pytest

from benchmarks.hostile.endpoint_echoes import FORMS, KEY, left_of
from benchmarks.hostile.variant import grows
from colloquia.models.faults.redactor import Redactor

PLACEHOLDERS = ("local", "none", "EMPTY", "no-key-required", "lm-studio-key")


@pytest.fixture
def redact() -> Redactor:
    made = Redactor()
    for key in (KEY, *PLACEHOLDERS):
        made.learn(key)
    return made


@pytest.mark.parametrize("form", FORMS)
def test_a_key_and_its_pieces_are_not_told_in_any_form(form: str, redact: Redactor) -> None:
    said = redact(f"Incorrect API key {FORMS[form](KEY)}, see the docs")
    assert left_of(said) == ""
    assert said.startswith("Incorrect API key")
    assert said.endswith(", see the docs")
    assert "[key]" in said


@pytest.mark.parametrize(
    "words",
    [
        "the local server needs none of it, and no key is required: EMPTY studio",
        "http://127.0.0.1:8000/v1 is 50% of c:\\new\\x41 &amp; more, 2026-11-27T05:36:35",
        "a hash, 4f7be0c1d2a39958, an id, chatcmpl-8zQ1, and a word, incomprehensibilities",
    ],
)
def test_what_is_no_key_stays(words: str, redact: Redactor) -> None:
    assert redact(words) == words


def test_a_piece_of_seven_characters_is_no_secret_yet(redact: Redactor) -> None:
    assert redact(f"a key like {KEY[:7]}… is wrong") == f"a key like {KEY[:7]}… is wrong"


@pytest.mark.parametrize(
    "text", ["a", "\\u0041", "%25", "&amp;", "0x41,", "<b>", "\u200b", f"{KEY[:7]} "]
)
def test_its_work_is_linear(text: str, redact: Redactor) -> None:
    grows(lambda n: redact(text * n), 60_000 // len(text))
