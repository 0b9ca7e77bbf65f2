"""Models in one `.gguf` file, as llama.cpp and Ollama use them: what stands at its head.

transformers makes plain weights of the quantised ones; nothing in such a file is run. Format:
<https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
"""

import math
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.folder_config import refuse_absurd_sizes
from colloquia.models.local.safetensors_header import WeightsSize

SUFFIX = ".gguf"
MOST_ITEMS = 4_000_000  # of one list; the largest vocabularies and their merges have a fifth of it
MOST_ALIGNMENT = 65_536
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_LONGEST_NAME, _MOST_DIMENSIONS = 500, 8
_LEAST_VALUE, _LEAST_TENSOR = 13, 24  # bytes that one takes at the least


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHead:
    """What a file says of its model."""

    architecture: str
    chat_template: str | None
    weights: WeightsSize


class _DamagedError(Exception):
    """What stands there isn't GGUF."""


def read_head(file: Path) -> GgufHead:
    """Read what a file says of its model; its weights aren't read.

    Raises:
        ModelError: it isn't a whole model's, or claims what can't be; one line with the fix.
    """
    with file.open("rb") as stream:
        start = stream.read(8)
        if start == b"version ":
            raise ModelError(f"{shown(file)} is a Git LFS pointer, not weights; run: git lfs pull")
        if start[:4] != b"GGUF":
            raise ModelError(f"{shown(file)} isn't GGUF, or is cut off; copy it again")
        if "-of-0" in file.stem:
            raise ModelError(
                f"{shown(file)} is one of several parts; merge them with llama.cpp's "
                "llama-gguf-split"
            )
        stream.seek(4)
        try:
            values, weights = _Reader(stream, size=file.stat().st_size).head()
            architecture, template = _said(values)
        except (_DamagedError, UnicodeDecodeError) as error:
            raise ModelError(f"{shown(file)} is damaged, or cut off; copy it again") from error
    alignment = values.get("general.alignment", 32)
    if type(alignment) is not int or alignment.bit_count() != 1 or alignment > MOST_ALIGNMENT:
        raise ModelError(
            f"{shown(file)} has an alignment of {shown(alignment)[:40]}; copy it again"
        )
    sizes = {
        _plain_name(name.removeprefix(f"{architecture}.")): value
        for name, value in values.items()
        if name.startswith(f"{architecture}.")
    }
    refuse_absurd_sizes(sizes, weights, file=file)
    return GgufHead(architecture=architecture, chat_template=template, weights=weights)


def _plain_name(name: str) -> str:
    """Return a setting's name without the dots that part it."""
    return name.replace(".", "_")


def _said(values: dict[str, Any]) -> tuple[str, str | None]:
    architecture = values.get("general.architecture")
    template = values.get("tokenizer.chat_template")
    if not isinstance(architecture, str) or not re.fullmatch(r"[\w.-]{1,100}", architecture):
        raise _DamagedError
    if not isinstance(template, str | None):
        raise _DamagedError
    return architecture, template


class _Reader:
    """Reads a head from its second field on; nothing is taken that the file can't hold."""

    def __init__(self, stream: BinaryIO, *, size: int) -> None:
        self._stream, self._size = stream, size

    def head(self) -> tuple[dict[str, Any], WeightsSize]:
        """Return its single values by their names, and how much its tensors hold."""
        version, tensors, count = self._numbers("IQQ")
        left = self._size - self._stream.tell()
        if version not in _VERSIONS or count * _LEAST_VALUE + tensors * _LEAST_TENSOR > left:
            raise _DamagedError
        values: dict[str, Any] = {}
        for _ in range(count):
            name = self._text()
            if name in values:
                raise _DamagedError
            values[name] = self._value(self._numbers("I")[0])
        return values, self._weights(tensors)

    def _weights(self, count: int) -> WeightsSize:
        names: set[str] = set()
        numbers = largest = 0
        for _ in range(count):
            names.add(self._text(_LONGEST_NAME))
            (dimensions,) = self._numbers("I")
            if dimensions > _MOST_DIMENSIONS:
                raise _DamagedError
            *shape, _, offset = self._numbers(f"{dimensions}QIQ")
            numbers += math.prod(shape)
            largest = max([largest, *shape])
            if offset > self._size:
                raise _DamagedError
        if len(names) < count or numbers > 8 * self._size:  # no kind takes less than a bit
            raise _DamagedError
        return WeightsSize(tensors=count, numbers=numbers, largest=largest)

    def _value(self, kind: int) -> Any:
        """Return a single value; a list is passed over."""
        if kind in _NUMBERS:
            return self._numbers(_NUMBERS[kind])[0]
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            self._pass_list(*self._numbers("IQ"))
            return None
        raise _DamagedError

    def _pass_list(self, kind: int, count: int) -> None:
        if count > MOST_ITEMS:
            raise _DamagedError
        if kind in _NUMBERS:
            self._pass(count * struct.calcsize(f"<{_NUMBERS[kind]}"))
        elif kind == _STRING:
            for _ in range(count):
                self._pass(self._numbers("Q")[0])
        else:
            raise _DamagedError

    def _text(self, most: int | None = None) -> str:
        (length,) = self._numbers("Q")
        if most is not None and length > most:
            raise _DamagedError
        return self._take(length).decode()

    def _numbers(self, form: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{form}", self._take(struct.calcsize(f"<{form}")))

    def _take(self, count: int) -> bytes:
        if count > self._size - self._stream.tell():
            raise _DamagedError
        return self._stream.read(count)

    def _pass(self, count: int) -> None:
        if count > self._size - self._stream.tell():
            raise _DamagedError
        self._stream.seek(count, 1)
