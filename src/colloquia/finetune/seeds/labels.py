"""Labelled snippets: a snippet file whose rows also have a `label`, from a model or from people."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.text import brief, shown
from colloquia.core.types import Snippet
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport

_WORDS = {"good": 1, "bad": 0, "true": 1, "false": 0, "1": 1, "0": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A snippet with what somebody thinks it is worth."""

    snippet: Snippet
    label: float
    """0..1."""
    ephemeral: bool
    """Whether it is labelled as of a day's worth only; False where nothing is said."""


def read_labels(path: Path) -> list[Labelled]:
    """Return the labelled rows of a file: `label` is true or false, good or bad, or 0..1.

    The same text labelled several times has the mean.

    Raises:
        SnippetError: the file can't be read.
        UserError: a label is something else, or no row has one.
    """
    by_id: dict[str, list[Labelled]] = {}
    for snippet in read_snippets(path, report=SnippetReport()):
        if (label := _label(snippet, path)) is not None:
            ephemeral = snippet.metadata.get("ephemeral") is True
            one = Labelled(snippet=snippet, label=label, ephemeral=ephemeral)
            by_id.setdefault(snippet.id, []).append(one)
    if not by_id:
        raise UserError(
            f"{shown(path)}: no row has a label; write one per row, "
            '{"text": "…", "label": true}, or make them with: colloquia seeds label'
        )
    return [
        Labelled(
            snippet=same[0].snippet,
            label=sum(one.label for one in same) / len(same),
            ephemeral=any(one.ephemeral for one in same),
        )
        for same in by_id.values()
    ]


def row_of(snippet: Snippet, **more: Any) -> dict[str, Any]:
    """Return a snippet as a row of a snippet file, which reads as the same snippet again."""
    row: Mapping[str, Any] = {
        "id": snippet.external_id,
        **snippet.model_dump(include={"text", "title", "source", "license", "topic"}),
        "metadata": {k: v for k, v in snippet.metadata.items() if k not in more} or None,
    }
    return {name: value for name, value in row.items() if value is not None} | more


def _label(snippet: Snippet, path: Path) -> float | None:
    label = snippet.metadata.get("label")
    if isinstance(label, str):
        label = _WORDS.get(label.strip().lower(), label)
    if label is None:
        return None
    if isinstance(label, bool | int | float) and 0 <= label <= 1:
        return float(label)
    raise UserError(
        f"{shown(path)}: {brief(snippet.text)} has the label {shown(str(label))}; "
        "give true or false, good or bad, or a number from 0 to 1"
    )
