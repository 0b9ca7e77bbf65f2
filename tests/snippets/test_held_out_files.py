"""A test's texts are read from rows and lines, whatever their columns are called."""

from pathlib import Path

import pytest

from colloquia.core.errors import SnippetError
from colloquia.snippets.held_out_files import read_texts


def test_a_row_s_text_is_all_its_strings(tmp_path: Path) -> None:
    rows, lines = tmp_path / "a.jsonl", tmp_path / "b.txt"
    rows.write_text('{"q": "Who?", "choices": ["Ann", {"b": "Bob"}], "n": 3}\n\n"bare"\n')
    lines.write_text("One line.\n\nAnother.\n")
    assert list(read_texts([rows, lines])) == ["Who? Ann Bob", "bare", "One line.", "Another."]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", '{"q": 1\n', "a.jsonl:1: not JSON"),
        ("a.csv", "q\n", "come as .jsonl or .txt"),
        ("a.txt", "\n", "holds no text"),
        ("a.jsonl", "[" * 100_000 + "\n", "a.jsonl:1: not JSON"),
    ],
)
def test_what_can_t_be_read_is_told(name: str, content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SnippetError, match=told):
        list(read_texts([tmp_path / name]))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnippetError, match="can't be read"):
        list(read_texts([tmp_path / "none.txt"]))
