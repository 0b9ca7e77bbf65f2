"""Strict YAML: plain data with line numbers, surprises told, everything clever refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from colloquia.core.strict_yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    StrictYamlError,
    load_yaml,
    meaning_elsewhere,
)

TEXT = """\
name: demo
agents:
  answerer: {model: strong, samples: 2}
list:
  - first
  - key: second
    deep: [1, 2.5, true, null]
"""


def refusal(text: str) -> str:
    with pytest.raises(ValueError) as refused:
        load_yaml(text, name="f.yaml")
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_plain_data_comes_out_as_plain_data() -> None:
    assert load_yaml(TEXT).data == {
        "name": "demo",
        "agents": {"answerer": {"model": "strong", "samples": 2}},
        "list": ["first", {"key": "second", "deep": [1, 2.5, True, None]}],
    }


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("name",), 1),
        (("agents", "answerer", "samples"), 3),
        (("list", 1, "deep", 2), 7),
        (("list", 1, "unknown", "deeper"), 6),
        (("unknown",), 1),
    ],
)
def test_a_line_is_found_by_path_or_by_the_nearest_ancestor(
    path: tuple[str | int, ...], line: int
) -> None:
    assert load_yaml(TEXT).line_of(path) == line


def test_lines_count_from_the_first_line_given() -> None:
    document = load_yaml("a: 1\nb: no\n", first_line=10)
    assert document.line_of(("b",)) == 11
    assert document.surprises == ((11, "no"),)
    with pytest.raises(StrictYamlError) as refused:
        load_yaml("a: 1\na: 2\n", first_line=10)
    assert refused.value.line == 11


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1", "f.yaml:1: anchor &x is not allowed"),
        ("b: 1\na: *x", "f.yaml:2: alias *x is not allowed"),
        ("a: !!python/object:os.system x", "f.yaml:1: tag 'tag:yaml.org,2002:python/object:os.s"),
        ("a: !!str 1", "f.yaml:1: tag 'tag:yaml.org,2002:str' is not allowed"),
        ("!x {}", "f.yaml:1: tag '!x' is not allowed"),
        ("a: 1\nb: 2\na: 3", "f.yaml:3: key 'a' is given twice"),
        ("a: {b: 1, b: 2}", "f.yaml:1: key 'b' is given twice"),
        ("a: 1\n---\nb: 2", "f.yaml:2: a second document"),
        ("a: 1\nb: \0", "f.yaml:2: control character '\\x00'"),
        ("a: \x1b[31m", "f.yaml:1: control character '\\x1b'"),
        ("a: \ud800", "f.yaml:1: control character '\\ud800'"),
        ('a: "\\0"', "f.yaml:1: escape for control character '\\x00'"),
        ('a: "\\ud800"', "f.yaml:1: "),
        ("1: a", "f.yaml:1: key '1' is not text"),
        ("true: a", "f.yaml:1: key 'true' is not text"),
        ("[a]: b", "f.yaml:1: a list or mapping can't be a key"),
        ("? {a: 1}\n: b", "f.yaml:1: a list or mapping can't be a key"),
        ("[" * 30 + "]" * 30, f"f.yaml:1: nested deeper than {MAX_DEPTH} levels"),
        ("- 1\n" * (MAX_NODES + 1), f"f.yaml:{MAX_NODES}: more than 20,000 values"),
        ("a" * (MAX_BYTES + 1), "f.yaml: larger than 1,000,000 bytes"),
        ("a: " + "1" * 50, "f.yaml:1: a number of 50 characters"),
        ("a: 1e999", "f.yaml:1: 1e999 is too large"),
        ("", "f.yaml:1: empty"),
        ("# only a note\n", "f.yaml:1: empty"),
        ("---\n", "f.yaml:1: empty"),
        (
            "a: b: c",
            "f.yaml:1: not valid YAML: mapping values are not allowed in this context; put",
        ),
        ("a: 'x", "not valid YAML"),
        ("a: [1", "not valid YAML"),
        ("a: 1\n\tb: 2", "f.yaml:2: not valid YAML"),
        ("%YAML 9.9\n---\na: 1", "not valid YAML"),
    ],
)
def test_what_is_not_plain_is_refused_on_its_line(text: str, fault: str) -> None:
    assert fault in refusal(text)


def test_a_billion_laughs_stop_at_the_first_anchor() -> None:
    assert "anchor" in refusal("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]")


@pytest.mark.parametrize(
    ("word", "elsewhere"),
    [
        ("no", "a yes-or-no value"),
        ("Yes", "a yes-or-no value"),
        ("on", "a yes-or-no value"),
        ("OFF", "a yes-or-no value"),
        ("12:30", "a number in base 60"),
        ("1:30:15", "a number in base 60"),
        ("1_000", "a number"),
        ("010", "an octal number"),
        ("0o17", "an octal number"),
        ("089", "a number"),
        ("0b101", "a number"),
        (".nan", "a number"),
        ("-.inf", "a number"),
        ("2024-05-01", "a date"),
        ("<<", "an instruction to merge"),
    ],
)
def test_a_yaml_surprise_is_text_and_is_told(word: str, elsewhere: str) -> None:
    document = load_yaml(f"a: 1\nb: {word}")
    assert document.data["b"] == word
    assert document.surprises == ((2, word),)
    assert meaning_elsewhere(word) == elsewhere


def test_a_key_can_be_a_surprise_too() -> None:
    assert load_yaml("no: 1").surprises == ((1, "no"),)


@pytest.mark.parametrize("text", ["'no'", '"12:30"', "nobody", "online", "v1_000", "|\n  no"])
def test_quoted_and_longer_words_are_no_surprise(text: str) -> None:
    assert load_yaml(f"a: {text}").surprises == ()


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("0", 0),
        ("-3", -3),
        ("+3", 3),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("2.5", 2.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_numbers_booleans_and_null_are_read_by_yaml_1_2(word: str, value: Any) -> None:
    assert load_yaml(f"- {word}").data == [value]


def test_a_file_is_named_in_its_errors(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text("a: 1\na: 2\n")
    with pytest.raises(ValueError, match=r"recipe\.yaml:2: key 'a' is given twice"):
        load_yaml(file)


def test_a_path_that_can_not_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such file; check the path"):
        load_yaml(tmp_path / "none.yaml")
    with pytest.raises(ValueError, match="is a folder; name a file in it"):
        load_yaml(tmp_path)
    with pytest.raises(ValueError, match="can't be read"):
        load_yaml(tmp_path / ("x" * 300))
    with pytest.raises(ValueError, match="can't be read"):
        load_yaml(tmp_path / "a\0b")


def test_other_encodings_are_refused_on_their_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: é\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"latin\.yaml:2: not UTF-8; save the file as UTF-8"):
        load_yaml(file)


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as out:
        out.truncate(1_000_000_000)  # sparse
    with pytest.raises(ValueError, match="larger than 1,000,000 bytes"):
        load_yaml(file)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "windows.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = load_yaml(file)
    assert document.data == {"a": 1, "b": 2}
    assert document.line_of(("b",)) == 2


PRINTABLE = st.text(st.characters(exclude_categories=["C"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=20,
)


@given(data=JSON.filter(lambda data: data is not None))
def test_json_is_read_as_json(data: Any) -> None:
    assert load_yaml(json.dumps(data, ensure_ascii=False)).data == data


@given(data=st.dictionaries(PRINTABLE, PRINTABLE, min_size=1, max_size=4))
@pytest.mark.parametrize("style", ['"', "'", "|", ">"])
def test_text_that_pyyaml_quotes_is_read_back(style: str, data: dict[str, str]) -> None:
    assert load_yaml(yaml.safe_dump(data, default_style=style)).data == data


@given(text=st.text(st.sampled_from("ab:-[]{}&*!|>'\"#%@`,? \n\t\0\\019.e~<=é\ud800"), max_size=40))
def test_any_text_is_plain_data_or_one_line_of_refusal(text: str) -> None:
    try:
        document = load_yaml(text, name="f.yaml")
    except ValueError as error:
        assert str(error).startswith("f.yaml:")
        assert "\n" not in str(error)
    else:
        json.dumps(document.data, allow_nan=False)
        lines = text.count("\n") + 1
        assert all(1 <= line <= lines for line in document.lines.values())
