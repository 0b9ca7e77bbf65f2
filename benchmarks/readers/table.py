"""What graders say of each way's dialogues, beside what the way took for them."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.readers.sources import Effort, rows_of

LETTERS = {"S": "sensible", "O": "odd", "W": "wrong"}
Place = tuple[str, int]
"""A neutral name, and the number of an exchange from 1."""
Grades = Mapping[Place, str]


def grades_in(file: Path, key: Mapping[str, Any]) -> dict[Place, str]:
    """Read one grader's letters.

    Raises:
        SystemExit: a line has no place on the sheet, another letter, or is there twice.
    """
    grades: dict[Place, str] = {}
    for row in rows_of(file):
        name, number = place = (str(row.get("id")), int(row.get("exchange", 0)))
        on_sheet = key["dialogues"].get(name, {"exchanges": ()})["exchanges"]
        if not 1 <= number <= len(on_sheet) or row.get("letter") not in LETTERS:
            raise SystemExit(f"{file}: {row} is no grade of an exchange on the sheet")
        if place in grades:
            raise SystemExit(f"{file}: exchange {number} of {name} is graded twice")
        grades[place] = row["letter"]
    return grades


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Return Cohen's kappa of two graders (1: they agree, 0: as much as by chance).

    It isn't defined where both give one and the same letter to all: that is 1 here.
    """
    if not pairs:
        return math.nan
    n = len(pairs)
    agreed = sum(one == two for one, two in pairs) / n
    first, second = (Counter(letters) for letters in zip(*pairs, strict=True))
    by_chance = sum(first[letter] * second[letter] for letter in LETTERS) / n**2
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


@dataclass(kw_only=True)
class Column:
    """One way's figures, by name, as they are printed."""

    name: str
    figures: dict[str, str] = field(default_factory=dict)


def column_of(
    name: str,
    key: Mapping[str, Any],
    graders: Mapping[str, Grades],
    *,
    slips: Sequence[Mapping[str, Any]] | None,
) -> Column:
    """Return what one way has come to."""
    conversations = [one for one in key["dialogues"].values() if one["source"] == name]
    effort = Effort(**key["sources"][name])
    exchanges = sum(len(one["exchanges"]) for one in conversations)
    per = max(1, exchanges)
    column = Column(name=name)
    column.figures = {
        "dialogues accepted": f"{len(conversations)} of {effort.planned}",
        "exchanges": str(exchanges),
        **_graded(_places(key, name), graders),
        "calls": str(effort.calls),
        "calls per exchange": f"{effort.calls / per:.2f}",
        "prompt tokens per exchange": f"{effort.tokens_in / per:.0f}",
        "prefix share": f"{effort.prefix_share:.2f}",
        "preference pairs": str(effort.pairs),
        "revisions": str(effort.revisions),
    }
    if slips is not None:
        said = [text for one in conversations for exchange in one["exchanges"] for text in exchange]
        left = sum(any(_plain(slip["text"]) in _plain(text) for text in said) for slip in slips)
        column.figures["flaws left"] = f"{left} of {len(slips)}"
    return column


def lines_of(columns: Sequence[Column]) -> list[str]:
    """Return the table as Markdown, ways side by side."""
    names = list(dict.fromkeys(name for column in columns for name in column.figures))
    head = ["", *(column.name for column in columns)]
    rows = [[name, *(column.figures.get(name, "-") for column in columns)] for name in names]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    rule = ["-" * width for width in widths]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (head, rule, *rows)
    ]


def _places(key: Mapping[str, Any], source: str) -> list[Place]:
    return [
        (name, number)
        for name, one in key["dialogues"].items()
        if one["source"] == source
        for number in range(1, len(one["exchanges"]) + 1)
    ]


def _graded(places: Sequence[Place], graders: Mapping[str, Grades]) -> dict[str, str]:
    figures: dict[str, str] = {}
    for name, grades in graders.items():
        letters = [grades[place] for place in places if place in grades]
        figures |= _counted(letters, of=name, graded=len(letters))
    if len(graders) > 1:
        by_all = [place for place in places if all(place in own for own in graders.values())]
        given = [[own[place] for own in graders.values()] for place in by_all]
        agreed = [letters[0] for letters in given if len(set(letters)) == 1]
        figures |= _counted(agreed, of="agreed", graded=len(by_all))
        if len(graders) == 2:
            figures["kappa"] = f"{kappa([(one, two) for one, two in given]):.2f}"
    return figures


def over_all(one: Grades, two: Grades) -> str:
    """Say how far two graders agree on everything that both have graded."""
    pairs = [(one[place], two[place]) for place in one if place in two]
    return f"kappa over all {len(pairs)} exchanges: {kappa(pairs):.2f}"


def _counted(letters: Sequence[str], *, of: str, graded: int) -> dict[str, str]:
    counts = Counter(letters)
    counted = {f"{word}, {of}": str(counts[letter]) for letter, word in LETTERS.items()}
    if graded:
        counted[f"sensible, {of}"] += f" ({counts['S'] / graded:.2f} of {graded})"
    return counted


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
