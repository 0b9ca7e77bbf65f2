"""Markdown as blocks; what isn't prose is passed over and named.

That is: front matter, code, comments, images, footnotes, link definitions, tables in HTML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from colloquia.core.text import TextLine
from colloquia.snippets.prose.blocks import Collector, Lines, ProseBlock
from colloquia.snippets.prose.headings import is_contents_line
from colloquia.snippets.prose.inline import images_and_comments, plain_inline
from colloquia.snippets.prose.line_reader import LineReader

FRONT_MATTER_LINES = 200  # a `---` that isn't closed by then is a rule, not front matter

_FENCE = re.compile(r"\s*(`{3,}+(?!.*`)|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}(?=\s|$)")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-{2,})\s*$")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_DEFINITION = re.compile(r"\s{0,3}\[[^\]^][^\]]*\]:\s+\S+(?:\s+[\"'(].*)?$")
_FOOTNOTE = re.compile(r"\s{0,3}\[\^[^\]]+\]:")
_QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+")
_COMMENTS = re.compile(r"(?:\s*<!--.*?-->)++\s*")
_CALLOUT = re.compile(r"\[![A-Za-z]{1,20}\]\s*$")
_HTML = re.compile(r"\s{0,3}<(table|pre|script|style|svg|math)\b", re.I)
_HTML_KINDS = {"table": "HTML tables", "svg": "images", "math": "formulas"}
_CONTENTS_ITEM = re.compile(
    r"\s*(?:[-*+]|\d{1,9}[.)])\s+\[[^\]]{1,300}\]\(#[^)]{0,300}\)\s*$|\s*\[{1,2}_?TOC_?\]{1,2}\s*$",
    re.I,
)


def markdown_blocks(lines: Lines, *, keep: int) -> Iterator[ProseBlock]:
    """Yield the blocks of Markdown, of each at most `keep` characters and one."""
    reader = _MarkdownReader(current=Collector(keep), plain=plain_inline, lists_interrupt=True)
    front, rest = _front_matter(iter(lines))
    if front:
        yield ProseBlock(kind="passed", line=1, mark="front matter")
    for line in rest:
        yield from reader.read_line(line)
    yield from reader.end_list()


@dataclass(slots=True, kw_only=True)
class _MarkdownReader(LineReader):
    inside: str = ""
    """What is being passed over: a fence's own marks, what ends it, `indented` or `footnote`."""
    code_margin: int = 0
    """Where the indented code that is passed over begins, in columns."""

    def read_line(self, line: TextLine) -> Iterator[ProseBlock]:
        text = line.text.rstrip()
        if self.inside:
            rest = self._passing_over(text)
            if rest is None:
                return
            text = rest
        text = _QUOTE.sub("", text, count=1)
        if not text.strip() or _CALLOUT.match(text.strip()):
            yield from self.blank_line()
        elif (what := self._opens(text)) is not None:
            if not (self.in_list and what == "code"):
                yield from self.end_list()
            yield from self.close()
            comments = _COMMENTS.match(text) if what == "comments" else None
            number = comments[0].count("<!--") if comments else 1
            yield from [ProseBlock(kind="passed", line=line.number, mark=what)] * number
            if comments and (behind := text[comments.end() :]):
                yield from self.read_line(replace(line, text=behind))
        else:
            yield from self._read_marked(line, text)

    def _read_marked(self, line: TextLine, text: str) -> Iterator[ProseBlock]:
        """Take a line that is a heading, a rule or prose."""
        current = self.current
        if (heading := _HEADING.match(text)) is not None:
            yield from self.end_list()
            words = text[heading.end() :].strip()
            if (bare := words.rstrip("#")) == "" or bare[-1].isspace():  # `# Mills #`
                words = bare.rstrip()
            yield ProseBlock(kind="heading", line=line.number, text=plain_inline(words))
        elif len(current.lines) == 1 and _UNDERLINE.match(text) and current.kind != "item":
            yield replace(
                current.close(plain_inline) or ProseBlock(kind="heading", line=0), kind="heading"
            )
        elif _RULE.match(text):
            yield from self.end_list()
        else:
            yield from self.read_prose(line, text.removesuffix("\\"))  # a hard line break

    def close(self) -> Iterator[ProseBlock]:
        """Yield what was collected, and what there was in it that can't be read."""
        unread = images_and_comments(" ".join(self.current.lines))
        start = self.current.start
        for block in LineReader.close(self):
            if block.text:
                yield block
            elif not any(unread.values()):  # a lone tag
                unread = {"lone tags": 1}
        for what, number in unread.items():
            yield from [ProseBlock(kind="passed", line=start, mark=what)] * number

    def _passing_over(self, text: str) -> str | None:
        """Return what is to be read of a line, None while nothing is."""
        match self.inside:
            case "footnote":
                ended, rest = not text.strip(), ""
            case "indented":
                ended, rest = bool(text.strip()) and _indent(text) < self.code_margin, text
            case "-->" | "</table>" | "</pre>" | "</script>" | "</style>" | "</svg>" | "</math>":
                _, end, rest = text.lower().partition(self.inside)
                ended, rest = bool(end), text[len(text) - len(rest) :]
            case fence:
                mark, rest = _QUOTE.sub("", text, count=1).strip(), ""
                ended = mark.startswith(fence) and not mark.strip(fence[0])
        if not ended:
            return None
        self.inside = ""
        return rest if rest.strip() or not text.strip() else None

    def _opens(self, text: str) -> str | None:
        """Return what begins here that is passed over, and remember what ends it."""
        if (fence := _FENCE.match(text)) is not None:
            self.inside = fence[1]
            return "code"
        if text.lstrip().startswith("<!--"):
            self.inside = "-->" if text.rfind("-->") < text.rfind("<!--") else ""
            return "comments"
        if (html := _HTML.match(text)) is not None:
            end = f"</{html[1].lower()}>"
            self.inside = "" if end in text.lower() else end
            return _HTML_KINDS.get(html[1].lower(), "code")
        if not self.current.length and _indent(text) >= self.margin + 4:
            self.inside, self.code_margin = "indented", self.margin + 4
            return "code"
        if _FOOTNOTE.match(text):
            self.inside = "footnote"
            return "footnotes"
        if _DEFINITION.match(text):
            return "link definitions"
        if _CONTENTS_ITEM.match(text) or is_contents_line(text):
            return "contents lines"
        return None


def _indent(text: str) -> int:
    """Return how many columns of white space a line begins with."""
    return len(text) - len(text.lstrip()) + 3 * text[:8].count("\t")


def _front_matter(lines: Iterator[TextLine]) -> tuple[bool, Iterator[TextLine]]:
    """Return whether there is front matter, and the lines behind it."""
    held: list[TextLine] = []
    for line in lines:
        held.append(line)
        if len(held) == 1 and line.text.strip() != "---":
            break
        if len(held) > 1 and line.text.strip() in {"---", "..."}:
            return True, lines
        if len(held) > FRONT_MATTER_LINES:
            break
    return False, chain(held, lines)
