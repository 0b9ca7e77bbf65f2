"""Texts as spaCy parses them, each parsed once while it is in use.

A parse (`Doc`) has tokens with tag, lemma, head and dependency, sentences, and entities. Offsets
are those of the text. Not for languages without an installed pipeline, whose tokens have no tags.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from colloquia.language.reading.pipeline import ENGLISH, pipeline

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEPT = 4096  # parses; a question's takes about 10 kB, a paragraph's 60 kB

_parses: "OrderedDict[tuple[str, str], Doc]" = OrderedDict()
_lock = Lock()


def parse(text: str, language: str = ENGLISH) -> "Doc":
    """Return the parse of a text."""
    return parse_all([text], language)[0]


def parse_all(texts: Iterable[str], language: str = ENGLISH) -> "list[Doc]":
    """Return the parses of several texts, in order; those not yet known are parsed as a batch."""
    wanted = [(language, text) for text in texts]
    with _lock:
        found = {key: _parses[key] for key in wanted if key in _parses}
        new = [key for key in dict.fromkeys(wanted) if key not in found]
        if new:
            docs = pipeline(language).pipe([text for _, text in new])
            found.update(zip(new, docs, strict=True))
        for key in wanted:
            _parses[key] = found[key]
            _parses.move_to_end(key)
        while len(_parses) > KEPT:
            _parses.popitem(last=False)
    return [found[key] for key in wanted]
