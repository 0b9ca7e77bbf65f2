"""The YAML header of a dataset card, which makes `datasets.load_dataset(FOLDER)` work."""

import json
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

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
        "configs": [
            {
                "config_name": ROW_FORMATS[name].folder,
                **({"default": True} if name == written[0] else {}),
                "data_files": [
                    {"split": file.split, "path": file.path}
                    for file in files
                    if file.format == name
                ],
            }
            for name in written
        ],
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
        header["configs"] = [{"config_name": "dialogues", "data_files": CANONICAL_FILE}]
    lines = "\n".join(_yaml(header))
    return f"---\n{lines}\n---\n"


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
