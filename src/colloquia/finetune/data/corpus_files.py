"""An exported corpus as a trainer sees it: its manifest, and the rows of one format and split.

Only the exported files are read. A file that isn't what the manifest says any more is refused, so
that the manifest's hash in a model card names exactly what the model was trained on.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.text import shown
from colloquia.corpus.formats import Format
from colloquia.corpus.line_reader import lines_of, parse_line
from colloquia.corpus.manifest import MANIFEST_FILE, ExportedFile, ExportManifest, read_manifest
from colloquia.corpus.row_shape import misshapen
from colloquia.finetune.settings import Method

#: What each method learns from; the first that the corpus has is taken.
NEEDED_FORMATS: dict[Method, tuple[Format, ...]] = {
    "sft": ("trl-sft", "trl-sft-turns"),
    "dpo": ("trl-dpo", "token-pairs"),
    "kto": ("trl-dpo",),
    "grpo": ("trl-grpo",),
    "echo": ("echo-jsonl",),
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
        path = file.within(self.folder)
        if path is None or not path.is_file():
            raise UserError(f"{shown(self.folder / file.path)} isn't there; export again")
        try:
            with path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
                if sha256 != file.sha256:
                    raise UserError(
                        f"{shown(path)} was changed since it was exported; {self._look}, "
                        "or export again"
                    )
                stream.seek(0)
                for number, line in enumerate(lines_of(stream), start=1):
                    yield self._parsed(line, file, number)
        except OSError as error:
            raise UserError(f"{shown(path)}: {error.strerror}; export again") from error

    def _parsed(self, line: bytes, file: ExportedFile, number: int) -> Row:
        try:
            row = parse_line(line)
            flaw = misshapen(row, file.format)
        except ValueError as error:
            flaw = f"not JSON: {error}"
        if flaw:
            where = f"{shown(self.folder / file.path)}:{number}"
            raise UserError(f"{where}: {shown(flaw)}; {self._look}")
        parsed: Row = row
        return parsed

    @property
    def _look(self) -> str:
        return f"look with: colloquia check {shown(self.folder)}"


def open_corpus(folder: Path) -> Corpus:
    """Read the manifest of an export.

    Raises:
        UserError: there is no export, or one that this version can't read.
    """
    read = read_manifest(folder)
    for file in read.manifest.files:
        if file.within(folder) is None:
            where = shown(folder / MANIFEST_FILE)
            raise UserError(f"{where} names a file outside its folder: {shown(file.path)}")
    return Corpus(folder=folder, manifest=read.manifest, manifest_sha256=read.sha256)
