"""Does a text look English? Judged by the words that no English prose does without."""

import re
from itertools import islice

FEW_WORDS = 8  # fewer tell nothing
LEAST_SHARE = 0.06  # of the words below; lists of English names have 0.07, Dutch prose 0.04
MOST_WORDS = 400  # looked at

# None that a neighbour has too, such as "in", "is" and "was" (Dutch), "for", "at" and "her"
# (Danish), "an" and "will" (German), "on" and "me" (French).
_WORDS = """
about after also and are because been before between both but called could during first from has
him his into its known made many most not of only other over some such than that the their there
these they this those through to used were when where which while who with would
"""
_ENGLISH = frozenset(_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")


def looks_english(text: str) -> bool:
    """Say whether a text looks English; of a few words, only another script tells that it isn't."""
    words = [match[0].casefold() for match in islice(_WORD.finditer(text), MOST_WORDS)]
    if len(words) < FEW_WORDS:
        return any(word.isascii() for word in words)
    return sum(word in _ENGLISH for word in words) >= LEAST_SHARE * len(words)
