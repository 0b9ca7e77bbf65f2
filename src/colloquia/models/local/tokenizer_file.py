"""What a `tokenizer.json` may do to a text: change it, but not make much more of it."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.folder_files import parsed

_LARGEST = 64 * 1024 * 1024  # bytes
_MOST_VALUES = 6_000_000  # half a million merges are two million values
MOST_GROWTH = 64  # times its length; a space that becomes three bytes is 3
MOST_PADDING = 1_000_000


def refuse_growth(folder: Path) -> None:
    """Refuse a tokeniser whose rules make a text many times longer, each on what the last has made.

    Raises:
        ModelError: one line with the fix.
    """
    file = folder / "tokenizer.json"
    if not file.is_file():
        return
    if file.stat().st_size > _LARGEST:
        raise ModelError(f"{shown(file)} is too large: more than {_LARGEST // 2**20} MB")
    made = parsed(file.read_bytes(), file, most_values=_MOST_VALUES)
    growth = math.prod(
        _growth(rule) for part in ("normalizer", "decoder") for rule in _rules(made.get(part))
    )
    padding = made.get("padding") or {}
    numbers = list(_numbers(padding))
    if growth > MOST_GROWTH or any(not 0 <= number <= MOST_PADDING for number in numbers):
        raise ModelError(
            f"{shown(file)} makes a text more than {MOST_GROWTH} times as long, or fills it up "
            f"to more than {MOST_PADDING:,} tokens; take the tokeniser of the original model"
        )


def _rules(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rules of a part, those of its sequences too."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _rules(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rules(inner)


def _growth(rule: Mapping[str, Any]) -> float:
    """Return how many times longer a rule may make a text of one character."""
    pattern = rule.get("pattern")
    replaced = pattern.get("String", "") if isinstance(pattern, Mapping) else ""
    content = rule.get("content") or ""
    added = str(rule.get("prepend") or "") + str(rule.get("append") or "")
    return max(1.0, len(str(content)) / max(1, len(str(replaced)))) * (1 + len(added) / 16)


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif type(value) is int:
        yield value
