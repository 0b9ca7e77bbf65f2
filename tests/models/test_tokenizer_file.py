"""Patterns of tokenisers: those in use pass, those that take exponential time are refused."""

import base64
import json
import struct
from pathlib import Path

import pytest

from benchmarks.hostile.variant import grows
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.tokenizer_file import MOST_PATTERN, is_ambiguous, refuse_growth

IN_USE = {
    "GPT-2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "Llama 3": r"(?i:'s|'t|'re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+",
    "o200k": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{M}]*[\p{Ll}\p{M}]+(?i:'s|'t|'re)?|\p{N}{1,3}",
    "BLOOM": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "Kimi": r"[\p{Han}]+|[\p{Lu}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{M}&&[^\p{Han}]]+",
    "digits in threes": r"(?=(\d{3})+(?!\d))",
    "blanks": r" {2,}",
}


@pytest.mark.parametrize("pattern", IN_USE.values(), ids=IN_USE)
def test_a_pattern_in_use_passes(pattern: str) -> None:
    assert not is_ambiguous(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)*", "(?:(?:a*)b)*", "(a{1,3}){2,}", "((a+))+", "(?P<x>a?)+", r"([\]a]+)*?b"],
)
def test_a_pattern_in_exponential_time_is_refused(pattern: str) -> None:
    assert is_ambiguous(pattern)


def test_what_looks_like_a_repetition_in_a_class_or_behind_an_escape_is_none() -> None:
    assert not is_ambiguous(r"([+*]|x)y(\+)+(\*)*")


def test_looking_at_a_pattern_is_linear() -> None:
    assert is_ambiguous("(" * (MOST_PATTERN + 1))
    for piece in ("(", "[", "(?", "{", "\\", "\\p{", "(?<a"):
        grows(lambda n: is_ambiguous(piece * n), MOST_PATTERN // 2 // len(piece))  # noqa: B023


def test_a_table_whose_letters_become_long_texts_is_refused(tmp_path: Path) -> None:
    for letters, refused in ((b"ffi\0", False), (b"a" * 99 + b"\0", True)):
        table = base64.b64encode(struct.pack("<I", 4) + bytes(4) + letters).decode()
        made = {"normalizer": {"type": "Precompiled", "precompiled_charsmap": table}}
        (tmp_path / "tokenizer.json").write_text(json.dumps(made), "utf-8")
        if refused:
            with pytest.raises(ModelError, match="64 times as long"):
                refuse_growth(tmp_path)
        else:
            refuse_growth(tmp_path)
