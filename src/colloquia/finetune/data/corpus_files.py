"""An exported corpus as a trainer sees it: its manifest, and the rows of one format and split.

Only the exported files are read. A file that isn't what the manifest says any more is refused, so
that the manifest's hash in a model card names exactly what the model was trained on.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.corpus.formats import Format
from colloquia.corpus.manifest import MANIFEST_FILE, ExportedFile, ExportManifest, read_manifest
from colloquia.finetune.settings import Method

#: What each method learns from; the first that the corpus has is taken.
NEEDED_FORMATS: dict[Method, tuple[Format, ...]] = {
    "sft": ("trl-sft", "trl-sft-turns"),
    "dpo": ("trl-dpo",),
    "kto": ("trl-dpo",),
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """An export that was opened."""

    folder: Path
    manifest: ExportManifest
    manifest_sha256: str

    @property
    def name(self) -> str:
        """The run's name."""
        return self.manifest.run.name

    @property
    def asked_splits(self) -> tuple[str, ...]:
        """The splits that were asked for; one that no snippet fell into has no files."""
        return tuple(self.manifest.settings.split)

    def format_for(self, method: Method) -> Format:
        """Return the format that a method learns from.

        Raises:
            UserError: the corpus has none of those it could.
        """
        present = {file.format for file in self.manifest.files}
        for name in NEEDED_FORMATS[method]:
            if name in present:
                return name
        needed = NEEDED_FORMATS[method][0]
        raise UserError(
            f"{shown(self.folder)} has no {needed} rows, which {method} learns from; "
            f"make them with: colloquia export --to {needed} -o NEW_DIR"
        )

    def rows(self, name: Format, split: str) -> list[Row]:
        """Return all rows of a format and split, empty where there is no such file.

        Raises:
            UserError: the file is gone, was changed since the export or holds no JSON lines.
        """
        return [
            row
            for file in self.manifest.files
            if file.format == name and file.split == split
            for row in self._read(file)
        ]

    def splits(self, name: Format) -> list[str]:
        """Return the splits that a format has files for."""
        return [file.split for file in self.manifest.files if file.format == name and file.split]

    def _read(self, file: ExportedFile) -> Iterator[Row]:
        path = self.folder / file.path
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UserError(f"{shown(path)}: {error.strerror}; export again") from error
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise UserError(
                f"{shown(path)} was changed since it was exported; look with: "
                f"colloquia check {shown(self.folder)}, or export again"
            )
        for line in data.split(b"\n"):  # a string's own splitlines would also cut at U+2028
            if line:
                yield json.loads(line)


def open_corpus(folder: Path) -> Corpus:
    """Read the manifest of an export.

    Raises:
        UserError: there is no export, or one that this version can't read.
    """
    read = read_manifest(folder)
    for file in read.manifest.files:
        if not file.is_inside:
            where = shown(folder / MANIFEST_FILE)
            raise UserError(f"{where} names a file outside its folder: {shown(file.path)}")
    return Corpus(folder=folder, manifest=read.manifest, manifest_sha256=read.sha256)
