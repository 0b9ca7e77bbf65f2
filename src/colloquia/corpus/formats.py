"""The formats an export can have: each one's folder, its row's columns in order, and their types.

The types stand in the dataset card too. Without them a reader infers types from the first rows,
and a column that begins with 10 MB of nulls is then refused when its first number comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from colloquia.core.errors import ExportError
from colloquia.core.hashing import content_id
from colloquia.core.wording import did_you_mean

Format = Literal[
    "canonical",
    "trl-sft",
    "trl-sft-turns",
    "trl-dpo",
    "trl-grpo",
    "echo-jsonl",
    "token-pairs",
]

Feature = dict[str, Any]

_MESSAGES: Feature = {
    "list": [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
}
_TEXT: Feature = {"dtype": "string"}
_TOKENS: Feature = {"sequence": "int64"}
_NUMBER: Feature = {"dtype": "float64"}
_TOLD: Feature = {
    "list": [
        *({"name": name, "dtype": "string"} for name in ("role", "content", "speaker", "kind")),
        {"name": "weight", "dtype": "float64"},
    ]
}
_ABOUT: dict[str, Feature] = {
    "snippet_ids": {"sequence": "string"},
    "persona": _TEXT,
    "difficulty": _NUMBER,
    "score": _NUMBER,
    "attempts": {"dtype": "int64"},
    "source": _TEXT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFormat:
    """One kind of training row."""

    name: Format
    folder: str
    """Also the configuration's name in `load_dataset(OUT, folder)`."""
    unit: str
    """What is counted: the `in` of the manifest."""
    columns: dict[str, Feature]
    id_prefix: str
    id_columns: tuple[str, ...]
    """What a row is named by: its words, and nothing that is known about them."""


#: In the order of preference: the first one that is written is what `load_dataset(OUT)` loads.
ROW_FORMATS: dict[Format, RowFormat] = {
    "trl-sft": RowFormat(
        name="trl-sft",
        folder="sft",
        unit="dialogues",
        columns={"id": _TEXT, "messages": _MESSAGES, **_ABOUT},
        id_prefix="sft1",
        id_columns=("messages",),
    ),
    "trl-sft-turns": RowFormat(
        name="trl-sft-turns",
        folder="sft-turns",
        unit="answers",
        columns={"id": _TEXT, "prompt": _MESSAGES, "completion": _MESSAGES, **_ABOUT},
        id_prefix="sft_turn1",
        id_columns=("prompt", "completion"),
    ),
    "trl-dpo": RowFormat(
        name="trl-dpo",
        folder="dpo",
        unit="preference pairs",
        columns={
            "id": _TEXT,
            "prompt": _MESSAGES,
            "chosen": _MESSAGES,
            "rejected": _MESSAGES,
            "score_chosen": _NUMBER,
            "score_rejected": _NUMBER,
            "source": _TEXT,
        },
        id_prefix="dpo1",
        id_columns=("prompt", "chosen", "rejected"),
    ),
    "trl-grpo": RowFormat(
        name="trl-grpo",
        folder="grpo",
        unit="questions",
        columns={
            "id": _TEXT,
            "prompt": _MESSAGES,
            "reference": _TEXT,
            "answerable": {"dtype": "bool"},
            "evidence": {"sequence": "string"},
            "kind": _TEXT,
            "system": _TEXT,
            **_ABOUT,
        },
        id_prefix="ask1",
        id_columns=("prompt", "reference"),
    ),
    "echo-jsonl": RowFormat(
        name="echo-jsonl",
        folder="echo",
        unit="dialogues",
        columns={"id": _TEXT, "messages": _TOLD, "task": _TEXT, **_ABOUT},
        id_prefix="echo1",
        id_columns=("messages",),
    ),
    "token-pairs": RowFormat(
        name="token-pairs",
        folder="token-pairs",
        unit="pivotal tokens",
        columns={
            "id": _TEXT,
            "prompt_ids": _TOKENS,
            "chosen_ids": _TOKENS,
            "rejected_ids": _TOKENS,
            "prompt_text": _TEXT,
            "chosen_text": _TEXT,
            "rejected_text": _TEXT,
            "success_before": _NUMBER,
            "success_chosen": _NUMBER,
            "success_rejected": _NUMBER,
            "question": _TEXT,
        },
        id_prefix="pivot1",
        id_columns=("prompt_ids", "chosen_ids", "rejected_ids"),
    ),
}

#: What `export` makes. Pairs of tokens come from a student, with `pivotal`.
FORMATS: tuple[Format, ...] = (
    "canonical",
    *(name for name in ROW_FORMATS if name != "token-pairs"),
)


def row_id(row: Mapping[str, Any], name: Format) -> str:
    """Return a row's id, a hash of its words; other columns need not be there yet."""
    kind = ROW_FORMATS[name]
    words = [row[column] for column in kind.id_columns]
    return content_id(kind.id_prefix, words[0] if len(words) == 1 else words)


def chosen_formats(names: tuple[str, ...]) -> tuple[Format, ...]:
    """Return the named formats, each once, in the order of `FORMATS`.

    Raises:
        ExportError: a name is unknown, or there is none.
    """
    for name in names:
        if name not in FORMATS:
            raise ExportError(
                f"no format {name!r}{did_you_mean(name, FORMATS)}; there are: {', '.join(FORMATS)}"
            )
    if not names:
        raise ExportError(f"name at least one format: {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in names)
