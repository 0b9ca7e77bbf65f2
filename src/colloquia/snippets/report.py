"""What became of a source: counts that add up, and the places of what can't be used."""

import logging
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from colloquia.core.hashing import content_id
from colloquia.core.text import shown
from colloquia.core.types import Snippet

MAX_PROBLEMS = 20

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Places:
    """Which text and id stood where: 24 bytes for each snippet."""

    texts: "array[int]" = field(default_factory=lambda: array("Q"))
    """64 bits of each snippet's id, which is of its text."""
    ids: "array[int]" = field(default_factory=lambda: array("Q"))
    """64 bits of the id that it came with; 0 for none."""
    files: "array[int]" = field(default_factory=lambda: array("I"))
    lines: "array[int]" = field(default_factory=lambda: array("I"))
    names: dict[str, int] = field(default_factory=dict)

    def add(self, snippet: Snippet, where: str) -> None:
        given = snippet.external_id
        file, _, line = where.removesuffix("]").rpartition("[" if where[-1:] == "]" else ":")
        self.texts.append(_bits(snippet.id))
        self.ids.append(0 if given is None else _bits(content_id("id", given)))
        self.files.append(self.names.setdefault(file, len(self.names)))
        self.lines.append(int(line) if line.isdecimal() else 0)

    def clashes(self) -> Iterator[str]:
        """Yield where an id came with another text than before, for each id that has several."""
        told = 0
        for first, second in self._neighbours(self.ids):
            same = self.ids[first] == self.ids[second] not in (0, told)
            if same and self.texts[first] != self.texts[second]:
                told = self.ids[first]
                yield f"{self._place(second)}: the id of {self._place(first)}, with another text"

    def first_copy(self) -> str | None:
        """Return the first place with a text that came before, and where that was."""
        before = set[int]()
        for number, text in enumerate(self.texts):
            if text in before:
                first = self.texts.index(text)
                return f"{self._place(number)}: the text of {self._place(first)}"
            before.add(text)
        return None

    def _neighbours(self, values: "array[int]") -> Iterator[tuple[int, int]]:
        """Yield places side by side in the order of values."""
        return pairwise(sorted(range(len(values)), key=lambda n: (values[n], n)))

    def _place(self, number: int) -> str:
        file = list(self.names)[self.files[number]]
        line = self.lines[number]
        return f"{file}[{line}]" if file == "snippets" else f"{file}:{line}"


@dataclass(slots=True, kw_only=True)
class SnippetReport:
    """What became of a source's lines; counted up while the snippets are read."""

    read: int = 0
    """Snippets handed out."""
    bad: int = 0
    """Lines and passages that can't be used."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """What isn't meant as a snippet, by what it is: code, comments, images, other files."""
    problems: list[str] = field(default_factory=list)
    """The first bad ones, each as `file:line: reason`."""
    max_problems: int = MAX_PROBLEMS
    complete: bool = False
    """Whether the source was read to its end, rather than to a limit."""
    _places: _Places = field(default_factory=_Places, repr=False)

    @property
    def distinct(self) -> int:
        """Different snippets among those handed out."""
        return len(set(self._places.texts))

    @property
    def copies(self) -> int:
        """Snippets handed out whose text came before."""
        return self.read - self.distinct

    @property
    def skipped(self) -> int:
        """How much was passed over."""
        return self.passed_over.total()

    def clashes(self) -> tuple[str, ...]:
        """Return where one id came with two texts, a line for each such id."""
        return tuple(self._places.clashes())

    def first_copy(self) -> str | None:
        """Return where the first snippet stands that came before, and where that was."""
        return self._places.first_copy()

    def add(self, snippet: Snippet, where: str) -> None:
        """Count a snippet that is handed out."""
        self.read += 1
        self._places.add(snippet, where)

    def lookup(self) -> Callable[[str], bool]:
        """Return what tells whether a snippet, by its id, was among those handed out."""
        known = array("Q", sorted(self._places.texts))

        def holds(snippet_id: str) -> bool:
            bits = _bits(snippet_id)
            place = bisect_left(known, bits)
            return place < len(known) and known[place] == bits

        return holds

    def add_bad(self, where: str, reason: str) -> None:
        """Count a bad line, and list it while there is room; the log at level INFO has them all."""
        self.bad += 1
        log.info("%s: %s", where, reason)
        if len(self.problems) < self.max_problems:
            self.problems.append(f"{where}: {reason}")

    def pass_over(self, what: str, where: str | None = None) -> None:
        """Count something that isn't meant as a snippet; where it stood is for the log."""
        self.passed_over[what] += 1
        if where is not None:
            log.info("%s: passed over, %s", shown(where), what)


def _bits(content: str) -> int:
    return int(content.rpartition("_")[2][:16], 16)
