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
from colloquia.finetune.settings import Method

MANIFEST_FILE = "manifest.json"
_SCHEMA = "colloquia.export/1"

#: What each method learns from; the first that the corpus has is taken.
NEEDED_FORMATS: dict[Method, tuple[str, ...]] = {
    "sft": ("trl-sft", "trl-sft-turns"),
    "dpo": ("trl-dpo",),
    "kto": ("trl-dpo",),
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """An export that was opened."""

    folder: Path
    manifest_sha256: str
    name: str
    """The run's."""
    files: tuple[dict[str, Any], ...]
    """`path`, `format`, `split`, `rows` and `sha256` of each."""
    asked_splits: tuple[str, ...]
    """The splits that were asked for; one that no snippet fell into has no files."""

    def format_for(self, method: Method) -> str:
        """Return the format that a method learns from.

        Raises:
            UserError: the corpus has none of those it could.
        """
        present = {file["format"] for file in self.files}
        for name in NEEDED_FORMATS[method]:
            if name in present:
                return name
        needed = NEEDED_FORMATS[method][0]
        raise UserError(
            f"{shown(self.folder)} has no {needed} rows, which {method} learns from; "
            f"make them with: colloquia export --to {needed} -o NEW_DIR"
        )

    def rows(self, format_name: str, split: str) -> list[Row]:
        """Return all rows of a format and split, empty where there is no such file.

        Raises:
            UserError: the file is gone, was changed since the export or holds no JSON lines.
        """
        return [
            row
            for file in self.files
            if file["format"] == format_name and file["split"] == split
            for row in self._read(file)
        ]

    def splits(self, format_name: str) -> list[str]:
        """Return the splits that a format has files for."""
        return [file["split"] for file in self.files if file["format"] == format_name]

    def _read(self, file: dict[str, Any]) -> Iterator[Row]:
        path = self.folder / file["path"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UserError(f"{shown(path)}: {error.strerror}; export again") from error
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
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
    path = folder / MANIFEST_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{shown(folder)} is no exported corpus ({MANIFEST_FILE}: {error.strerror}); "
            "make one with: colloquia export -o DIR"
        ) from error
    try:
        content = json.loads(data)
        if content["schema"] != _SCHEMA:
            raise ValueError
        files = tuple(
            {key: file[key] for key in ("path", "format", "split", "rows", "sha256")}
            for file in content["files"]
        )
        name = str(content["run"]["name"])
        asked_splits = tuple(map(str, content.get("settings", {}).get("split", ())))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{shown(path)} is no manifest of schema {_SCHEMA}; export again"
        ) from error
    outside = [file["path"] for file in files if not _is_inside(file["path"])]
    if outside:
        raise UserError(f"{shown(path)} names a file outside its folder: {shown(outside[0])}")
    return Corpus(
        folder=folder,
        manifest_sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        files=files,
        asked_splits=asked_splits,
    )


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts
