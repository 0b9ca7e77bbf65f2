"""Words as a reader weighs them: which carry content, and when two are the same word."""

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from colloquia.language.lexicon import word_set
from colloquia.language.reading.inflect import lemmas

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")

#: Words that say how a sentence is built, not what it is about.
FUNCTION_WORDS = word_set(
    "a an the this that these those it its he him his she her hers they them their theirs we "
    "us our you your i me my myself itself himself herself themselves who whom whose which "
    "what when where why how whether if and or but nor so yet as at by for from in into of "
    "off on onto out over to toward towards under up upon with within without about above "
    "across after against along amid among around before behind below beneath beside between "
    "beyond despite down during except inside like near outside per since than through "
    "throughout till until via is are was were be been being am do does did done doing have "
    "has had having will would shall should can could may might must not no n't there here "
    "also too very just only even still then thus however although though while because both "
    "either neither each every any some all such same other another more most much many few "
    "less least own well now s t"
)

# Derived forms that share a stem are one word to a reader: conquer/conquest, settle/settlement.
_STEM_CHARS = 5
_SUFFIXES = re.compile(
    r"(?:ization|isation|ational|fulness|iveness|ations?|itions?|ments?|ness|ities|ity|ings?|ions?|"
    r"ical|ally|ance|ence|ants?|ents?|ists?|isms?|ers?|ors?|able|ible|ous|ive|ful|ary|ery|ory|al|"
    r"ly|es|ed|s|e|y)$"
)


@lru_cache(maxsize=65536)
def forms(word: str) -> frozenset[str]:
    """Return the lower-case word with every lemma the dictionary gives it."""
    lower = word.lower().replace("’", "'")
    lower = lower.removesuffix("'s").removesuffix("'")
    found = {lower}
    for options in lemmas(lower).values():
        found.update(options)
    if not lemmas(lower) and lower.endswith("s") and len(lower) > 3:
        found.add(lower[:-1])  # a plural the dictionary lacks, mostly of names: Normans
    return frozenset(found)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a crude stem that derived forms share; the word itself where it is short."""
    lower = word.lower()
    cut = _SUFFIXES.sub("", lower)
    return cut if len(cut) >= _STEM_CHARS - 1 else lower


def same_word(first: str, second: str) -> bool:
    """Whether two words are forms of one word, or derived from one stem."""
    return bool(forms(first) & forms(second)) or _akin(stem(first), stem(second))


def _akin(one: str, two: str) -> bool:
    """Whether most of two stems, from their beginning on, is the same."""
    most = max(_STEM_CHARS, math.ceil(0.7 * max(len(one), len(two))))
    return len(one) >= most and one[:most] == two[:most]


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return the text with its first letter in lower case, as inside a sentence."""
    return text[:1].lower() + text[1:]


def words(text: str) -> list[str]:
    """Return the words of a text in order, as written."""
    return WORD.findall(text)


@lru_cache(maxsize=2048)
def content_words(text: str) -> tuple[str, ...]:
    """Return the words that carry content, in order, as written, each word once."""
    seen: dict[str, str] = {}
    for word in words(text):
        lower = word.lower()
        bare = lower.removesuffix("'s").removesuffix("’s")
        if bare not in FUNCTION_WORDS and (len(bare) > 1 or bare.isdigit()):
            seen.setdefault(bare, word)
    return tuple(seen.values())


@lru_cache(maxsize=2048)
def content_forms(text: str) -> frozenset[str]:
    """Return every form of every content word of a text."""
    return frozenset(form for word in content_words(text) for form in forms(word))


def overlap(wanted: Iterable[str], text: str) -> float:
    """Return the share (0..1) of the wanted words that a text has in some form; else 1."""
    asked = list(wanted)
    if not asked:
        return 1.0
    have = content_forms(text)
    return sum(1 for word in asked if forms(word) & have) / len(asked)


def held(wanted: Iterable[str], text: str) -> list[str]:
    """Return the wanted words that a text has in some form, or one of their stem."""
    have, stems = content_forms(text), _content_stems(text)
    return [
        word
        for word in wanted
        if forms(word) & have or any(_akin(stem(word), other) for other in stems)
    ]


@lru_cache(maxsize=2048)
def _content_stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, content_words(text)))
