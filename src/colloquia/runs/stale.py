"""Dialogues about text that the source no longer holds: mended or taken out since they were made.

A run keeps them; an export leaves them out, for nobody wants to train on the text that was mended.
"""

from collections import deque
from dataclasses import dataclass
from math import inf
from pathlib import Path

from colloquia.core.errors import SnippetError
from colloquia.core.run_manifest import RunManifest
from colloquia.core.text import shown
from colloquia.snippets.reader import read_snippets
from colloquia.snippets.report import SnippetReport
from colloquia.store.repository import Store

AT_A_GLANCE = 2_000_000  # bytes: a quarter of a second
MOST_FILES = 500  # in a folder that is read at a glance


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleSnippets:
    """The snippets of a run that its source no longer holds, a dialogue each."""

    ids: frozenset[str] = frozenset()
    unknown: str | None = None
    """Why nobody can tell; None where it is known."""
    source: SnippetReport | None = None
    """What the source holds now; None where it wasn't read."""


def stale_snippets(
    manifest: RunManifest,
    store: Store,
    *,
    read: SnippetReport | None = None,
    most_bytes: float = inf,
) -> StaleSnippets:
    """Compare a run's snippets with its source, which is read for it; little stays of each snippet.

    Args:
        manifest: the run; its source is looked for from its recipe's folder, or else from here.
        store: where it is.
        read: what was just read of the source, if anything was.
        most_bytes: the largest file to read for it.
    """
    path, whole = manifest.recipe.snippets.path, read
    if whole is None or not whole.complete:
        if not path:
            return StaleSnippets(unknown="they aren't in a file")
        source, whole = manifest.recipe.folder / path, SnippetReport()
        if most_bytes < inf and not _is_small(source, most_bytes):
            return StaleSnippets(unknown=f"{shown(path)} is no small file")
        try:
            deque(read_snippets(source, report=whole), maxlen=0)
        except SnippetError as error:
            return StaleSnippets(unknown=str(error))
    holds = whole.lookup()
    total, stale = 0, set[str]()
    for snippet_id in store.snippet_ids(manifest.id):
        total += 1
        if not holds(snippet_id):
            stale.add(snippet_id)
    if len(stale) == total:  # another project's file of the same name, or all was mended
        return StaleSnippets(unknown=f"{shown(path)} holds none of them", source=whole)
    return StaleSnippets(ids=frozenset(stale), source=whole)


def _is_small(source: Path, most_bytes: float) -> bool:
    """Whether a file, or all files of a folder, can be read at a glance."""
    files = source.rglob("*") if source.is_dir() else iter([source])
    total = 0
    for number, file in enumerate(files):
        total += file.stat().st_size if file.is_file() else 0
        if total > most_bytes or number > MOST_FILES:
            return False
    return source.exists()
