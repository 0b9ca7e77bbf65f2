"""A sentence whose verb the small pipeline took for a noun, read again: water *drains* from soil.

Its parser doesn't look at tags, so to give the word another one changes nothing. But with a verb in
its place that no noun looks like, water *goes* from soil, it mostly finds the right tree, which
then holds for the sentence as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from colloquia.language.reading.inflect import inflect, lemmas
from colloquia.language.reading.parsing import BATCH, ENTITIES
from colloquia.language.reading.pipeline import ENGLISH, pipeline

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_TRIES = 4  # words of a sentence that might be its verb; each costs a parse
_BEFORE_NOTHING = frozenset({"ADP", "ADV", "PUNCT", "CCONJ", "SCONJ"})


def reread(docs: Iterable[Doc], sound: Callable[[Doc], bool]) -> list[Doc]:
    """Return sentences, each as it is or in its first sound reading with a noun as the verb.

    Args:
        docs: one sentence each.
        sound: whether a reading can be right.
    """
    tried = [(doc, [] if sound(doc) else [*islice(_verblike(doc), _TRIES)]) for doc in docs]
    swapped = (_swapped(doc, *word) for doc, words in tried for word in words)
    readings = pipeline(ENGLISH).pipe(swapped, disable=[ENTITIES], batch_size=BATCH)
    found = []
    for doc, words in tried:
        own = [*zip(words, readings, strict=False)]  # the next of all readings are of these words
        verbs = ((token, read) for (token, _), read in own if read[token.i].dep_ == "ROOT")
        again = (_as_written(doc, read, token) for token, read in verbs)
        found.append(next(filter(sound, again), doc))
    return found


def _swapped(doc: Doc, token: Token, verb: str) -> Doc:
    words = [verb if other.i == token.i else other.text for other in doc]
    return type(doc)(doc.vocab, words=words, spaces=[bool(other.whitespace_) for other in doc])


def _verblike(doc: Doc) -> Iterator[tuple[Token, str]]:
    """Yield the words that may be the verb, the last first, with one that can be nothing else."""
    for token in reversed(doc[1:-1]):
        before, after = token.nbor(-1), token.nbor()
        if "VERB" not in lemmas(token.lower_) or after.lower_ == "of":
            continue
        goes = after.pos_ in _BEFORE_NOTHING
        named = before.pos_ in {"NOUN", "PROPN", "ADV", "ADJ"} or before.text == ","
        if token.tag_ in {"NNS", "NNPS", "VBZ"} and named:
            yield token, "goes" if goes else "includes"
        elif (
            token.tag_ == "VBN"
            and after.pos_ == "ADP"
            and inflect(token.lemma_, "VBD") == (token.lower_)
        ):
            yield token, "went"


def _as_written(doc: Doc, read: Doc, verb: Token) -> Doc:
    """Return the sentence's own words under the tree of another reading."""
    lemma = [token.lemma_ for token in read]
    lemma[verb.i] = lemmas(verb.lower_)["VERB"][0]
    return type(doc)(
        doc.vocab,
        words=[token.text for token in doc],
        spaces=[bool(token.whitespace_) for token in doc],
        tags=[token.tag_ for token in read],
        pos=[token.pos_ for token in read],
        lemmas=lemma,
        heads=[token.head.i for token in read],
        deps=[token.dep_ for token in read],
        ents=[
            f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O" for token in doc
        ],
    )  # fmt: skip
