"""What a model has made of the beginnings of prompts, kept for the prompts that begin alike.

All prompts of a role begin with its instructions, and those of one dialogue grow at their end. So
keys and values are kept in blocks of tokens, each found by all tokens up to its end (as vLLM's
PagedAttention shares them, arXiv 2309.06180), and the least recently used go first.
"""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer

BLOCK = 64  # tokens


class PrefixCache:
    """Blocks of keys and values, of one model whose weights stay."""

    def __init__(self, *, most_bytes: int) -> None:
        """Begin empty; blocks take `most_bytes` at most."""
        self.most_bytes = most_bytes
        self.tokens_asked, self.tokens_reused = 0, 0
        self._blocks: OrderedDict[bytes, Any] = OrderedDict()
        self.bytes = 0

    @property
    def share_reused(self) -> float:
        """Of the tokens of all prompts asked for, the share that was there, 0..1."""
        return self.tokens_reused / max(1, self.tokens_asked)

    def clear(self) -> None:
        """Forget all."""
        self._blocks.clear()
        self.bytes = 0

    def find(self, prompt: Sequence[int]) -> list[Any]:
        """Return the blocks that a prompt begins with, never all of it: its last token is asked.

        A block has shape (layers, 2, heads, BLOCK, size): keys and values.
        """
        names = _names(prompt[:-1])
        found = []
        for name in names:
            if name not in self._blocks:
                break
            found.append(self._blocks[name])
        for name in reversed(names[: len(found)]):  # the beginning goes last
            self._blocks.move_to_end(name)
        self.tokens_asked += len(prompt)
        self.tokens_reused += BLOCK * len(found)
        return found

    def keep(self, prompt: Sequence[int], cache: Any, row: int, *, known: int) -> None:
        """Keep what a batch has made of one prompt, whose last token is the batch's last column.

        Args:
            prompt: its tokens.
            cache: the batch's.
            row: the prompt's row in it.
            known: how many blocks were found; where these lie in the batch, other columns follow.
        """
        missing = [
            (place, name)
            for place, name in enumerate(_names(prompt[:-1]))
            if place >= known and name not in self._blocks
        ]
        for place, name in reversed(missing):
            start = place * BLOCK - len(prompt)
            block = _cut(cache, row, start, start + BLOCK)
            self._blocks[name] = block
            self.bytes += block.nbytes
        while self.bytes > self.most_bytes:
            _, oldest = self._blocks.popitem(last=False)
            self.bytes -= oldest.nbytes


def can_share(cache: Any) -> bool:
    """Whether a model's cache is keys and values of all tokens, alike in every layer.

    Windows that slide, recurrent states and the like can't be cut at any token.
    """
    if type(cache) is not DynamicCache or not all(
        type(one) is DynamicLayer for one in cache.layers
    ):
        return False
    shapes = {(one.keys.shape, one.values.shape) for one in cache.layers if one.is_initialized}
    return len(shapes) == 1 and all(one.is_initialized for one in cache.layers)


def joined(beginnings: Sequence[Sequence[Any]]) -> Any:
    """Return the cache of a batch from its rows' blocks, padded on the left; None without any."""
    longest = max(map(len, beginnings)) * BLOCK
    some = next((blocks[0] for blocks in beginnings if blocks), None)
    if some is None:
        return None
    layers, both, heads, _, size = some.shape
    whole = some.new_zeros((layers, both, len(beginnings), heads, longest, size))
    for row, blocks in enumerate(beginnings):
        for place, block in enumerate(reversed(blocks)):
            end = longest - place * BLOCK
            whole[:, :, row, :, end - BLOCK : end] = block
    cache = DynamicCache()
    for layer, (keys, values) in enumerate(whole):
        cache.update(keys, values, layer)
    return cache


def _cut(cache: Any, row: int, start: int, end: int) -> Any:
    return torch.stack(
        [
            torch.stack([layer.keys[row, :, start:end], layer.values[row, :, start:end]])
            for layer in cache.layers
        ]
    )


def _names(prompt: Sequence[int]) -> list[bytes]:
    """Return a name for each whole block: a hash of all tokens up to its end."""
    names, hashed = [], hashlib.sha256()
    for start in range(0, len(prompt) - BLOCK + 1, BLOCK):
        hashed.update(array("q", prompt[start : start + BLOCK]).tobytes())
        names.append(hashed.digest())
    return names
