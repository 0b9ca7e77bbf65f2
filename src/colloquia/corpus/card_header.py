"""The YAML header of a dataset card, which makes `datasets.load_dataset(FOLDER)` work."""

import json
from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from colloquia.core.strict_yaml import load_yaml, read_text
from colloquia.corpus.canonical import CANONICAL_FILE
from colloquia.corpus.formats import ROW_FORMATS
from colloquia.corpus.manifest import ExportedFile

CARD_FILE = "README.md"


def card_header(files: Sequence[ExportedFile], *, license_name: str) -> str:
    """Return the header with its fences: a configuration per format, with its columns' types.

    Args:
        files: what was written.
        license_name: one of the hub's own names.
    """
    formats = {file.format for file in files}
    written = [name for name in ROW_FORMATS if name in formats]
    header: dict[str, Any] = {
        "license": license_name,
        "task_categories": ["text-generation"],
        "tags": ["synthetic", "colloquia"],
        "configs": _configs(files),
        "dataset_info": [
            {
                "config_name": ROW_FORMATS[name].folder,
                "features": [
                    {"name": column, **feature}
                    for column, feature in ROW_FORMATS[name].columns.items()
                ],
            }
            for name in written
        ],
    }
    if not written:
        header.pop("dataset_info")
    lines = "\n".join(_yaml(header))
    return f"---\n{lines}\n---\n"


def _configs(files: Sequence[ExportedFile]) -> list[dict[str, Any]]:
    formats = {file.format for file in files}
    written = [name for name in ROW_FORMATS if name in formats]
    if not written:
        return [{"config_name": "dialogues", "data_files": CANONICAL_FILE}]
    return [
        {
            "config_name": ROW_FORMATS[name].folder,
            **({"default": True} if name == written[0] else {}),
            "data_files": [
                {"split": file.split, "path": file.path} for file in files if file.format == name
            ],
        }
        for name in written
    ]


def listed_files(files: Sequence[ExportedFile]) -> dict[str, Any]:
    """Return the files of each configuration, as a card written for these would name them."""
    return {config["config_name"]: config["data_files"] for config in _configs(files)}


def named_files(card: Path) -> dict[str, Any]:
    """Return the files of each configuration that the header of a card names.

    Raises:
        ValueError: the file or its header can't be read.
    """
    _, fence, rest = read_text(card, name=card.name).partition("---\n")
    header, end, _ = rest.partition("\n---\n")
    data = load_yaml(header, name=card.name).data if fence and end else {}
    try:
        return {config["config_name"]: config["data_files"] for config in data["configs"]}
    except (KeyError, TypeError) as error:
        raise ValueError(f"{card.name}: no configurations; export again") from error


def _yaml(value: Any) -> list[str]:
    """Return the lines of plain JSON as block YAML; only this card's own few shapes occur."""
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                lines += [f"{key}:", *(f"  {line}" for line in _yaml(inner))]
            else:
                lines.append(f"{key}: {json.dumps(inner)}")
        return lines
    if isinstance(value, list):
        return [
            f"{'- ' if first else '  '}{line}"
            for item in value
            for first, line in zip(chain([True], repeat(False)), _yaml(item), strict=False)
        ]
    return [json.dumps(value)]
