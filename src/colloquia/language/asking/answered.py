"""Has a conversation asked or answered this before? Judged by words, where words can tell.

Sure cases only: a question in nearly the same words; yes or no on what one sentence has said; the
date, number, person or place of what one sentence has said with its date, number, person or place.
Whoever asks for more ("what else", "besides", "exactly") isn't repeating.
"""

import re
from collections.abc import Iterable, Sequence

from colloquia.language.asking.declining import declines
from colloquia.language.asking.questions import (
    asked_for,
    asking_sentences,
    bare_question,
    weighty_words,
)
from colloquia.language.figures.dates import MONTH, MONTHS, YEAR
from colloquia.language.figures.numbers import is_number_word
from colloquia.language.lexicon import word_set
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import FUNCTION_WORDS, content_words, held, same_word, words

DENIED = 0.8  # of the words of a claim; who claims it may be left out
MOST_ASKED = 8  # sentences looked at; nobody asks that much at once
LEAST_WORDS = 2  # one shared word is a subject, not a question

_ASKS_FOR_MORE = word_set(
    "more else other others another further besides beside also too additional apart aside "
    "elsewhere next"
)
_MORE_EXACTLY = word_set("exact exactly precise precisely")  # of a date, a place, a number
# Not content, yet they make another question of it.
_CONTRASTS = word_set(
    "before after not no without more less most least over under above below during until since "
    "between first last never only n't both all any own every each some even because"
)
_DATE = re.compile(rf"\b{YEAR}s?\b|\b{MONTH}\b|\bcentur(?:y|ies)\b|\b\d{{1,4}}\s(?:BC|AD)")
_NAME = r"(?:the\s)?(?P<name>[A-Z][\w'’-]+)"
_PLACE = re.compile(rf"\b(?:in|at|near|on|off|from|to|outside|inside)\s{_NAME}")
_PERSON = re.compile(rf"(?:\bby\s|^(?:The\s)?){_NAME}")
_MEANING = re.compile(
    r"what['’]?s?\s(?:(?:is|are|does|do)\s)?(?:(?:the\s)?(?:word|term)\s|the\s|an?\s)?\W?"
    r"(?P<term>[\w-]+(?:\s[\w-]+)?)\W?(?:\s(?:mean|stand\sfor))?(?:\s(?:here|exactly))?\W*$",
    re.IGNORECASE,
)
_IS_A = re.compile(r"(?:(?:is|are)\s(?:an?|the)|means?)\s")
_CALLED = re.compile(
    r"what\b.*\bcalled\W*$|what(?:['’]?s|\sis|\swas)\sthe\sname\sof\b", re.IGNORECASE
)
_CALLS = re.compile(r"\b(?:called|named|known\sas)\s")
_NEGATES = re.compile(r"\b(?:not|no|never|neither|nor|none)\b|n['’]t\b")
_ONE_OF_MANY = re.compile(r"\b(?:also|again|another|once\smore)\b")  # what it says happened before
_WHOM = re.compile(r"whom\b|who\s(?:do|does|did)\b", re.IGNORECASE)
_PIECES = re.compile(
    r"\s*(?:[,;:()–—]|\b(?:and|but|while|whereas|which|who|when|where|until|before|after)\b)\s*"
)


def repeats(question: str, earlier: str) -> bool:
    """Whether a question asks what an earlier one has asked, in nearly the same words."""
    now, then = _asked(question), _asked(earlier)
    return any(_same_question(one, two) for one in now for two in then)


def answering_sentence(question: str, answers: Iterable[str]) -> str | None:
    """Return the sentence of earlier answers that has settled a question already, or None."""
    asked = _asked(question)
    spoken = {word.lower() for word in words(question)}
    if len(asked) != 1 or _ASKS_FOR_MORE & spoken:
        return None
    if _MORE_EXACTLY & spoken and asked_for(asked[0]) in {"when", "where", "how_many"}:
        return None
    for answer in answers:
        for sentence in split_sentences(answer):
            if not declines(sentence.text) and _settles(sentence.text, asked[0]):
                return sentence.text
    return None


def refuting_sentence(question: str, answers: Iterable[str], *, source: str) -> str | None:
    """Return the sentence of earlier answers that contradicts what a question takes for granted.

    Either the question has a figure or name that the source lacks, and the sentence says all the
    rest of it with another one; or the sentence denies what a part of the question says.
    """
    parts = [
        part
        for sentence in asking_sentences(question)[:MOST_ASKED]
        for part in _PIECES.split(sentence)
    ]
    for answer in answers:
        for sentence in split_sentences(answer):
            if any(_swaps(sentence.text, asked, source) for asked in _asked(question)) or any(
                _denies(sentence.text, part) for part in parts
            ):
                return sentence.text
    return None


