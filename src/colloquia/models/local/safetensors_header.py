"""What the header of a safetensors file promises, held against the file's size.

Format: <https://huggingface.co/docs/safetensors>: 8 bytes with the header's length, the header in
JSON, then the tensors one after another without a gap.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.text import shown
from colloquia.models.faults.errors import ModelError
from colloquia.models.local.folder_files import LARGEST_INDEX, parsed

MOST_DIMENSIONS = 16
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsSize:
    """How much a model's files hold."""

    tensors: int = 0
    numbers: int = 0
    """In all tensors together."""
    largest: int = 0
    """Longest dimension of any tensor."""

    def __add__(self, other: "WeightsSize") -> "WeightsSize":
        """Return what two files hold together."""
        return WeightsSize(
            tensors=self.tensors + other.tensors,
            numbers=self.numbers + other.numbers,
            largest=max(self.largest, other.largest),
        )


def read_header(file: Path) -> WeightsSize:
    """Return what a file holds; its tensors aren't read.

    Raises:
        ModelError: it is cut off, or promises what can't be; copies and downloads get cut off.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        if start == b"version ":
            raise ModelError(f"{shown(file)} is a Git LFS pointer, not weights; run: git lfs pull")
        header_bytes = int.from_bytes(start, "little")
        if len(start) < 8 or not 2 <= header_bytes <= min(size - 8, LARGEST_INDEX):
            raise ModelError(f"{shown(file)} isn't safetensors, or is cut off; copy it again")
        header = parsed(stream.read(header_bytes), file)
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    try:
        shapes, end = _laid_out(tensors)
    except (TypeError, KeyError, ValueError) as error:
        raise ModelError(f"{shown(file)} isn't safetensors; copy it again") from error
    if size != 8 + header_bytes + end:
        raise ModelError(
            f"{shown(file)} has {size:,} bytes and should have {8 + header_bytes + end:,}; "
            "copy it again"
        )
    return WeightsSize(
        tensors=len(shapes),
        numbers=sum(map(math.prod, shapes)),
        largest=max((length for shape in shapes for length in shape), default=0),
    )


def _laid_out(tensors: dict[str, Any]) -> tuple[list[list[int]], int]:
    """Return all shapes and where the last tensor ends; each begins where one ends."""
    shapes, end = [], 0
    for entry in sorted(tensors.values(), key=lambda entry: entry["data_offsets"]):
        shape, (begin, after) = entry["shape"], entry["data_offsets"]
        whole = [n for n in (*shape, begin, after) if type(n) is int and 0 <= n < 2**63]
        if len(whole) != len(shape) + 2 or len(shape) > MOST_DIMENSIONS:
            raise ValueError("a shape or an offset")
        bits = math.prod(shape) * _BITS[entry["dtype"]]
        if begin != end or (after - begin) * 8 != bits:
            raise ValueError("a gap, or one tensor over another")
        shapes.append(shape)
        end = after
    return shapes, end
