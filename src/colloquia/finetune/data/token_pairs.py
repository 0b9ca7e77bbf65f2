"""Pairs of tokens fit one tokenizer: the same numbers are other words to any other."""

import hashlib
from collections.abc import Iterable
from typing import Any

from colloquia.core.errors import UserError
from colloquia.core.hashing import canonical_json
from colloquia.core.text import shown
from colloquia.finetune.data.corpus_files import Corpus
from colloquia.finetune.settings import Method

#: Where the manifest of such a corpus names the tokenizer.
TOKENIZER_HASH = "tokenizer_sha256"


def tokenizer_hash(tokenizer: Any) -> str:
    """Return the SHA-256 of a tokenizer's vocabulary: which number is which piece of text."""
    return hashlib.sha256(canonical_json(tokenizer.get_vocab()).encode()).hexdigest()


def refuse_pairs_of_tokens(corpus: Corpus, methods: Iterable[Method]) -> None:
    """Refuse pairs of tokens for a base that is yet to be made.

    Raises:
        UserError: a method would learn from them.
    """
    if any(corpus.format_for(method) == "token-pairs" for method in methods):
        raise UserError(
            f"{shown(corpus.folder)} holds pairs of tokens, which a base from nothing doesn't "
            "have; give `base=` the student that they were found in"
        )


def refuse_other_tokenizer(corpus: Corpus, tokenizer: Any, method: Method, *, place: str) -> None:
    """Refuse pairs of tokens that were made with another tokenizer.

    Raises:
        UserError: they were.
    """
    if corpus.format_for(method) != "token-pairs":
        return
    if (corpus.manifest.derived or {}).get(TOKENIZER_HASH) != tokenizer_hash(tokenizer):
        raise UserError(
            f"{shown(corpus.folder)} holds pairs of tokens of another tokenizer than that of "
            f"{place}; give `base=` the student that they were found in"
        )
