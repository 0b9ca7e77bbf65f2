"""Text from outside, cleaned once at the edge, and made safe to show."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS},}}")  # or others that make no words
_JOINER = "\u034f"  # combining grapheme joiner: shows nothing, and marks aren't sorted across it


# Controls; what Unicode lets programs leave undrawn (Default_Ignorable_Code_Point); separators of
# lines, surrogates, private use and annotations.
_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    r"\U000f0000-\U0010ffff"
)
_WRITES_WITH_JOINERS = r"[\u0600-\u109f\u1700-\u17ff\u1a20-\u1aaf]"  # Arabic, Indic, Khmer, …
_PICTURE = r"[\u2190-\u2bff\U0001f000-\U0001faff]"
_MEANT = (
    rf"(?<={_WRITES_WITH_JOINERS})[\u200c\u200d](?={_WRITES_WITH_JOINERS})"
    rf"|(?:(?<={_PICTURE})|(?<=\ufe0f))\u200d(?={_PICTURE})"  # a woman and a rocket: an astronaut
    rf"|(?<=[^{_UNSEEN}\s])[\ufe00-\ufe0f]"  # one selector of a variant
    r"|(?<=[\u3400-\u9fff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"  # of a name's character
)
#: What commands a terminal or isn't seen: escape sequences move the cursor or rename the window,
#: overrides show words in another order, tags hold whole sentences. Group 1 where it is meant so:
#: joiners in scripts that need them and in emoji, a letter's or picture's variant.
HIDDEN = re.compile(f"({_MEANT})|[{_UNSEEN}]")


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


def printable(text: str) -> str:
    """Return the text with what commands a terminal, or isn't seen, as its escape."""
    if text.isascii() and text.isprintable():
        return text
    return HIDDEN.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(hidden: re.Match[str]) -> str:
    return hidden[1] or ascii(hidden[0])[1:-1]


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


def unprefixed(message: str) -> str:
    """Return a message without the words that pydantic puts before those of a validator."""
    return message.replace("Value error, ", "", 1)


class KeyTwiceError(ValueError):
    """A key stands twice in a JSON object: who reads it next may take the other value."""

    def __init__(self, key: str) -> None:
        super().__init__(f"key {brief(key)} is given twice")
        self.key = key


def each_key_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; json alone would take the last of two values without a word.

    Raises:
        KeyTwiceError: names the first key that comes again.
    """
    fields = dict[str, Any]()
    for key, value in pairs:
        if key in fields:
            raise KeyTwiceError(key)
        fields[key] = value
    return fields


def refuse_constant(name: str) -> float:
    """Raise ValueError for NaN and Infinity, which Python reads as JSON and nobody else does."""
    raise ValueError(f"{name} is not JSON")
