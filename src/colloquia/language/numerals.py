"""Numbers written as words: which words are numbers, what they are worth, which only count."""

from colloquia.language.lexicon import word_set

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = word_set("hundred thousand million billion trillion dozen")
_VALUES = {
    **{word: value for value, word in enumerate(_SMALL)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
}
# They count, if roughly: dozens of ships sank.
_ROUGH = word_set("dozens scores hundreds thousands millions billions trillions")


def value_of(word: str) -> int | None:
    """Return what a number written as one word is worth (0..99, `forty-nine` is 49), else None."""
    tens, dash, ones = word.lower().partition("-")
    if not dash:
        return _VALUES.get(tens)
    both = tens in _TENS and 0 < _VALUES.get(ones, 0) < 10
    return _VALUES[tens] + _VALUES[ones] if both else None


def is_number_word(word: str) -> bool:
    """Whether a word is a number: seven, forty-nine, hundred."""
    return value_of(word) is not None or word.lower() in _SCALES


def counts_roughly(word: str) -> bool:
    """Whether a plural stands for a number nobody has counted exactly: dozens, thousands."""
    return word.lower() in _ROUGH
