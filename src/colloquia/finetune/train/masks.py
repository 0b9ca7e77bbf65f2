"""A row as the trainer sees it: the text of its tokens, and which of them the loss counts."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colloquia.core.errors import UserError
from colloquia.corpus.kinds import Kind
from colloquia.finetune.data.corpus_files import open_corpus
from colloquia.finetune.data.heard import heard_tokens
from colloquia.finetune.data.tokens import ChatTokens, Encoded
from colloquia.finetune.settings import EchoSettings, load_settings
from colloquia.finetune.train.base import find_base
from colloquia.finetune.train.libraries import quiet_libraries, require_libraries
from colloquia.finetune.train.preparation import (
    base_place,
    open_tokens,
    prepare_rows,
    teaches_to_think,
    training_rows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Neighbouring tokens of one kind."""

    text: str
    trained: bool
    tokens: int
    kind: Kind | None = None
    """Of `echo`: what it is to the student."""
    weight: float = 1.0
    """Of `echo`: of each of these tokens, before it is divided by their number."""


def show_masks(
    corpus: str | os.PathLike[str],
    *,
    config: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Any],
) -> list[Stretch]:
    """Return the first row of `sft`, or of `echo`, with the tokens that are trained marked.

    Args:
        corpus: the folder that `export` made.
        config: a YAML file with a section `train`.
        settings: over it.

    Raises:
        UserError: as `train` does, or the first method is another.
    """
    chosen = load_settings(config, settings)
    method = chosen.method[0]
    if method not in ("sft", "echo"):
        raise UserError(
            "masks are shown for sft and echo; the other methods train on the answers of a pair, "
            "or on the student's own"
        )
    opened = open_corpus(Path(corpus))
    opened.format_for(method)
    require_libraries()
    base = find_base(chosen.base)
    with quiet_libraries(), tempfile.TemporaryDirectory() as folder:
        place = base_place(opened, chosen, Path(folder), base=base)
        tokens = open_tokens(place, thinking=teaches_to_think(opened, chosen))
        if method == "echo":
            rows = training_rows(opened, method)
            return _heard(tokens, rows[0]["messages"], chosen.echo)
        examples = prepare_rows(opened, chosen, tokens, method).train.rows
    labels, ids = examples[0]["labels"], examples[0]["input_ids"]
    encoded = Encoded(ids=ids, trained=[label != -100 for label in labels])
    return [
        Stretch(text=tokens.decode(stretch), trained=trained, tokens=len(stretch))
        for trained, stretch in encoded.spans()
    ]


def _heard(
    tokens: ChatTokens, messages: Sequence[Mapping[str, Any]], settings: EchoSettings
) -> list[Stretch]:
    """Return all of a conversation, however long; what is learnt has its weight in the loss."""
    factors = {"action": settings.action_weight, "observation": settings.observation_weight}
    found = []
    for kind, weight, ids in heard_tokens(tokens, messages, speakers=settings.speakers).spans():
        own = weight * factors.get(kind, 0.0)
        text = tokens.decode(ids)
        found.append(
            Stretch(text=text, trained=own > 0, tokens=len(ids), kind=kind, weight=round(own, 6))
        )
    return found
