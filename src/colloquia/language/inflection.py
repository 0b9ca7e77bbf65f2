"""Verb and noun forms, from lemminflect's dictionary, which is loaded on first use.

lemminflect pulls in numpy, so nothing here is imported until a word is looked up.
"""

from functools import lru_cache
from typing import Any, Literal

VerbForm = Literal["VB", "VBD", "VBG", "VBN", "VBP", "VBZ"]

# The dictionary lists rarer readings too; in running prose the usual verb is meant.
_USUAL_LEMMA = {
    ("found", "VBD"): "find", ("found", "VBN"): "find", ("lay", "VBD"): "lie",
    ("left", "VBD"): "leave", ("left", "VBN"): "leave", ("fell", "VBD"): "fall",
    ("saw", "VBD"): "see", ("ground", "VBD"): "grind", ("wound", "VBD"): "wind",
    ("felt", "VBD"): "feel", ("bore", "VBD"): "bear", ("rose", "VBD"): "rise",
    ("born", "VBN"): "bear", ("borne", "VBN"): "bear", ("bound", "VBN"): "bind",
    ("lit", "VBD"): "light",
}  # fmt: skip
_BE = {"VB": "be", "VBD": "was", "VBG": "being", "VBN": "been", "VBP": "are", "VBZ": "is"}
_HAVE = {"VB": "have", "VBD": "had", "VBG": "having", "VBN": "had", "VBP": "have", "VBZ": "has"}


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    import lemminflect

    return lemminflect


@lru_cache(maxsize=65536)
def lemmas(word: str) -> dict[str, tuple[str, ...]]:
    """Return the dictionary's lemmas of a lower-case word by part of speech; empty if unknown."""
    if not word.isascii() or not word.replace("-", "").replace("'", "").isalpha():
        return {}
    found: dict[str, tuple[str, ...]] = _dictionary().getAllLemmas(word)
    return found


def can_be_verb(word: str) -> bool:
    """Whether the dictionary knows the word as a form of a verb."""
    known = lemmas(word.lower())
    return "VERB" in known or "AUX" in known


def is_base_form(word: str) -> bool:
    """Whether the dictionary knows the word as a verb's base form: scan, but not scans."""
    known = lemmas(word.lower())
    return word.lower() in (*known.get("VERB", ()), *known.get("AUX", ()))


def can_be_noun(word: str) -> bool:
    """Whether the dictionary knows the word as a noun."""
    return "NOUN" in lemmas(word.lower())


@lru_cache(maxsize=16384)
def verb_lemma(word: str, form: str) -> str:
    """Return the base form of a verb seen in a given form; the word itself if unknown."""
    lower = word.lower()
    usual = _USUAL_LEMMA.get((lower, form))
    if usual:
        return usual
    known = lemmas(lower)
    options = known.get("VERB") or known.get("AUX") or ()
    for option in options:
        if lower in inflections(option).get(form, ()):
            return option
    return options[0] if options else lower


@lru_cache(maxsize=16384)
def inflections(lemma: str) -> dict[str, tuple[str, ...]]:
    """Return all verb forms of a base form by Penn tag."""
    found: dict[str, tuple[str, ...]] = _dictionary().getAllInflections(lemma, "VERB")
    return found


@lru_cache(maxsize=16384)
def inflect(lemma: str, form: VerbForm) -> str:
    """Return one form of a verb, `inflect("begin", "VBD") == "began"`."""
    if lemma == "be":
        return _BE[form]
    if lemma == "have":
        return _HAVE[form]
    known = inflections(lemma).get(form)
    if known:
        return known[0]
    guess: tuple[str, ...] = _dictionary().getInflection(lemma, form)
    return guess[0] if guess else lemma


@lru_cache(maxsize=16384)
def is_plural_noun(word: str) -> bool:
    """Whether a common noun is in the plural, by dictionary, else by its ending."""
    lower = word.lower()
    base = lemmas(lower).get("NOUN")
    if base:
        return lower not in base
    return lower.endswith("s") and not lower.endswith(("ss", "us", "is"))
