"""Lines of an export that anyone may have written: how long they may be, and what they hold."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from colloquia.core.text import each_key_once, refuse_constant

MOST_BYTES = 2**24  # of one line; the longest dialogue has a hundredth


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, ends included; never more than `MOST_BYTES` + 1 at a time.

    A longer line comes as one of that length and is the last.
    """
    while line := stream.readline(MOST_BYTES + 1):
        yield line
        if len(line) > MOST_BYTES:
            return


def parse_line(data: bytes) -> Any:
    """Return what a line holds.

    Raises:
        ValueError: it is no JSON, or readers would take it for different things.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"the line is longer than {MOST_BYTES:,} bytes")
    try:
        return json.loads(data, object_pairs_hook=each_key_once, parse_constant=refuse_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
