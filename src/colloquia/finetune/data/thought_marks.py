"""The marks around a thought, each one token: a student that writes one has decided to.

Where a tokenizer lacks them they are added, as Phi-4-reasoning does with two placeholder tokens
(arXiv 2504.21318). They aren't special ones, so that decoded answers keep them.
"""

from collections.abc import Iterable
from typing import Any

from colloquia.corpus.thinking import BEGIN, END, parted
from colloquia.finetune.data.corpus_files import Row

MARKS = (BEGIN, END)

_ANSWERS = ("completion", "chosen", "rejected")


def have_thoughts(rows: Iterable[Row]) -> bool:
    """Return whether answers that are learnt begin with a thought."""
    said = (
        message["content"] for row in rows for name in _ANSWERS for message in row.get(name, ())
    )
    return any(parted(content).thought for content in said)


def lacking_marks(tokenizer: Any) -> list[str]:
    """Return the marks that a tokenizer takes to pieces."""
    return [mark for mark in MARKS if len(pieces_of(mark, tokenizer)) > 1]


def pieces_of(mark: str, tokenizer: Any) -> list[int]:
    """Return a mark in tokens."""
    return list(tokenizer.encode(mark, add_special_tokens=False))


def add_marks(tokenizer: Any) -> None:
    """Add the marks that a tokenizer lacks; its model has no embeddings for them yet."""
    from tokenizers import AddedToken

    tokens = [
        AddedToken(mark, normalized=False, special=False) for mark in lacking_marks(tokenizer)
    ]
    if tokens:
        tokenizer.add_tokens(tokens)
