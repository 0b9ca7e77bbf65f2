"""Texts as spaCy parses them, each parsed once while it is in use.

A parse (`Doc`) has tokens with tag, lemma, head and dependency, sentences, and entities. Offsets
are those of the text. Not for languages without an installed pipeline, whose tokens have no tags.

A batch costs half of what its texts cost one by one. Entities are almost half of the price, so they
are found only for who asks; in a parse that is there without them, they are added.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any

from colloquia.language.reading.pipeline import ENGLISH, pipeline
from colloquia.language.reading.sentences import split_sentences

if TYPE_CHECKING:
    from spacy.tokens import Doc

KEPT = 1024  # parses; a sentence's takes about 8 kB
BATCH = 64  # texts at once; more take memory and save nothing
ENTITIES = "ner"  # in the English pipeline it needs nothing of the others

_parses: "OrderedDict[tuple[str, str], Doc]" = OrderedDict()
_lock = Lock()


def parse(text: str, language: str = ENGLISH, *, entities: bool = True) -> "Doc":
    """Return the parse of a text, see `parse_all`."""
    return parse_all([text], language, entities=entities)[0]


def parse_sentences(text: str) -> "list[Doc]":
    """Return the parses of an English text's sentences, each by itself, without entities."""
    return parse_all((sentence.text for sentence in split_sentences(text)), entities=False)


def parse_all(
    texts: Iterable[str], language: str = ENGLISH, *, entities: bool = True
) -> "list[Doc]":
    """Return the parses of several texts, in order; those not yet known are parsed as a batch.

    Args:
        texts: what to parse.
        language: an ISO 639-1 code.
        entities: whether they are needed; without, an English parse may or may not have them.
    """
    wanted = [(language, text) for text in texts]
    with _lock:
        found = {key: _parses[key] for key in wanted if key in _parses}
        new = [key for key in dict.fromkeys(wanted) if key not in found]
        found.update(zip(new, _read([text for _, text in new], language), strict=True))
        if entities and language == ENGLISH:
            _add_entities(found.values())
        for key in wanted:
            _parses[key] = found[key]
            _parses.move_to_end(key)
        while len(_parses) > KEPT:
            _parses.popitem(last=False)
    return [found[key] for key in wanted]


def _read(texts: list[str], language: str) -> "list[Doc]":
    if not texts:
        return []
    nlp, later = pipeline(language), [ENTITIES] if language == ENGLISH else []
    one = len(texts) == 1
    docs = (
        [nlp(texts[0], disable=later)]
        if one
        else list(nlp.pipe(texts, disable=later, batch_size=BATCH))
    )
    for doc in docs:
        doc.tensor = doc.tensor[:0].copy()  # of no use any more, and most of the memory
    return docs


def _add_entities(docs: "Iterable[Doc]") -> None:
    if bare := [doc for doc in docs if not doc.has_annotation("ENT_IOB")]:
        recognizer: Any = pipeline(ENGLISH).get_pipe(ENTITIES)
        list(recognizer.pipe(bare, batch_size=BATCH))
