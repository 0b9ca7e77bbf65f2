"""JSON Lines: an object with a `text` on each line."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from colloquia.core.text import KeyTwiceError, each_key_once, refuse_constant, shown
from colloquia.core.wording import did_you_mean
from colloquia.snippets.formats.items import MAX_ROW, BadLine, SourceItem, kind_of, plain_fields
from colloquia.snippets.formats.lines import read_lines


def read_jsonl(file: Path) -> Iterator[SourceItem]:
    """Yield an item for each line that isn't blank."""
    for line in read_lines(file):
        if not line.text.strip():
            continue
        where = f"{shown(file)}:{line.number}"
        try:
            yield SourceItem(where=where, fields=plain_fields(_json_fields(line.text)))
        except BadLine as error:
            yield SourceItem(where=where, reason=str(error))


def _json_fields(line: str) -> dict[str, Any]:
    if len(line) > MAX_ROW:
        raise BadLine(f"a row of {len(line):,} characters, more than {MAX_ROW:,}")
    try:
        fields = json.loads(
            line,
            object_pairs_hook=each_key_once,
            parse_constant=refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        raise BadLine(
            f"not a JSON object on one line: {error.msg} at position {error.pos + 1}"
        ) from error
    except KeyTwiceError as error:
        raise BadLine(f"{error}; keep one of them") from error
    except BadLine:
        raise
    except RecursionError as error:
        raise BadLine("nested too deeply") from error
    except ValueError as error:  # NaN, or a number of more than 4,300 digits
        raise BadLine(str(error).partition(";")[0]) from error
    if not isinstance(fields, dict):
        raise BadLine(f'{kind_of(fields)}, not an object: write {{"text": "…"}}')
    if "text" not in fields:
        raise BadLine(f"no 'text'{did_you_mean('text', fields)}")
    return fields


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadLine(f"the number {digits[:20]} is too large")
    return number