def _swaps(sentence: str, asked: str, source: str) -> bool:
    wanted = weighty_words(asked)
    strange = [word for word in wanted if _is_fact(word) and not held([word], source)]
    rest = [word for word in wanted if word not in strange]
    if _ONE_OF_MANY.search(sentence) or not strange or not _says(sentence, rest):
        return False
    digits = any(word[0].isdigit() for word in strange)
    others = [word for piece in _about(sentence, rest) for word in content_words(piece)]
    return any(
        _is_fact(word) and word[0].isdigit() == digits and not held([word], asked)
        for word in others
    )


def _is_fact(word: str) -> bool:
    return word[0].isdigit() or word[0].isupper()


def _says(sentence: str, wanted: Sequence[str]) -> bool:
    return len(held(wanted, sentence)) == len(wanted) >= LEAST_WORDS


def _denies(sentence: str, part: str) -> bool:
    claimed = weighty_words(part)
    return (
        len(claimed) > LEAST_WORDS
        and _NEGATES.search(sentence) is not None
        and _NEGATES.search(part) is None
        and len(held(claimed, sentence)) >= DENIED * len(claimed)
    )


def _asked(text: str) -> tuple[str, ...]:
    return tuple(bare_question(sentence) for sentence in asking_sentences(text)[:MOST_ASKED])


def _same_question(one: str, two: str) -> bool:
    wanted = asked_for(one)
    if wanted != asked_for(two) or _contrasts(one) != _contrasts(two):
        return False
    if words(one.casefold()) == words(two.casefold()):
        return len(words(one)) > LEAST_WORDS
    first, second = weighty_words(one), weighty_words(two)
    if len(first) < LEAST_WORDS or len(first) != len(second):
        return False
    if wanted in {"when", "where", "why", "how", "how_many"}:
        return _says(two, first) and _says(one, second)
    # Who did what to whom is told by the order.
    return all(map(same_word, first, second))


def _contrasts(text: str) -> frozenset[str]:
    return _CONTRASTS & {word.lower() for word in words(text)}


def _settles(sentence: str, asked: str) -> bool:
    wanted, kind = weighty_words(asked), asked_for(asked)
    if _defines(sentence, asked) or _names(sentence, asked, wanted):
        return True
    if not _says(sentence, wanted) or not _contrasts(asked) <= _contrasts(sentence):
        return False
    about = _about(sentence, wanted)
    match kind:
        case "yes_no":
            return True
        case "when":
            return not _DATE.search(asked) and any(map(_DATE.search, about))
        case "where":
            return _names_another(_PLACE, about, asked)
        case "who":
            does = any(word.islower() for word in wanted) and not _WHOM.match(asked)
            return does and _names_another(_PERSON, about, asked)
        case "how_many":
            return _counts(sentence, wanted[0])
        case _:
            return False


def _defines(sentence: str, asked: str) -> bool:
    """Whether a term that is asked for its meaning is told what it is: `orientalism is a view`."""
    term = _MEANING.match(asked)
    if term is None:
        return False
    named = rf"(?:^|[:;]\s)\W*(?:the\s|an?\s)?{re.escape(term['term'])}\W{{1,3}}"
    found = re.search(named, sentence, re.IGNORECASE)
    return found is not None and _IS_A.match(sentence, found.end()) is not None


def _names(sentence: str, asked: str, wanted: tuple[str, ...]) -> bool:
    """Whether a sentence tells what something is called; the verb of the question may differ."""
    return (
        _CALLED.match(asked) is not None
        and _CALLS.search(sentence) is not None
        and len(held(wanted, sentence)) >= max(LEAST_WORDS, len(wanted) - 1)
    )


def _about(sentence: str, wanted: Sequence[str]) -> list[str]:
    """Return the pieces of a sentence that say most of what is asked about.

    A date of another piece is that of another event: `the house, built in 1800, was sold`. A piece
    with a date and little else opens the next one: `In 1800, the house was sold`.
    """
    pieces: list[str] = []
    open_ = ""
    for piece in _PIECES.split(sentence):
        open_ = f"{open_} {piece}".strip()
        if sum(not (_DATE.search(word) or word.isdigit()) for word in content_words(open_)) > 1:
            pieces.append(open_)
            open_ = ""
    if open_ and pieces:
        pieces[-1] += f" {open_}"
    return [piece for piece in pieces if 2 * len(held(wanted, piece)) > len(wanted)]


def _names_another(pattern: re.Pattern[str], pieces: Iterable[str], asked: str) -> bool:
    known = FUNCTION_WORDS | {word.lower() for word in (*words(asked), *MONTHS)}
    return any(
        found["name"].lower() not in known for piece in pieces for found in pattern.finditer(piece)
    )


def _counts(sentence: str, counted: str) -> bool:
    """Whether a number stands right before what is counted: 40 (short) pieces."""
    told = words(sentence)
    return any(
        same_word(counted, word)
        and any(near[0].isdigit() or is_number_word(near) for near in told[max(0, at - 2) : at])
        for at, word in enumerate(told)
    )
