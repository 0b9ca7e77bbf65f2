"""The canonical format: one dialogue per line with its whole turn tree, to be read back as it was.

What two runs of one recipe on the same input may differ in is set to what the first run has: the
run's ordinal, how often a dialogue was begun, and the order in which reviewers who worked side by
side came back. So the files are byte-identical.
"""

import json
import re
from typing import Any

from colloquia.core.hashing import canonical_json, content_id
from colloquia.core.record import DialogueRecord
from colloquia.core.types import Turn

SCHEMA = "colloquia.dialogue/1"
CANONICAL_FILE = "dialogues.jsonl"

# Readers that split text at every Unicode line end would cut a row in two; JSON has escapes for
# these, and for the lone surrogates that UTF-8 can't hold.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def row_line(row: dict[str, Any]) -> str:
    """Return a row as one line of JSON, columns in the order given; no NaN."""
    return _escaped(json.dumps(row, ensure_ascii=False, allow_nan=False))


def dialogue_line(record: DialogueRecord, *, recipe_hash: str) -> str:
    """Return a record as one line of `dialogues.jsonl`."""
    plain = _settled(record, recipe_hash=recipe_hash).model_dump()
    return f'{{"schema":"{SCHEMA}",{_escaped(canonical_json(plain))[1:]}'


def parse_dialogue(row: dict[str, Any]) -> DialogueRecord:
    """Return the record of one parsed line.

    Raises:
        ValueError: another schema, or a value that doesn't fit.
    """
    if row.get("schema") != SCHEMA:
        raise ValueError(f"schema is {row.get('schema')!r}, not {SCHEMA!r}")
    return DialogueRecord.model_validate({k: v for k, v in row.items() if k != "schema"})


def _settled(record: DialogueRecord, *, recipe_hash: str) -> DialogueRecord:
    depths = _depths(record)
    turns = sorted(record.tree, key=lambda turn: (depths[turn.id], turn.attempt, turn.id))
    places = {turn.id: place for place, turn in enumerate(turns)}
    reviews = sorted(
        record.reviews,
        key=lambda review: (places.get(review.subject_id, len(places)), review.reviewer, review.id),
    )
    first_run = content_id("run1", [recipe_hash, 1])
    return record.model_copy(
        update={
            "dialogue": record.dialogue.model_copy(update={"run_id": first_run, "attempt": 0}),
            "tree": tuple(turns),
            "reviews": tuple(reviews),
        }
    )


def _depths(record: DialogueRecord) -> dict[str, int]:
    by_id: dict[str, Turn] = {turn.id: turn for turn in record.tree}
    depths: dict[str, int] = {}
    for turn in record.tree:
        way: list[str] = []
        here: Turn | None = turn
        while here is not None and here.id not in depths:
            way.append(here.id)
            here = by_id.get(here.parent_id)
        depth = depths[here.id] if here else -1
        for turn_id in reversed(way):
            depth += 1
            depths[turn_id] = depth
    return depths


def _escaped(line: str) -> str:
    return _TO_ESCAPE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)
