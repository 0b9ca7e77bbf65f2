"""YAML as people mean it: plain data with line numbers, and no way to run, loop or explode.

A document is built straight from the parser's events, so caps hold before anything grows: anchors,
aliases, tags, duplicate keys, control characters and a second document are refused. Plain words
are read by YAML 1.2 (`no`, `12:30`, `1_000`, `010` and `2024-05-01` stay text); each one that an
older reader would turn into something else is listed as a surprise, for linters to tell.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 20_000
MAX_DIGITS = 40  # longer numbers are mistakes, and Python reads them in quadratic time

KeyPath = tuple[str | int, ...]

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= {word: None for word in ("null", "Null", "NULL")}
_WORDS |= {word: True for word in ("true", "True", "TRUE")}
_WORDS |= {word: False for word in ("false", "False", "FALSE")}
_FIXES = {  # what the parser says -> what the writer can do
    "mapping values are not allowed": "put text that holds ': ' in quotes",
    "cannot start any token": "put text in quotes that starts with @, ` or %; indent with spaces",
    "expected <block end>": "line the entry up with its neighbours",
    "did not find expected key": "line the entry up with its neighbours, or close a quote",
    "did not find expected ',' or": "close the bracket",
    "unexpected end of stream": "close the quote",
}
_SURPRISES = (
    (re.compile(r"yes|no|on|off", re.I), "a yes-or-no value"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "a number in base 60"),
    (re.compile(r"[-+]?0o?[0-7_]+"), "an octal number"),
    (re.compile(r"[-+]?(0[0-9]+|0b[01_]+|(0x)?[0-9a-fA-F]+_[0-9a-fA-F_.]*)"), "a number"),
    (re.compile(r"[-+]?\.(inf|nan)", re.I), "a number"),
    (re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?"), "a date"),
    (re.compile(r"<<|="), "an instruction to merge"),
)


class StrictYamlError(ValueError):
    """A document that can't be accepted; `str()` is one line, `file:line: what; the fix`."""

    def __init__(self, file: str, line: int | None, what: str) -> None:
        self.file = file
        self.line = line
        self.what = what
        super().__init__(f"{file}:{line}: {what}" if line else f"{file}: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The file that values were read from, and the line of each; all of these are equal.

    So values that keep theirs are equal where they say the same.
    """

    file: str = field(default="", compare=False)
    lines: Mapping[KeyPath, int] = field(default_factory=dict, compare=False)

    def place(self, path: KeyPath) -> str:
        """Return `recipe.yaml:3: ` for a value that stands there, else nothing."""
        return f"{self.file}:{self.lines[path]}: " if path in self.lines else ""

    def without(self, paths: Iterable[KeyPath]) -> "Whereabouts":
        """Return the origin of values of which these were given from elsewhere."""
        gone = set(paths)
        kept = {path: line for path, line in self.lines.items() if path not in gone}
        return Whereabouts(file=self.file, lines=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML document as plain JSON values, with the line each of them stands on."""

    name: str
    data: Any
    surprises: tuple[tuple[int, str], ...] = ()
    """(line, text) of each plain word that other YAML readers don't take for text."""
    lines: dict[KeyPath, int] = field(default_factory=dict, repr=False)

    @property
    def origin(self) -> Whereabouts:
        """Where its values stand."""
        return Whereabouts(file=self.name, lines=self.lines)

    def line_of(self, path: KeyPath) -> int:
        """Return the 1-based line of a value by its path, or of its nearest known ancestor."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def load_yaml(source: Path | str, *, name: str | None = None, first_line: int = 1) -> Document:
    """Read one YAML document.

    Args:
        source: a file to read, or YAML text.
        name: what errors call the document; a file's own path by default.
        first_line: number of the text's first line, for YAML inside a larger file.

    Raises:
        StrictYamlError: a ValueError of one line that says where, what and how to mend it.
    """
    if isinstance(source, Path):
        name, text = name or str(source), read_text(source, name=name)
    else:
        name, text = name or "<yaml>", source
    text = _LINE_ENDS.sub("\n", text.removeprefix("\ufeff"))
    if len(text) > MAX_BYTES:
        raise StrictYamlError(name, None, f"larger than {MAX_BYTES:,} bytes; split it")
    if control := _UNPRINTABLE.search(text):
        line = first_line + text.count("\n", 0, control.start())
        raise StrictYamlError(name, line, f"control character {control[0]!r}; delete it")
    try:
        return _Builder(name, first_line).build(yaml.parse(text, Loader=_PARSER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        what = " ".join(str(error.problem or error.context).split())
        fix = next((fix for sign, fix in _FIXES.items() if sign in what), "mend this line")
        raise StrictYamlError(name, line, f"not valid YAML: {what}; {fix}") from error
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        raise StrictYamlError(name, first_line, f"not valid YAML: {what}; mend it") from error


def read_text(path: Path, *, name: str | None = None, limit: int = MAX_BYTES) -> str:
    """Return a small UTF-8 file's text.

    Raises:
        StrictYamlError: it is missing, not a file, too large or not UTF-8.
    """
    name = name or str(path)
    try:
        if path.is_dir():
            raise StrictYamlError(name, None, "is a folder; name a file in it")
        if path.exists() and not path.is_file():
            raise StrictYamlError(name, None, "is not a plain file; name one that is")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError as error:
        raise StrictYamlError(name, None, "no such file; check the path") from error
    except (OSError, ValueError) as error:
        if isinstance(error, StrictYamlError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise StrictYamlError(name, None, f"can't be read ({reason}); check the path") from error
    if len(raw) > limit:
        raise StrictYamlError(name, None, f"larger than {limit:,} bytes; split it")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + raw.count(b"\n", 0, error.start)
        raise StrictYamlError(name, line, "not UTF-8; save the file as UTF-8") from error


@dataclass(slots=True)
class _OpenCollection:
    """A list or mapping that is being filled; `key` waits for its value."""

    path: KeyPath
    items: dict[str, Any] | list[Any]
    key: str | None = None


class _Builder:
    """Builds plain values from parser events; its own stack, so depth costs no recursion."""

    def __init__(self, name: str, first_line: int) -> None:
        self._name = name
        self._first_line = first_line
        self._stack: list[_OpenCollection] = []
        self._root: list[Any] = []
        self._lines: dict[KeyPath, int] = {}
        self._surprises: list[tuple[int, str]] = []
        self._nodes = 0

    def build(self, events: Iterator[yaml.Event]) -> Document:
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                self._refuse_unsafe(event)
            if isinstance(event, yaml.ScalarEvent):
                self._add_scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._begin_collection(event, {})
            elif isinstance(event, yaml.SequenceStartEvent):
                self._begin_collection(event, [])
            elif isinstance(event, yaml.CollectionEndEvent):
                self._stack.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and self._root:
                raise self._error(event, "a second document; keep one document per file")
        if not self._root or self._root[0] is None:
            raise StrictYamlError(self._name, self._first_line, "empty; write at least one setting")
        return Document(
            name=self._name,
            data=self._root[0],
            surprises=tuple(self._surprises),
            lines=self._lines,
        )

    def _refuse_unsafe(self, event: yaml.NodeEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._error(event, f"more than {MAX_NODES:,} values; split the file")
        if isinstance(event, yaml.AliasEvent):
            raise self._error(event, f"alias *{event.anchor} is not allowed; write the value out")
        if event.anchor is not None:
            raise self._error(event, f"anchor &{event.anchor} is not allowed; delete it")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise self._error(event, f"tag {event.tag!r} is not allowed; write a plain value")

    def _begin_collection(self, event: yaml.NodeEvent, items: dict[str, Any] | list[Any]) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(event, f"nested deeper than {MAX_DEPTH} levels; flatten it")
        self._stack.append(_OpenCollection(self._add_value(event, items), items))

    def _add_scalar(self, event: yaml.ScalarEvent) -> None:
        if control := _UNPRINTABLE.search(event.value):
            raise self._error(event, f"escape for control character {control[0]!r}; delete it")
        value = self._read_word(event) if event.implicit[0] else event.value
        parent = self._stack[-1] if self._stack else None
        if parent and isinstance(parent.items, dict) and parent.key is None:
            self._begin_entry(event, parent, parent.items, value)
        else:
            self._add_value(event, value)

    def _begin_entry(
        self, event: yaml.ScalarEvent, parent: _OpenCollection, items: dict[str, Any], key: Any
    ) -> None:
        if not isinstance(key, str):
            raise self._error(event, f"key {event.value!r} is not text; put it in quotes")
        if key in items:
            raise self._error(event, f"key {key!r} is given twice; keep one of them")
        parent.key = key
        self._lines[(*parent.path, key)] = self._line_of(event)

    def _add_value(self, event: yaml.Event, value: Any) -> KeyPath:
        """Put a value where it belongs and return its path."""
        if not self._stack:
            self._root.append(value)
            self._lines[()] = self._line_of(event)
            return ()
        parent = self._stack[-1]
        if isinstance(parent.items, list):
            path = (*parent.path, len(parent.items))
            parent.items.append(value)
            self._lines[path] = self._line_of(event)
            return path
        if parent.key is None:
            raise self._error(event, "a list or mapping can't be a key; use a word")
        path, parent.items[parent.key] = (*parent.path, parent.key), value
        parent.key = None
        return path

    def _read_word(self, event: yaml.ScalarEvent) -> Any:
        """Read an unquoted word by the YAML 1.2 core schema."""
        word: str = event.value
        if word in _WORDS:
            return _WORDS[word]
        if _INTEGER.fullmatch(word) or _FLOAT.fullmatch(word):
            return self._read_number(event, word)
        if any(pattern.fullmatch(word) for pattern, _ in _SURPRISES):
            self._surprises.append((self._line_of(event), word))
        return word

    def _read_number(self, event: yaml.ScalarEvent, word: str) -> int | float:
        if len(word) > MAX_DIGITS:
            raise self._error(event, f"a number of {len(word)} characters; shorten or quote it")
        if _INTEGER.fullmatch(word):
            return int(word, 0)
        value = float(word)
        if not math.isfinite(value):
            raise self._error(event, f"{word} is too large for a number; shorten or quote it")
        return value

    def _line_of(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return self._first_line + (mark.line if mark else 0)

    def _error(self, event: yaml.Event, what: str) -> StrictYamlError:
        return StrictYamlError(self._name, self._line_of(event), what)


def meaning_elsewhere(word: str) -> str:
    """Return what an older YAML reader takes a surprising word for, e.g. `a date`."""
    return next((what for pattern, what in _SURPRISES if pattern.fullmatch(word)), "something else")
