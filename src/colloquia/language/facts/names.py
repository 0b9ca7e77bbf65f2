"""Names of a text: what spaCy tags as proper nouns or takes for entities, as exact spans."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import lemmas
from colloquia.language.reading.parsing import parse
from colloquia.language.reading.pipeline import ENGLISH
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import FUNCTION_WORDS, WORD

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

Place = tuple[int, int]

_FIGURES = word_set("DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL")
_BUILDING = word_set("DET PRON ADP AUX CCONJ SCONJ PART")
_NOUNS_HAVE_CAPITALS = frozenset({"de", "lb"})


@lru_cache(maxsize=2048)
def find_names(text: str, language: str = ENGLISH) -> tuple[Place, ...]:
    """Return where the names of a text stand, in order; none overlaps another.

    Without a tagger for the language, they are the capital words within sentences; there are none
    where every noun has a capital.
    """
    capitals = capital_words(text)
    if not capitals:
        return ()
    doc = parse(text, language)
    if any(map(doc.has_annotation, ("TAG", "POS", "ENT_IOB"))):
        return tuple(_tagged(doc, {place for _, place in capitals}))
    if language in _NOUNS_HAVE_CAPITALS:
        return ()
    starts = {sentence.start for sentence in split_sentences(text)}
    return tuple((at, at + len(word)) for word, at in capitals if at not in starts)


@lru_cache(maxsize=2048)
def capital_words(text: str) -> tuple[tuple[str, int], ...]:
    """Return the words that might be names, each with its place; found without a parse.

    A capital at the beginning of a sentence tells nothing ("Keepers light the lamp") unless
    another one follows or no dictionary has the word.
    """
    starts = {sentence.start for sentence in split_sentences(text)}
    found = [word for word in WORD.finditer(text) if _is_capital(word.group())]
    return tuple(
        (word.group(), word.start())
        for word, after in zip_longest(found, found[1:])
        if word.start() not in starts
        or (after is not None and after.start() == word.end() + 1)
        or not lemmas(word.group().lower())
    )


def _is_capital(word: str) -> bool:
    return word[0].isupper() and word.lower() not in FUNCTION_WORDS


def _tagged(doc: "Doc", capitals: set[int]) -> Iterator[Place]:
    entities = [_trimmed(entity) for entity in doc.ents if entity.label_ not in _FIGURES]
    within = {at for entity in entities for at in range(entity.start, entity.end)}
    proper = (t.i for t in doc if t.i in within or (t.pos_ == "PROPN" and t.text[0].isupper()))
    for first, last in _runs(proper):
        if any(token.idx in capitals for token in doc[first : last + 1]):
            yield doc[first].idx, doc[last].idx + len(doc[last])


def _trimmed(entity: "Span") -> "Span":
    """Return an entity without the article or possessive around it; empty if no name is left."""
    start, end = entity.start, entity.end
    while start < end and not _opens(entity.doc[start]):
        start += 1
    while start < end and not entity.doc[end - 1].text[0].isalnum():
        end -= 1
    while start < end and entity.doc[end - 1].text in {"'s", "’s"}:
        end -= 1
    return entity.doc[start:end]


def _opens(token: "Token") -> bool:
    """Whether a name may begin with a token: it has a capital and is no mere `The` or `French`."""
    described = token.pos_ == "ADJ" and token.ent_type_ == "NORP"
    return token.text[0].isupper() and token.pos_ not in _BUILDING and not described


def _runs(indices: Iterable[int]) -> Iterator[tuple[int, int]]:
    for _, group in groupby(enumerate(indices), key=lambda pair: pair[1] - pair[0]):
        run = [index for _, index in group]
        yield run[0], run[-1]
