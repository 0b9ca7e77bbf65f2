"""The lines of a text file: bounded, decoded strictly, whatever ends them.

A decoding error stops the read instead of skipping the line: in a file of another encoding the
lines with accents fail and the plain ones pass, so skipping would bend the data unseen.
"""

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from colloquia.core.errors import SnippetError
from colloquia.core.text import TextLine, shown
from colloquia.snippets.formats.other_kinds import how_to_get_text, is_binary

MAX_LINE_CHARS = 16 * 1024 * 1024  # far above any passage; a longer line is a file of another kind
HEAD_BYTES = 4096  # that tell what kind of file it is

_UNDECODED = re.compile("[\udc80-\udcff]")
#: Line ends within a line of a file: of a column, a page, EBCDIC, Unicode's line and paragraph.
_INNER_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")


def read_lines(file: Path) -> Iterator[TextLine]:
    r"""Yield the lines of a UTF-8 file in constant memory; a byte order mark is dropped.

    Lines end with `\n`, `\r\n` or `\r`, and are handed on with `\n`.

    Raises:
        SnippetError: no text, another encoding, or a line above 16 million characters, which isn't
            read any further.
    """
    with file.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        _refuse_other_kinds(file, head)
        stream.seek(0)
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape")
        number = 0
        while line := text.readline(MAX_LINE_CHARS + 1):
            number += 1
            if len(line) > MAX_LINE_CHARS:
                raise SnippetError(
                    f"{shown(file)}:{number}: a line of more than 16 million characters; "
                    "put one snippet on a line, each of at most 20,000 characters"
                )
            if not line.isascii() and (found := _UNDECODED.search(line)):
                raise _not_utf8(file, number, line, found)
            yield TextLine(number=number, text=line)


def lines_of_prose(lines: Iterable[TextLine]) -> Iterator[TextLine]:
    """Yield lines with those ends heeded that are no more than characters in JSON and CSV.

    A paragraph's end is a blank line; a new page beside the end of a line is no second one.
    """
    for line in lines:
        if _INNER_ENDS.search(line.text) is None:
            yield line
            continue
        text = line.text.replace("\x0c\n", "\n").lstrip("\x0c")
        for part in _INNER_ENDS.split(text.replace("\u2029", "\u2028\u2028")):
            yield TextLine(number=line.number, text=part)


def _not_utf8(file: Path, number: int, line: str, found: re.Match[str]) -> SnippetError:
    position = len(line[: found.start()].encode("utf-8", "surrogateescape")) + 1
    return SnippetError(
        f"{shown(file)}:{number}: not UTF-8 (byte 0x{ord(found[0]) - 0xDC00:02x} at position "
        f"{position} of the line); convert the file, for example: "
        f"iconv -f WINDOWS-1252 -t UTF-8 {shown(file.name)} > utf8-{shown(file.name)}"
    )


def _refuse_other_kinds(file: Path, start: bytes) -> None:
    if how_to := how_to_get_text(start, name=file.name):
        raise SnippetError(f"{shown(file)} is {how_to}")
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        encoding = "UTF-32"
    elif start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "UTF-16"
    elif (without_mark := _utf16_by_zeros(start[:400])) is not None:
        encoding = without_mark
    elif is_binary(start):
        raise SnippetError(f"{shown(file)} is binary data, not text; save it as UTF-8 text first")
    else:
        return
    raise SnippetError(
        f"{shown(file)}:1: this is {encoding}, not UTF-8; convert the file, for example: "
        f"iconv -f {encoding} -t UTF-8 {shown(file.name)} > utf8-{shown(file.name)}"
    )


def _utf16_by_zeros(start: bytes) -> str | None:
    """Tell UTF-16 without a mark: in most scripts one byte of two is nearly always the same."""
    first, second = start[::2].count(0), start[1::2].count(0)
    if second > len(start) // 4 and not first:
        return "UTF-16LE"
    return "UTF-16BE" if first > len(start) // 4 and not second else None
