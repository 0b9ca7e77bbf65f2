"""Words that mean the opposite of each other: the commonest pairs, and those made by a prefix."""

from colloquia.language.lexicon import word_set

_PAIRS = """
most/least | largest/smallest | biggest/smallest | highest/lowest | best/worst | first/last |
more/less fewer | before/after | above/below | up/down | left/right | north/south | east/west |
northern/southern | eastern/western | upper/lower | inner/outer | internal/external | early/late |
old/new young | modern/ancient | long/short | high/low | large/small | strong/weak | hot/cold |
rich/poor | heavy/light | wide/narrow | full/empty | fast quick rapid/slow |
quickly rapidly/slowly | male/female | man/woman | major/minor | maximum/minimum |
majority/minority | positive/negative | public/private | active/passive | simple/complex |
easy/difficult | same/different | similar/different | permanent/temporary | natural/artificial |
urban/rural | domestic/foreign | offensive/defensive | common/rare | always/never | win/lose |
gain/lose | victory/defeat | success/failure | succeed/fail | succeed/precede | follow/precede |
accept/reject | allow permit/forbid prohibit | begin start/end | birth/death | bear/die |
increase/decrease | rise/fall | raise/lower | accelerate/decelerate | add/subtract | push/pull |
attract/repel | absorb/emit | expand/contract | build/destroy | create/destroy | include/exclude |
support/oppose | encourage/discourage | cause/prevent | attack/defend | agree/disagree |
import/export | enter/leave | join/leave | arrive/depart | buy/sell | ally/enemy |
ancestor/descendant | peace/war
"""
_SIDES = tuple(tuple(map(word_set, pair.split("/"))) for pair in _PAIRS.split("|"))
_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "ab")
_LEAST_LETTERS = 4  # of what a prefix leaves


def opposites(words: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Return the words whose opposite is among others, while they themselves aren't.

    Both are words in lower case with their lemmas.
    """
    found = {
        word
        for one, other in _SIDES
        for side, against in ((one, other), (other, one))
        if against & others and not (one | other) & words & others
        for word in side & words
    }
    found |= {word for word in words - others if _bare(word) & others}
    return frozenset(
        found | {word for said in others - words for word in _bare(said) & words - others}
    )


def _bare(word: str) -> set[str]:
    """Return what a word may be the opposite of: consistent, of inconsistent."""
    rests = {word.removeprefix(prefix).lstrip("-") for prefix in _PREFIXES}
    return {rest for rest in rests - {word} if len(rest) >= _LEAST_LETTERS}
