"""Forms of single words, where no sentence tells which is meant, from lemminflect's dictionary.

In a sentence a parse knows better. The dictionary has 2 MB that load with the first word.
"""

from functools import lru_cache
from typing import Any

from colloquia.language.reading.torchless import without_torch


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    with without_torch():
        import lemminflect  # which imports spaCy
    return lemminflect


@lru_cache(maxsize=65536)
def lemmas(word: str) -> dict[str, tuple[str, ...]]:
    """Return the lemmas of a lower-case word by part of speech (`VERB`, …); empty if unknown."""
    if not word.isascii() or not word.replace("-", "").replace("'", "").isalpha():
        return {}
    found: dict[str, tuple[str, ...]] = _dictionary().getAllLemmas(word)
    return found


@lru_cache(maxsize=16384)
def lemma_of(verb: str, tag: str, guess: str) -> str:
    """Return the lemma that a verb is a form of, if a guess isn't: rated, of rate and not rat."""
    known = lemmas(verb).get("VERB", ())
    return next((word for word in (guess, *known) if inflect(word, tag) == verb), guess)


@lru_cache(maxsize=16384)
def inflect(lemma: str, tag: str) -> str:
    """Return the form of a lemma by its Penn tag: `inflect("begin", "VBD") == "began"`."""
    regular = tag[:2] in {"VB", "NN", "JJ", "RB"}  # of others it would only log that it can't
    options: tuple[str, ...] = _dictionary().getInflection(lemma, tag, inflect_oov=regular)
    return options[-1 if (lemma, tag) == ("be", "VBP") else 0] if options else lemma
