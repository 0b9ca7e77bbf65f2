"""What became of a source: counts that add up, and the places of what can't be used."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from colloquia.core.hashing import content_id
from colloquia.core.types import Snippet

MAX_PROBLEMS = 20


@dataclass(slots=True)
class _NamedTexts:
    """Which id came with which text, and where: 32 bytes for each snippet that has an id."""

    ids: "array[int]" = field(default_factory=lambda: array("Q"))
    texts: "array[int]" = field(default_factory=lambda: array("Q"))
    files: "array[int]" = field(default_factory=lambda: array("Q"))
    lines: "array[int]" = field(default_factory=lambda: array("Q"))
    names: dict[str, int] = field(default_factory=dict)

    def add(self, snippet: Snippet, where: str) -> None:
        assert snippet.external_id is not None
        file, _, line = where.removesuffix("]").rpartition("[" if where[-1:] == "]" else ":")
        self.ids.append(_bits(content_id("id", snippet.external_id)))
        self.texts.append(_bits(snippet.id))
        self.files.append(self.names.setdefault(file, len(self.names)))
        self.lines.append(int(line) if line.isdecimal() else 0)

    def clashes(self) -> Iterator[tuple[str, str]]:
        """Yield two places with one id and two texts, for each id that has several."""
        order = sorted(range(len(self.ids)), key=lambda n: (self.ids[n], n))
        told = None
        for first, second in pairwise(order):
            same = self.ids[first] == self.ids[second] != told
            if same and self.texts[first] != self.texts[second]:
                told = self.ids[first]
                yield self._place(first), self._place(second)

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
    _seen: "array[int]" = field(default_factory=lambda: array("Q"), repr=False)
    """64 bits of each snippet's id."""
    _named: _NamedTexts = field(default_factory=_NamedTexts, repr=False)

    @property
    def distinct(self) -> int:
        """Different snippets among those handed out."""
        return len(set(self._seen))

    @property
    def skipped(self) -> int:
        """How much was passed over."""
        return self.passed_over.total()

    def clashes(self) -> tuple[str, ...]:
        """Return where one id came with two texts, a line for each such id."""
        return tuple(
            f"{second}: the id of {first}, with another text"
            for first, second in self._named.clashes()
        )

    def add(self, snippet: Snippet, where: str) -> None:
        """Count a snippet that is handed out."""
        self.read += 1
        self._seen.append(_bits(snippet.id))
        if snippet.external_id is not None:
            self._named.add(snippet, where)

    def lookup(self) -> Callable[[str], bool]:
        """Return what tells whether a snippet, by its id, was among those handed out."""
        known = array("Q", sorted(self._seen))

        def holds(snippet_id: str) -> bool:
            bits = _bits(snippet_id)
            place = bisect_left(known, bits)
            return place < len(known) and known[place] == bits

        return holds

    def add_bad(self, where: str, reason: str) -> None:
        """Count a bad line, and list it while there is room."""
        self.bad += 1
        if len(self.problems) < self.max_problems:
            self.problems.append(f"{where}: {reason}")

    def pass_over(self, what: str) -> None:
        """Count something that isn't meant as a snippet."""
        self.passed_over[what] += 1


def _bits(content: str) -> int:
    return int(content.rpartition("_")[2][:16], 16)
