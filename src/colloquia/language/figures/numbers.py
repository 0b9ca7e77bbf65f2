"""Numbers as people write them, with their exact worth: 1,260; 1 260; 8¾; two hundred and fifty."""

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from unicodedata import numeric

_UP_TO_NINETEEN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_SMALL = _UP_TO_NINETEEN.split()
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_SMALL)}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS, start=2)}
_SCALES = {"dozen": 12, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALE = "|".join(_SCALES)
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_PART = rf"(?:{'|'.join(_PARTS)})s?"

_ONES, _BELOW_20 = "|".join(_SMALL[1:10]), "|".join(reversed(_SMALL[1:]))
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{_ONES}))?|{_BELOW_20})"
_BELOW_1000 = rf"(?:(?:{_BELOW_20}|a)[ -]hundred(?:(?: and)? {_BELOW_100})?|{_BELOW_100})"
_SCALED = rf"(?:(?:{_BELOW_1000}|a|half a)[ -](?:{_SCALE}))"
_WORDS = (
    rf"(?:(?:{_SCALED},? (?:and )?){{0,3}}?{_SCALED}(?:,? (?:and )?{_BELOW_1000})?|{_BELOW_1000})"
)
_DIGITS = r"(?:\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_GLYPH = "[¼½¾⅐-⅞]"
_AND_PART = rf"(?: and (?:a|one|two|three)[ -]{_PART}(?: (?:{_SCALE})(?!\w))?)"
_MOST_DIGITS = 100  # of more Python reads 4,300 at most, in quadratic time
_ROUND = 10**5  # no year ends in so many noughts
#: A number in digits or words, scale and fraction included.
NUMBER = (
    rf"(?:{_DIGITS}{_GLYPH}?(?:[ \u00a0](?:{_SCALE})(?!\w))?|(?<![\d.,]){_GLYPH}"
    rf"|(?<![\w-]){_WORDS}(?!\w){_AND_PART}?)"
)
#: A fraction in words: two-thirds, a quarter, half.
FRACTION = rf"(?:(?:a|{_ONES})[ -]{_PART}(?!\w)|half(?!\w))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What a number is worth."""

    value: Fraction
    quantum: Fraction
    """What its last digit that isn't 0 is worth: 100 in 1,200 and 0.1 in 33.3."""

    def may_be(self, other: "Number") -> bool:
        """Whether it is another number, or that one in round millions: 8.5 of 8,537,673."""
        rounded = self.quantum >= _ROUND and abs(self.value - other.value) < self.quantum
        return rounded or self.value == other.value


def read_number(text: str) -> Number:
    """Return what a text that matches `NUMBER` or `FRACTION` is worth."""
    lower = text.lower().strip()
    return _in_digits(lower) if lower[0].isdigit() or re.match(_GLYPH, lower) else _in_words(lower)


def _in_digits(text: str) -> Number:
    figures, *scale = re.split(r"(?<=[^a-z])[ \u00a0](?=[a-z])", text)
    factor = Fraction(_SCALES[scale[0]] if scale else 1)
    glyph = re.search(_GLYPH, figures)
    part = Fraction(numeric(glyph[0])).limit_denominator(10) if glyph else Fraction(0)
    plain = re.sub(rf"[^\d.]|{_GLYPH}", "", figures)[:_MOST_DIGITS]
    least = Fraction(1, part.denominator) if part else _last_digit(plain)
    return Number(value=(Fraction(plain or 0) + part) * factor, quantum=factor * least)


def _last_digit(plain: str) -> Fraction:
    whole, _, decimals = plain.partition(".")
    if decimals:
        return Fraction(1, 10 ** len(decimals))
    return (
        Fraction(10 ** (len(whole) - len(whole.rstrip("0")))) if whole.strip("0") else Fraction(1)
    )


def _in_words(text: str) -> Number:
    total, below, part = Fraction(0), Fraction(0), Fraction(0)
    halved = text.startswith("half a ")
    tokens = re.split(r"[ ,-]+", text.removeprefix("half ") if halved else text)
    for before, token in pairwise(("", *tokens)):
        parts = _PARTS.get(token) or _PARTS.get(token.removesuffix("s"))
        if parts:
            many = _worth(before)  # three-quarters, a half; a bare half is one
            below, part = below - many, (many or Fraction(1)) / parts
        elif token == "hundred":
            below *= 100
        elif token in _SCALES:
            total += (below + part) * _SCALES[token]
            below, part = Fraction(0), Fraction(0)
        else:
            below += _worth(token)
    value = (total + below + part) / (2 if halved else 1)
    whole = value.denominator == 1
    return Number(
        value=value, quantum=_last_digit(str(value)) if whole else Fraction(1, value.denominator)
    )


def _worth(word: str) -> Fraction:
    return Fraction(1 if word == "a" else value_of(word) or 0)


def value_of(word: str) -> int | None:
    """Return what a number written as one word is worth (0..99, `forty-nine` is 49), else None."""
    tens, dash, ones = word.lower().partition("-")
    if not dash:
        return _VALUES.get(tens)
    both = tens in _TENS and 0 < _VALUES.get(ones, 0) < 10
    return _VALUES[tens] + _VALUES[ones] if both else None


def is_number_word(word: str) -> bool:
    """Whether a word is a number: seven, forty-nine, hundred."""
    return value_of(word) is not None or word.lower() in {"hundred", *_SCALES}
