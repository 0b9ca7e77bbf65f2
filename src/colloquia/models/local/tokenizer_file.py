"""What a `tokenizer.json` may do to a text: change it, but neither swell it nor take for ever."""

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from colloquia.core.text import brief, shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.folder_files import parsed

_LARGEST = 64 * 1024 * 1024  # bytes
_MOST_VALUES = 6_000_000  # half a million merges are two million values
MOST_GROWTH = 64  # times its length; a space that becomes three bytes is 3
MOST_PADDING = 1_000_000
MOST_RULES = 256  # each is one more walk over every text; tokenisers have a dozen
MOST_PATTERN = 10_000  # characters


def refuse_growth(folder: Path) -> None:
    """Refuse a tokeniser whose rules make a text many times longer, each on what the last has made.

    So are rules without number, and patterns that may try a text in exponentially many ways.

    Raises:
        ModelError: one line with the fix.
    """
    file = folder / "tokenizer.json"
    if not file.is_file():
        return
    if file.stat().st_size > _LARGEST:
        raise ModelError(f"{shown(file)} is too large: more than {_LARGEST // 2**20} MB")
    made = parsed(file.read_bytes(), file, most_values=_MOST_VALUES)
    _refuse_slow(made, file)
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


def _refuse_slow(made: Mapping[str, Any], file: Path) -> None:
    rules = [one for part in _PARTS for one in _rules(made.get(part))]
    patterns = [one["Regex"] for one in rules if isinstance(one.get("Regex"), str)]
    slow = next((one for one in patterns if is_ambiguous(one)), None)
    if len(rules) > MOST_RULES:
        what = f"has {len(rules):,} rules for every text"
    elif slow is not None:
        what = f"looks for {brief(slow)}, which may take for ever"
    else:
        return
    raise ModelError(f"{shown(file)} {what}; take the tokeniser of the original model")


_PARTS = ("normalizer", "pre_tokenizer", "decoder")
#: A class, an escape, the beginning of a group, its end, a repetition, or an alternative.
_PIECE = re.compile(
    r"(?P<one>\\[pPx]\{[^}]{0,40}\}|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*(?:\]|$))"
    r"|(?P<open>\()(?:\?(?:[:=!>|]|<[=!]|[a-zA-Z-]*:|P?<\w+>))?"
    r"|(?P<close>\))|(?P<repeat>[*+?]|\{\d*,?\d*\})(?P<how>[+?]?)|(?P<or>\|)|.",
    re.DOTALL,
)


def is_ambiguous(pattern: str) -> bool:
    """Whether a pattern repeats without end what can itself match one text in several ways.

    `(a+)+` and `(a|aa)*` try every division of a text before they give up: exponentially many.
    Some that are harmless are taken for such; the patterns of tokenisers repeat plain classes.
    """
    if len(pattern) > MOST_PATTERN:
        return True
    varies = [False]  # in each group that is open: whether it can match in several ways
    closed = False  # whether the last piece was a group that can
    for piece in _PIECE.finditer(pattern):
        if piece["open"]:
            varies.append(False)
        elif piece["close"] and len(varies) > 1:
            closed = varies.pop()
            varies[-1] |= closed
            continue
        elif repeat := piece["repeat"]:
            endless = repeat in "*+" or repeat.endswith(",}")
            if closed and endless:
                return True
            varies[-1] |= endless or "," in repeat or repeat == "?"
        elif piece["or"]:
            varies[-1] = True
        closed = False
    return False


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
    if isinstance(charsmap := rule.get("precompiled_charsmap"), str):
        return float(_longest(charsmap))
    pattern = rule.get("pattern")
    replaced = pattern.get("String", "") if isinstance(pattern, Mapping) else ""
    content = rule.get("content") or ""
    added = str(rule.get("prepend") or "") + str(rule.get("append") or "")
    return max(1.0, len(str(content)) / max(1, len(str(replaced)))) * (1 + len(added) / 16)


def _longest(charsmap: str) -> int:
    """Return how many characters the longest replacement of SentencePiece's table has.

    It is the length of a trie in four bytes, the trie, and the replacements, each ended by a NUL.
    """
    try:
        table = base64.b64decode(charsmap)
    except (ValueError, binascii.Error):
        return 1  # refused when it is loaded
    replacements = table[4 + int.from_bytes(table[:4], "little") :]
    return max(len(one.decode("utf-8", "replace")) for one in replacements.split(b"\0"))


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif type(value) is int:
        yield value
