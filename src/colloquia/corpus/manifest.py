"""The manifest of an export: its files with their hashes, counts that add up, and its origin.

Nothing in it depends on when or where it was written.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from colloquia.core.errors import ExportError
from colloquia.core.recipe import NOT_HASHED
from colloquia.core.run_manifest import RunManifest
from colloquia.core.text import shown
from colloquia.core.types import Value
from colloquia.core.wording import misfit
from colloquia.corpus.formats import Format

MANIFEST_FILE = "manifest.json"
MOST_FILES = 1000  # one for each format and split
MOST_BYTES = 2**24  # of a manifest: they have a few thousand

#: Which dialogues are exported: those that were accepted, or all that were finished.
Only = Literal["accepted", "all"]
#: Whether the model sees the snippet: `open` puts it in a system message.
Context = Literal["closed", "open"]


class ExportedFile(Value):
    """One data file; the card isn't listed, for people edit it."""

    path: str = Field(max_length=255)
    format: Format
    split: str | None
    """None for the canonical file, which holds all splits."""
    rows: int = Field(gt=0)
    size: int = Field(ge=0)
    """Bytes."""
    sha256: str

    @property
    def is_inside(self) -> bool:
        """Whether it names a file in the export's folder, on any system."""
        path = PurePosixPath(self.path)
        odd = any(char in self.path for char in "\\:\0")
        return not (odd or path.is_absolute() or ".." in path.parts)

    def within(self, folder: Path) -> Path | None:
        """Return the file, None where it leads out of the folder, through a link or by its name."""
        file = folder / self.path
        if not self.is_inside or Path(os.path.realpath(file)) != (
            Path(os.path.realpath(folder)) / self.path
        ):
            return None
        return file


class Count(Value):
    """What became of everything that could have been a row: `in == out + sum(excluded)`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    format: Format
    split: str | None
    unit: str
    """What is counted: dialogues, answers or preference pairs."""
    candidates: int = Field(alias="in", ge=0)
    rows: int = Field(alias="out", ge=0)
    excluded: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Reason -> how many."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.candidates != self.rows + sum(self.excluded.values()):
            raise ValueError(f"{self.format} {self.split}: in isn't out plus excluded")
        return self


class ExportSettings(Value):
    """What the export was asked for."""

    to: tuple[Format, ...]
    split: dict[str, float]
    only: Only
    min_score: float | None
    context: Context


class Origin(Value):
    """The run that an export comes from, without what two runs of one recipe may differ in."""

    name: str
    recipe_hash: str
    seed: int
    code_version: str
    prompts: dict[str, str]
    personas: dict[str, str]
    recipe: dict[str, Any]

    @property
    def thinks(self) -> bool:
        """Whether its answers have thoughts."""
        match self.recipe:
            case {"agents": {"answerer": {"style": "reasoning"}}}:
                return True
        return False

    @classmethod
    def of(cls, manifest: RunManifest) -> Self:
        """Take what fixes the corpus; what `NOT_HASHED` lists doesn't."""
        return cls(
            name=manifest.name,
            recipe_hash=manifest.recipe_hash,
            seed=manifest.seed,
            code_version=manifest.code_version,
            prompts=manifest.prompts,
            personas=manifest.personas,
            recipe=_without(
                manifest.recipe.model_dump(mode="json"), [path.split(".") for path in NOT_HASHED]
            ),
        )


class ExportManifest(Value):
    """`manifest.json`."""

    format_schema: Literal["colloquia.export/1"] = Field(
        default="colloquia.export/1", alias="schema"
    )
    settings: ExportSettings
    dialogues: dict[str, int]
    """Of the whole run: planned, and how many of these ended how."""
    counts: tuple[Count, ...] = Field(max_length=MOST_FILES, fail_fast=True)
    empty: tuple[Format, ...]
    """Formats that were asked for and have no rows, so no files either."""
    files: tuple[ExportedFile, ...] = Field(max_length=MOST_FILES, fail_fast=True)
    run: Origin
    derived: dict[str, Any] | None = None
    """Where the rows were made or chosen with a student: the command, the student, its settings and
    the hashes of the manifest they started from and of files that no trainer reads (`notes`). Not
    written where there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @model_validator(mode="after")
    def _lists_each_file_once(self) -> Self:
        if len({file.path for file in self.files}) < len(self.files):
            raise ValueError("a file is listed twice")
        return self

    def __repr__(self) -> str:
        by_format = {name: 0 for name in self.settings.to}
        for file in self.files:
            by_format[file.format] += file.rows
        rows = ", ".join(f"{name} {number:,} rows" for name, number in by_format.items())
        planned = self.dialogues.get("planned", 0)
        return f"<ExportManifest {self.run.name!r}, {planned:,} dialogues: {rows}>"

    @property
    def rows(self) -> int:
        """Rows in all files."""
        return sum(file.rows for file in self.files)

    @property
    def notes(self) -> dict[str, str]:
        """Files beside the rows that no trainer reads, with their SHA-256."""
        notes = (self.derived or {}).get("notes")
        return notes if isinstance(notes, dict) else {}

    @property
    def empty_splits(self) -> tuple[str, ...]:
        """The splits that no snippet fell into which could have given a row."""
        filled = {count.split for count in self.counts if count.candidates}
        by_split = any(count.split for count in self.counts)
        return tuple(name for name in self.settings.split if name not in filled) * by_split

    def to_json(self) -> str:
        """Return the text of `manifest.json`."""
        none = {"derived"} if self.derived is None else None
        return self.model_dump_json(by_alias=True, indent=2, exclude=none) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """A manifest that was read, and the hash of its file, which names the corpus."""

    manifest: ExportManifest
    sha256: str


def read_manifest(folder: Path) -> ManifestFile:
    """Read the manifest of an export.

    Raises:
        ExportError: there is none, or one that this version can't read.
    """
    file = folder / MANIFEST_FILE
    try:
        data = _read_regular(file)
        manifest = ExportManifest.model_validate_json(data)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExportError(
            f"{shown(folder)} isn't an export: it has no {MANIFEST_FILE}; "
            "make one with colloquia export"
        ) from error
    except OSError as error:
        raise ExportError(f"{shown(file)} can't be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}." for part in first["loc"])[:-1] or "all of it"
        raise ExportError(
            f"{shown(file)} is damaged: {where}: {misfit(first)}; export again"
        ) from error
    return ManifestFile(manifest=manifest, sha256=hashlib.sha256(data).hexdigest())


def _read_regular(file: Path) -> bytes:
    found = file.lstat()
    if not S_ISREG(found.st_mode):
        raise ExportError(f"{shown(file)} is not a regular file; export again")
    if found.st_size > MOST_BYTES:
        raise ExportError(f"{shown(file)} is larger than {MOST_BYTES:,} bytes; export again")
    return file.read_bytes()


def _without(content: dict[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in content.items():
        below = [path[1:] for path in paths if path[0] in (key, "*")]
        if [] in below:
            continue
        inner = [path for path in below if path]
        kept[key] = _without(value, inner) if inner and isinstance(value, dict) else value
    return kept
