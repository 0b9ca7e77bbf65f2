"""Models in one `.gguf` file, as llama.cpp and Ollama use them: what stands at its head.

transformers makes plain weights of the quantised ones; nothing in such a file is run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError

SUFFIX = ".gguf"


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHead:
    """What a file says of its model."""

    architecture: str
    chat_template: str | None


def check_gguf(file: Path) -> None:
    """Refuse a file that isn't a whole model's, from its first bytes.

    Raises:
        ModelError: one line with the fix.
    """
    with file.open("rb") as stream:
        start = stream.read(8)
    if start == b"version ":
        raise ModelError(f"{shown(file)} is a Git LFS pointer, not weights; run: git lfs pull")
    if start[:4] != b"GGUF":
        raise ModelError(f"{shown(file)} isn't GGUF, or is cut off; copy it again")
    if "-of-0" in file.stem:
        raise ModelError(
            f"{shown(file)} is one of several parts; merge them with llama.cpp's llama-gguf-split"
        )


def read_head(file: Path) -> GgufHead:
    """Read what a file says of its model; needs the package `gguf`.

    Raises:
        ModelError: it can't be read.
    """
    from gguf import GGUFReader

    try:
        fields = GGUFReader(file).fields
        return GgufHead(
            architecture=str(_value(fields, "general.architecture")),
            chat_template=_value(fields, "tokenizer.chat_template"),
        )
    except (ValueError, IndexError, KeyError) as error:
        raise ModelError(f"{shown(file)} is damaged, or cut off; copy it again") from error


def _value(fields: Any, name: str) -> Any:
    return fields[name].contents() if name in fields else None
