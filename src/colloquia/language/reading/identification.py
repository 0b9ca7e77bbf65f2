"""Which language is a text in? Told by the code that spaCy has for it.

English is told first, by the words that no English prose does without, so that it costs next to
nothing. Other texts are told apart by py3langid (naive Bayes over bytes; its data lies in the
package): half a second and 75 MB on first need, 0.3 ms a text. Of the 548 example sentences that
spaCy has in 65 other languages 6 are taken for English (by those words alone a quarter), of 2,101
English ones 2 for another. langdetect takes 2 ms and is no longer kept, like eld.
"""

import importlib.util
import re
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from colloquia.core.errors import UserError
from colloquia.language.reading.pipeline import ENGLISH

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FEW_WORDS = 8  # fewer may lack those words in English, too
LEAST_SHARE = 0.06  # of the words below; lists of English names have 0.07, Dutch prose 0.04
NAMES = 0.75  # of the words have a capital: names, which tell nothing; German prose has 0.5
MOST_WORDS = 400  # looked at
MOST_CHARS = 400  # weighed; more tell no more

# None that a neighbour has too, such as "in", "is" and "was" (Dutch), "for", "at" and "her"
# (Danish), "an" and "will" (German), "on" and "me" (French).
_WORDS = """
about after also and are because been before between both but called could during first from has
him his into its known made many most not of only other over some such than that the their there
these they this those through to used were when where which while who with would
"""
_ENGLISH = frozenset(_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")
# None at all; Nigerian Pidgin, which lists in English resemble; and what is written like zh. Not by
# `set_languages`, which keeps a second table of 28 MB.
_PASSED_OVER = {"zxx", "pcm", "wuu", "yue"}
_BY_SPACY = {"no": "nb"}
_NONE_IN_PARTICULAR = "xx"  # what spaCy calls a language that it doesn't know


def language_of(text: str) -> str:
    """Return the language of a text; names and figures alone count as English."""
    words = [match[0] for match in islice(_WORD.finditer(text), MOST_WORDS)]
    english = sum(word.casefold() in _ENGLISH for word in words)
    if len(words) >= FEW_WORDS and english >= LEAST_SHARE * len(words):
        return ENGLISH
    latin = not words or any(word.isascii() for word in words)
    if latin and sum(word[0].isupper() for word in words) >= NAMES * len(words):
        return ENGLISH
    ranked = (code for code, _ in _identifier().rank(text[:MOST_CHARS]))
    first: str = next(code for code in ranked if code not in _PASSED_OVER)
    code = _BY_SPACY.get(first, first)
    return code if code in _known() else _NONE_IN_PARTICULAR


def refuse_unknown(language: str) -> None:
    """Raise UserError if spaCy doesn't know a language."""
    if language not in _known():
        raise UserError(
            f"language: spaCy knows no {language!r}; give an ISO 639-1 code such as 'en' or 'de', "
            "or 'auto'"
        )


@cache
def _known() -> frozenset[str]:
    """Return the codes of spaCy's languages, without loading it."""
    found = importlib.util.find_spec("spacy")
    folders = found.submodule_search_locations if found else None
    files = (file for folder in folders or () for file in Path(folder).glob("lang/*/__init__.py"))
    return frozenset(file.parent.name for file in files)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # numpy, and its data

    return LanguageIdentifier.from_model_file(MODEL_FILE)
