"""A row as the trainer sees it: the text of its tokens, and which of them the loss counts."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.finetune.data.mixture import open_corpora
from colloquia.finetune.data.tokens import Encoded
from colloquia.finetune.settings import load_settings
from colloquia.finetune.train.base import find_base
from colloquia.finetune.train.libraries import quiet_libraries, require_libraries
from colloquia.finetune.train.preparation import (
    base_place,
    open_tokens,
    prepare_rows,
    teaches_to_think,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring tokens of one kind."""

    text: str
    trained: bool
    tokens: int


def show_masks(
    corpus: str | os.PathLike[str],
    *,
    config: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any],
) -> list[Stretch]:
    """Return the first row of `sft`, with the tokens that are trained marked.

    Args:
        corpus: the folder that `export` made.
        config: a YAML file with a section `train`.
        settings: over it.

    Raises:
        UserError: as `train` does, or the first method isn't `sft`.
    """
    chosen = load_settings(config, settings)
    if chosen.method[0] != "sft":
        raise UserError("masks are shown for sft; the other methods train on the answers of a pair")
    corpora = open_corpora([Path(corpus)])
    for opened in corpora.values():
        opened.format_for("sft")
    require_libraries()
    base = find_base(chosen.base)
    with quiet_libraries(), tempfile.TemporaryDirectory() as folder:
        place = base_place(corpora, chosen, Path(folder), base=base)
        tokens = open_tokens(place, thinking=teaches_to_think(corpora, chosen))
        rows = prepare_rows(corpora, chosen, tokens, "sft").train.rows
    labels, ids = rows[0]["labels"], rows[0]["input_ids"]
    encoded = Encoded(ids=ids, trained=[label != -100 for label in labels])
    return [
        Stretch(text=tokens.decode(stretch), trained=trained, tokens=len(stretch))
        for trained, stretch in encoded.spans()
    ]
