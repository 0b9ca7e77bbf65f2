"""A table as sentences, one for each row.

`For Bell Rock, Height is 35 m and Built is 1810.`; where a cell is a phrase of its own,
`Bell Rock, Height: no more than the mast of a ship is.`: as the head names it, word for word.
"""

import re
from collections import Counter
from collections.abc import Sequence

from colloquia.snippets.prose.blocks import ProseBlock

LONGEST_VALUE = 5  # words; a longer cell is no value that something is

_RULE = re.compile(r"\s{0,3}\|?\s*+:?-++:?\s*+(?:\|\s*+:?-++:?\s*+)*+\|?\s*+$")
_FRAMED = re.compile(r"\s*\|\s.*\s\|\s*$")
# A sentence of a row, up to its first column's name, which no article precedes as it does in prose.
_ROW = re.compile(
    r"(?:^|[.;]\s)(?:For [^,;:]{1,80}, (?!(?:the|an?|its?|his|their|this|these|they|s?he|there) )"
    r"([^\s,;:][^,;:]{0,60}?) is |[^,;:]{1,80}, ([^\s,;:][^,;:]{0,60}): )"
)
_BETWEEN = re.compile(r"(?<!\\)\|")


def is_rule(line: str) -> bool:
    """Whether a line parts the head of a table from its rows."""
    return "|" in line and _RULE.match(line) is not None


def is_framed(line: str) -> bool:
    """Whether a line begins and ends as a table's row does."""
    return _FRAMED.match(line) is not None


def cells_of(line: str) -> tuple[str, ...]:
    """Return what stands between the bars of a row."""
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return tuple(cell.strip().replace("\\|", "|") for cell in _BETWEEN.split(line))


def is_table(text: str) -> bool:
    """Whether a passage is sentences made of rows: several that name the same column first."""
    often = Counter(told or listed for told, listed in _ROW.findall(text))
    return max(often.values(), default=0) > 1


def table_text(lead: str, rows: Sequence[ProseBlock]) -> str:
    """Return a sentence for each row; the first is the head, and `lead` stands above them all."""
    head, *body = (row.cells for row in rows)
    said = [_sentence(head, row) for row in body] or [f"{', '.join(filter(None, head))}."]
    return " ".join(filter(None, [lead, *said]))


def _sentence(head: Sequence[str], row: Sequence[str]) -> str:
    names = [*head, *[""] * (len(row) - len(head))]
    subject, *values = row
    phrases = any(len(value.split()) > LONGEST_VALUE for value in values)
    told = [
        f"{name}{':' if phrases else ' is'} {value}" if name else value
        for name, value in zip(names[1:], values, strict=False)
        if value
    ]
    if not subject:
        return f"{_in_a_row(told)}." if told else ""
    if not any(char.isalpha() for char in subject) and names[0]:  # a number alone says nothing
        subject = f"{names[0]} {subject}"
    if not told:
        return f"{subject.rstrip('.')}."
    if phrases:
        return f"{subject}, {'; '.join(told).rstrip('.')}."
    return f"For {subject}, {_in_a_row(told).rstrip('.')}."


def _in_a_row(parts: Sequence[str]) -> str:
    if any("," in part or " and " in part for part in parts):
        return "; ".join(parts)
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last
