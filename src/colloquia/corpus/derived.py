"""A corpus made from another one with a student's help: rows in the same formats, same manifest.

So `check` validates it and `train` takes it like any export.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from colloquia.core.atomic_folder import atomic_folder
from colloquia.core.errors import ExportError
from colloquia.core.text import shown
from colloquia.corpus.canonical import row_line
from colloquia.corpus.card_header import CARD_FILE, card_header
from colloquia.corpus.check import refuse_unsound
from colloquia.corpus.formats import ROW_FORMATS, Format
from colloquia.corpus.line_file import SplitFiles
from colloquia.corpus.manifest import (
    MANIFEST_FILE,
    Context,
    Count,
    ExportedFile,
    ExportManifest,
    read_manifest,
)
from colloquia.corpus.splits import TRAIN

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a derived corpus has of one format."""

    rows: Sequence[Row]
    candidates: int
    """How many could have been rows."""
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Reason -> how many were left out; with `rows` they add up to `candidates`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How it was made."""

    command: Literal["probe", "solve-rate", "judge", "improve"]
    summary: str
    """A paragraph for the card."""
    settings: Mapping[str, Any]
    context: Context


def write_derived(
    out: Path,
    source: Path,
    *,
    rows: Mapping[Format, Rows],
    notes: Mapping[str, Iterable[Row]],
    how: Derivation,
) -> ExportManifest:
    """Write rows of split `train` as a corpus of their own.

    Args:
        out: a folder that doesn't exist yet.
        source: the corpus they were made from.
        rows: by format.
        notes: further files of lines by name, which no trainer reads.
        how: goes into card and manifest.

    Raises:
        ExportError: `out` exists, no row is left, or `source` is no export.
        WorldError: the disk is full or out of reach; nothing is at `out`.
    """
    written = {name: rows[name] for name in ROW_FORMATS if name in rows}
    if not any(part.rows for part in written.values()):
        raise ExportError(f"no row is left to write to {shown(out)}; {how.summary}")
    source_manifest = read_manifest(source)
    original = source_manifest.manifest
    with atomic_folder(out) as folder:
        files = tuple(
            entry
            for name, part in written.items()
            for entry in _write_rows(folder, name, part.rows)
        )
        hashes = {name: _write_note(folder / name, lines) for name, lines in notes.items()}
        manifest = ExportManifest(
            settings=original.settings.model_copy(
                update={"to": tuple(written), "split": {TRAIN: 1.0}, "context": how.context}
            ),
            dialogues=original.dialogues,
            counts=tuple(_count_rows(name, part) for name, part in written.items()),
            empty=tuple(name for name, part in written.items() if not part.rows),
            files=files,
            run=original.run,
            derived={
                "by": how.command,
                "from": source_manifest.sha256,
                "notes": hashes,
                **how.settings,
            },
        )
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
        (folder / CARD_FILE).write_text(_card_text(manifest, how, source), encoding="utf-8")
        refuse_unsound(folder)
    return manifest


def _write_note(file: Path, lines: Iterable[Row]) -> str:
    """Write a file of lines and return its SHA-256."""
    data = "".join(row_line(line) + "\n" for line in lines).encode()
    file.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def _write_rows(folder: Path, name: Format, rows: Sequence[Row]) -> list[ExportedFile]:
    columns = list(ROW_FORMATS[name].columns)
    path = f"{ROW_FORMATS[name].folder}/{TRAIN}.jsonl"
    with SplitFiles(folder, name, {TRAIN: path}) as files:
        for row in rows:
            files.write(TRAIN, row_line({column: row[column] for column in columns}))
    return files.entries()


def _count_rows(name: Format, part: Rows) -> Count:
    return Count(
        format=name,
        split=TRAIN,
        unit=ROW_FORMATS[name].unit,
        candidates=part.candidates,
        rows=len(part.rows),
        excluded=dict(part.excluded),
    )


def _card_text(manifest: ExportManifest, how: Derivation, source: Path) -> str:
    header = card_header(manifest.files, license_name="other")
    files = "".join(f"- `{file.path}`: {file.rows:,} rows\n" for file in manifest.files)
    name = shown(source.absolute().name)
    return (
        f"{header}\n# {how.command} on {name}\n\n{how.summary}\n\n{files}\n"
        "Licenses are those of the corpus it was made from. `manifest.json` has every setting.\n"
    )
