"""Blocks put together as passages: a list with its lead-in, a table, a question with answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from colloquia.snippets.prose.blocks import PassOver, ProseBlock
from colloquia.snippets.prose.headings import CONTENTS_TITLES, Sections
from colloquia.snippets.prose.lists import are_fragments, list_text
from colloquia.snippets.prose.tables import table_text
from colloquia.snippets.prose.turns import with_talks

LONGEST_GROUP = 3_000  # characters of a list or table; what follows is the next passage
LONGEST_NEST = 30_000  # characters of an item with all that is below it


@dataclass(frozen=True, slots=True, kw_only=True)
class ProsePassage:
    """A passage to ask questions about, the line it starts on, and the heading above it."""

    line: int
    text: str
    length: int
    """In characters; more than the text has where the rest wasn't kept."""
    title: str | None = None
    section: str = ""
    """The number of the heading, "" where it has none."""


def passages(blocks: Iterable[ProseBlock], *, pass_over: PassOver) -> Iterator[ProsePassage]:
    """Yield passages under their headings.

    Args:
        blocks: of a file.
        pass_over: told of each thing that isn't a passage.
    """
    composer = _Composer(pass_over=pass_over)
    for block in with_talks(blocks):
        yield from composer.take(block)
    yield from composer.close()


@dataclass(slots=True, kw_only=True)
class _Composer:
    pass_over: PassOver
    title: str = ""
    section: str = ""
    sections: Sections = field(default_factory=Sections)
    group: list[ProseBlock] = field(default_factory=list)
    """What makes the next passage: perhaps a lead-in, then blocks of one kind."""
    held: int = 0
    """Characters of these."""

    def take(self, block: ProseBlock) -> Iterator[ProsePassage]:
        if block.kind == "passed":
            self.pass_over(block.mark)
            return
        if not self._belongs(block):
            kept = self._kept_for(block)
            yield from self.close()
            self.group, self.held = kept, sum(held.length for held in kept)
        if block.kind == "heading":
            self.section, self.title = self.sections.split(block.text)
        else:
            self.group.append(block)
            self.held += block.length

    def close(self) -> Iterator[ProsePassage]:
        """Yield the passage collected so far."""
        group, self.group = self.group, []
        if not group:
            return
        if self.title.casefold() in CONTENTS_TITLES and group[-1].kind in ("item", "row"):
            self.pass_over("contents lines")
            return
        text = self._text(group)
        unkept = sum(max(0, block.length - len(block.text)) for block in group if block.text)
        length = len(text) + unkept
        yield ProsePassage(
            line=group[0].line,
            text=text,
            length=length,
            title=self.title or None,
            section=self.section,
        )

    def _belongs(self, block: ProseBlock) -> bool:
        if not self.group:
            return True
        last = self.group[-1]
        if last.kind == "paragraph":
            return block.kind in ("item", "head") and _leads_in(last, block)
        if block.kind == "item" == last.kind and not block.goes_on:
            top = block.depth <= self._first.depth + 1
            if top and bool(block.mark) != bool(self._first.mark):
                return False  # steps behind bullets are another list
        same = (last.kind, block.kind) in (("item", "item"), ("head", "row"), ("row", "row"))
        inside = block.goes_on or block.depth > self._first.depth
        return same and self.held + block.length <= (LONGEST_NEST if inside else LONGEST_GROUP)

    @property
    def _first(self) -> ProseBlock:
        return next(held for held in self.group if held.kind != "paragraph")

    def _kept_for(self, block: ProseBlock) -> list[ProseBlock]:
        """Return what stands above the next part of a list or table that is too long for one."""
        if block.kind == "row" or (block.kind == "item" and self.group[-1].kind == "item"):
            return [held for held in self.group if held.kind in ("paragraph", "head")]
        return []

    def _text(self, group: Sequence[ProseBlock]) -> str:
        lead = group[0].text if group[0].kind == "paragraph" else ""
        rest = group[1:] if lead else group
        if not rest:
            return lead
        if rest[0].kind == "item":
            return list_text(lead or self.title * are_fragments(rest), rest)
        return table_text(lead, rest) if rest[0].kind == "head" else rest[0].text


def _leads_in(paragraph: ProseBlock, block: ProseBlock) -> bool:
    """Whether a paragraph announces the list or table below it."""
    return paragraph.text.endswith(":") or (
        block.kind == "item" and paragraph.text[-1:] not in '.!?…"”’)'
    )
