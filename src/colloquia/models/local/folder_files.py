"""Which files of a model folder may be opened, and JSON from them that can't fill memory."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from colloquia.core.text import KeyTwiceError, each_key_once, shown
from colloquia.models.faults.errors import ModelError

LARGEST_CONFIG = 8 * 1024 * 1024  # bytes; thousands of added tokens take half a megabyte
LARGEST_INDEX = 32 * 1024 * 1024  # of an index or a header: of 100,000 tensors and more
MOST_VALUES = 1_500_000  # in one file: an empty list takes 3 bytes of JSON and 70 of memory
_TEMPLATES = "additional_chat_templates"  # the one folder inside that transformers reads


def refuse_odd_files(folder: Path) -> None:
    """Refuse what isn't a regular file, and links that lead out of the folder.

    Folders inside are passed over, as they are when it is loaded. In the Hub's cache a model's
    files are links to blobs beside its snapshots.

    Raises:
        ModelError: one line with the fix.
    """
    for file in _entries(folder):
        refuse_odd_file(file, inside=folder)


def refuse_odd_file(file: Path, *, inside: Path) -> None:
    """Refuse what isn't a regular file, and a link that leads out of a folder.

    Raises:
        ModelError: one line with the fix.
    """
    if file.is_symlink():
        root, target = (Path(os.path.realpath(place)) for place in (inside, file))
        blobs = root.parents[1] / "blobs" if root.parent.name == "snapshots" else root
        if not target.is_relative_to(root) and target.parent != blobs:
            raise ModelError(
                f"{shown(file)} is a link out of the folder; put the file itself in its place"
            )
    try:
        mode = file.stat().st_mode
    except OSError as error:  # a link to nothing, or to itself
        raise ModelError(f"{shown(file)} can't be read: {error.strerror}") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ModelError(f"{shown(file)} is no regular file; remove it")


def _entries(folder: Path) -> Iterator[Path]:
    """Yield what may be read: the files, and those of the one folder that is read too."""
    for file in sorted(folder.iterdir()):
        if file.name == _TEMPLATES:
            yield file
            yield from sorted(file.iterdir()) if not file.is_symlink() and file.is_dir() else ()
        elif not file.is_dir():
            yield file


def read_json(file: Path, *, needed: bool = True, most: int = LARGEST_CONFIG) -> dict[str, Any]:
    """Return the object in a file; an empty one if it isn't there and needn't be.

    Raises:
        ModelError: it is no JSON object, or too large.
    """
    if not needed and not file.is_file():
        return {}
    if file.stat().st_size > most:
        raise ModelError(f"{shown(file)} is too large: more than {most // 2**20} MB")
    return parsed(file.read_bytes(), file)


def parsed(data: bytes, file: Path, *, most_values: int = MOST_VALUES) -> dict[str, Any]:
    """Return the JSON object in these bytes of a file.

    Raises:
        ModelError: there is none, it has more than `most_values`, or a name stands in it twice.
    """
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > most_values:
        raise ModelError(f"{shown(file)} is too large: more than {most_values:,} values")
    try:
        value = json.loads(data, object_pairs_hook=each_key_once)
    except KeyTwiceError as error:
        twice = shown(error.key[:80])
        raise ModelError(f"{shown(file)} has {twice!r} twice; copy it again") from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{shown(file)} isn't JSON, or is cut off; copy it again") from error
    if not isinstance(value, dict):
        raise ModelError(f"{shown(file)} holds no JSON object; copy it again")
    return value
