"""Keys never leave: every text that goes out (errors, logs, rows) passes through here.

Built from the keys' actual values: a pattern would miss keys that look like nothing, and blot out
texts that look like keys. A key goes as a whole, as it is or encoded. Of one that looks drawn by
lot its pieces go too, whatever their case, however escaped, and with whatever between them.
"""

import base64
import html
import logging
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SHORTEST = 6  # a "key" of five letters, such as `none`, would blot out ordinary words
PIECE = 8  # characters of a key that tell something about it
SHORTEST_DRAWN = 12  # characters of a key whose pieces are looked for
SHOWN = "[key]"


class Redactor:
    """Replaces every key it has learnt."""

    def __init__(self) -> None:
        """Begin with no keys."""
        self._forms: tuple[str, ...] = ()
        self._pieces: frozenset[str] = frozenset()

    def learn(self, key: str | None) -> None:
        """Remember a key; None and placeholders are ignored."""
        if key and len(key) >= SHORTEST:
            # Longest first: a form that holds another must not be left in pieces.
            self._forms = tuple(sorted({*self._forms, *_forms(key)}, key=len, reverse=True))
            if len(key) >= SHORTEST_DRAWN and any(char.isdigit() for char in key):
                both_ways = _forms(key) | _forms(key[::-1])
                self._pieces = self._pieces.union(*map(_pieces, both_ways))

    def __call__(self, text: str) -> str:
        """Return the text without keys."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, SHOWN)
        return self._without_pieces(text) if self._pieces else text

    def _without_pieces(self, text: str) -> str:
        shown, done = [], 0
        for start, end in _joined(sorted(self._found(text))):
            shown += [text[done:start], SHOWN]
            done = end
        return "".join([*shown, text[done:]])

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield from where to where a piece reaches; in time linear in the text."""
        read, starts = _read(text)
        telling = [place for place, char in enumerate(read) if char.isalnum()]
        for seen, places in (
            (read, range(len(read))),
            ("".join([read[place] for place in telling]), telling),
        ):
            for first in range(len(seen) - PIECE + 1):
                if seen[first : first + PIECE] in self._pieces:
                    yield starts[places[first]], starts[places[first + PIECE - 1] + 1]


class RedactingFilter(logging.Filter):
    """Cleans log records, whoever writes them; put it on handlers and on foreign loggers."""

    def __init__(self, redact: Redactor) -> None:
        """Clean with this redactor."""
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite message and traceback; the record itself always passes."""
        record.msg, record.args = self._redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        record.exc_text = record.exc_text and self._redact(record.exc_text)
        record.stack_info = record.stack_info and self._redact(record.stack_info)
        return True


def _forms(key: str) -> set[str]:
    raw = key.encode()
    wide = key.encode("utf-16-le")
    forms = {key, quote(key, safe=""), quote_plus(key), key.replace("\\", "\\\\")}
    forms |= {raw.hex(), wide.hex(), "".join(map(str, raw)), "".join(f"{byte:03o}" for byte in raw)}
    # In base64 a key may start at any of three places, e.g. behind `user:`, in base32 at any of
    # five; its inner part is the same each time, whatever surrounds it.
    for skip in range(5):
        forms.add(base64.b32encode(raw[skip:]).decode().rstrip("=")[:-1])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for content in (raw, wide, encode(raw)):
            forms.add(encode(content).decode().rstrip("="))
            for skip in (1, 2):
                inner = encode(content[skip:]).decode().rstrip("=")[:-1]
                forms.add(inner)
    return {form for form in forms if len(form) >= SHORTEST}


def _pieces(form: str) -> Iterator[str]:
    """Yield what betrays a form, read both ways: as it is, and without what isn't alphanumeric.

    A piece of nothing but letters of one case may be a word.
    """
    for way in (form, form[::-1]):
        bare = "".join(char for char in way if char.isalnum())
        for piece in _of_length(way):
            if not (piece.isalpha() and (piece.islower() or piece.isupper() or piece.istitle())):
                yield piece.lower()
        for piece in _of_length(bare):
            if any(char.isdigit() for char in piece):
                yield piece.lower()


def _of_length(text: str) -> Iterator[str]:
    return (text[first : first + PIECE] for first in range(len(text) - PIECE + 1))


def _read(text: str) -> tuple[str, list[int]]:
    """Return a text with its escapes undone and in one case, and where each character begins."""
    read, starts = text, list(range(len(text) + 1))
    for _ in range(ESCAPED_MOST):
        if not _ESCAPE.search(read):
            break
        atoms = list(_ATOM.finditer(read))
        starts = [*(starts[atom.start()] for atom in atoms), starts[-1]]
        read = "".join([_plain(atom[0]) for atom in atoms])
    return "".join([_folded(char) for char in read]), starts


def _plain(atom: str) -> str:
    """Return the character that an escape stands for; itself if it is none."""
    if len(atom) == 1:
        return atom
    digits = re.search(r"[0-9a-fA-F]{2,8}", atom)
    if atom[0] == "<":
        return " "
    if atom[0] == "&":
        return html.unescape(atom.lower())
    if digits and atom[1] in _HEXADECIMAL:
        return chr(min(int(digits[0], 16), 0x10FFFF))
    return atom[1] if atom[1] not in "nrt" else " "


def _folded(char: str) -> str:
    if char.isascii():
        return char.lower()
    if "\U000e0020" <= char <= "\U000e007e":  # tags: ASCII that nobody sees
        return chr(ord(char) - 0xE0000).lower()
    plain = unicodedata.normalize("NFKC", char).lower()  # wide letters and the like
    return plain if len(plain) == 1 else char


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans, those that touch as one."""
    begun: tuple[int, int] | None = None
    for start, end in spans:
        if begun is None or start > begun[1]:
            if begun is not None:
                yield begun
            begun = (start, end)
        else:
            begun = (begun[0], max(end, begun[1]))
    if begun is not None:
        yield begun


ESCAPED_MOST = 3  # times: an error inside an error's JSON, in a page
_ESCAPE = re.compile(
    r"%[0-9a-f]{2}|0x[0-9a-f]{2}(?![0-9a-z])|(?-i:\\U000)[0-9a-f]{5}|</?[a-z]{1,4}/?>"
    r"|\\u[0-9a-f]{4}|\\u\{[0-9a-f]{2,6}\}|\\x[0-9a-f]{2}|\\."
    r"|&#(?:\d{1,7}|x[0-9a-f]{1,6});|&(?:amp|apos|equals|gt|hyphen|lowbar|lt|nbsp|plus|quot|sol);",
    re.IGNORECASE,
)
_ATOM = re.compile(rf"{_ESCAPE.pattern}|.", re.IGNORECASE | re.DOTALL)
_HEXADECIMAL = "uUxX0123456789abcdefABCDEF"

#: The process's one redactor: keys are few, and no sink may miss one.
redact = Redactor()
