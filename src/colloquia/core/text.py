"""Text from outside: read in bounded lines, decoded strictly, and cleaned once at the edge.

A decoding error stops the read instead of skipping the line: in a file of another encoding the
lines with accents fail and the plain ones pass, so skipping would bend the data unseen.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import SnippetError

MAX_LINE_BYTES = 16 * 1024 * 1024  # far above any passage; a longer line is a file of another kind
MAX_LEVELS = 32  # nobody reads metadata that deep, and parsers give up at different depths

# Whole escape sequences first, so that `ESC[31m` doesn't leave `[31m` behind.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")  # tab and newline stay
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_MOST_MARKS = 30  # on one letter: no language comes near, and sorting more takes quadratic time
_MARKS = re.compile(
    rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS},}}"
)  # candidates; marks are no word characters
_JOINER = "\u034f"  # combining grapheme joiner: shows nothing, and marks aren't sorted across it


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line of a file with its number, from 1; the line end is still on it."""

    number: int
    text: str


def clean_text(text: str) -> str:
    """Return text in NFC, without control characters, escape sequences or outer white space.

    Lone surrogates become U+FFFD: they can't be written as UTF-8. Long runs of combining marks are
    parted.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _LINE_ENDS.sub("\n", _ESCAPES.sub("", text))
    text = without_surrogates(_CONTROLS.sub("", text))
    return unicodedata.normalize("NFC", with_parted_marks(text)).strip()


def with_parted_marks(text: str) -> str:
    """Return text with a joiner after each 30 combining marks in a row (UAX #15, section 13).

    Such a stream-safe text is normalised in linear time, in any of the four forms.
    """
    return _MARKS.sub(_parted, text)


def _parted(found: re.Match[str]) -> str:
    parted, marks = [], 0
    for char in found[0]:
        letters = unicodedata.normalize("NFKD", char)
        marks = marks + len(letters) if unicodedata.combining(letters[0]) else 0
        if marks > _MOST_MARKS:
            parted.append(_JOINER)
            marks = len(letters)
        parted.append(char)
    return "".join(parted)


def without_surrogates(text: str) -> str:
    """Return text with lone surrogates, which UTF-8 can't hold, as U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def writable(text: str) -> str:
    """Return text with what no database holds, NUL and lone surrogates, as U+FFFD, one for one."""
    if text.isascii() and "\0" not in text:  # nearly every text; this costs no look at each letter
        return text
    return _UNWRITABLE.sub("\ufffd", text)


def clean_value(value: Any, *, levels: int = MAX_LEVELS) -> Any:
    """Return plain JSON with every string in it cleaned, keys too.

    Raises:
        ValueError: it is nested deeper than `levels`.
    """
    if not levels:
        raise ValueError("nested too deeply")
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {
                clean_text(str(key)): clean_value(item, levels=levels - 1)
                for key, item in value.items()
            }
        case list():
            return [clean_value(item, levels=levels - 1) for item in value]
        case _:
            return value


def shown(name: object) -> str:
    """Return a name that fits on one line of a terminal, whatever is in it."""
    return "".join(char if char.isprintable() else "\ufffd" for char in str(name))


def brief(text: str, most: int = 60) -> str:
    """Return a text in quotes on one line, cut to at most so many characters."""
    line = shown(" ".join(text.split()))
    return repr(line if len(line) <= most else f"{line[: most - 1].rstrip()}…")


def in_words(reasons: Mapping[str, int]) -> str:
    """Return `ungrounded 3, unhelpful 1`, the most frequent first."""
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {number:,}" for reason, number in ranked)


def read_lines(file: Path) -> Iterator[TextLine]:
    """Yield the lines of a UTF-8 file in constant memory; a byte order mark is dropped.

    Raises:
        SnippetError: another encoding, or a line above 16 MB, which isn't read any further.
    """
    with file.open("rb") as stream:
        number = 0
        while data := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                _refuse_utf16(file, data)
                data = data.removeprefix(b"\xef\xbb\xbf")
            if len(data) > MAX_LINE_BYTES:
                raise SnippetError(
                    f"{shown(file)}:{number}: a line of more than 16 MB; "
                    "put one snippet on a line, each of at most 20,000 characters"
                )
            yield TextLine(number=number, text=_decoded(file, number, data))


def _decoded(file: Path, number: int, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SnippetError(
            f"{shown(file)}:{number}: not UTF-8 (byte 0x{data[error.start]:02x} at position "
            f"{error.start + 1} of the line); convert the file, for example: "
            f"iconv -f WINDOWS-1252 -t UTF-8 {shown(file.name)} > utf8-{shown(file.name)}"
        ) from error


def _refuse_utf16(file: Path, start: bytes) -> None:
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        encoding = "UTF-32"
    elif start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "UTF-16"
    elif (without_mark := _utf16_by_zeros(start[:400])) is not None:
        encoding = without_mark
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


def unprefixed(message: str) -> str:
    """Return a message without the words that pydantic puts before those of a validator."""
    return message.replace("Value error, ", "", 1)
