"""What can stand in a question: clear pieces, phrases that name something."""

import re
from collections.abc import Iterable

from colloquia.core.hashing import seed_for
from colloquia.language.clauses import Clause
from colloquia.language.lexicon import word_set
from colloquia.language.pieces import Piece
from colloquia.language.words import content_words, words
from colloquia.offline.grammar import DISCOURSE

MAX_QUESTION_WORDS = 24  # longer ones are hard to say in one breath
_MAX_PIECE_WORDS = 12
# Pointing words whose target would be lost outside their sentence.
_POINTERS = word_set(
    "this these those such here there it he she him them they we us our latter former"
)
_YEAR = re.compile(r"\b(?:1[0-9]\d\d|20\d\d)\b")
_COUNT = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,3}(?:,\d{3})+|\d{1,3})\b(?![.,–-]?\d)"
)
# A phrase that says nothing without what follows it: settled in an area | in the east …
_VAGUE = re.compile(
    r"(?:\w+ )?(?:an?|the) (?:area|place|way|number|part|form|kind|sort|result|extent)", re.I
)


def sound(question: str, *, limit: int = MAX_QUESTION_WORDS) -> bool:
    """Whether a question is short, balanced and free of marks that don't belong in one."""
    if not 3 <= len(words(question)) <= limit:
        return False
    if question.count('"') % 2 or question.count("(") != question.count(")"):
        return False
    if question.count("“") != question.count("”") or re.search(
        r"[\[\]{};:—|<>=/\\]|\s[,']", question
    ):
        return False
    body = question.rstrip("?").rstrip()
    return not re.search(r"\b(?:and|or|the|a|an|of|to|by|in|with|as)$|\b(\w+) \1\b", body, re.I)


def kept_pieces(clause: Clause, *, drop: Iterable[Piece] = ()) -> tuple[Piece, ...]:
    """Return the pieces that can stand in a question: up to the first unclear or long one."""
    dropped = tuple(drop)
    kept: list[Piece] = []
    length = 0
    for piece in clause.pieces:
        if piece in dropped:
            continue
        size = len(words(piece.text))
        if piece.kind in {"tail", "participle", "cause"} or unclear(piece.text):
            break
        if piece.kind == "adverb" and (piece is clause.pieces[-1] or piece.text in DISCOURSE):
            continue
        if size > _MAX_PIECE_WORDS or length + size > _MAX_PIECE_WORDS + 4:
            break
        if piece.kind == "object" and any(earlier.kind == "object" for earlier in kept):
            break  # two noun phrases in a row: the second is most likely misread
        kept.append(piece)
        length += size
    if kept and kept[-1] is clause.pieces[-1] and not clause.separable:
        kept.pop()  # it goes on in a tail that couldn't be read
    while kept and (kept[-1].kind == "adverb" or _VAGUE.fullmatch(kept[-1].text)):
        kept.pop()
    return tuple(kept)


def unclear(phrase: str) -> bool:
    """Whether a phrase points at something outside itself."""
    return any(word.lower() in _POINTERS for word in words(phrase)) or phrase.count('"') % 2 == 1


def telling(phrase: str, *, least: int) -> bool:
    """Whether a phrase names something in particular: by a name, or by several words."""
    return len(content_words(phrase)) >= least or bool(
        re.search(r"(?<!^)\b[A-Z]|\b[A-Z]\w*[A-Z]|^[A-Z]", phrase)
    )


def changed_figure(phrase: str) -> str | None:
    """Return a phrase with its only year or count changed; None if it has none or several."""
    years, counts = _YEAR.findall(phrase), _COUNT.findall(phrase)
    if len(years) == 1:
        return _YEAR.sub(str(int(years[0]) - 2 - seed_for("year", phrase) % 9), phrase)
    if len(counts) == 1 and not years:
        return _COUNT.sub(lambda found: _other_count(found.group()), phrase)
    return None


def _other_count(count: str) -> str:
    names = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    if count.lower() in names:
        return names[(names.index(count.lower()) + 2) % len(names)]
    value = int(count.replace(",", ""))
    step = 2 if value < 20 else max(2, round(value * 0.2))
    return f"{value + step:,}" if "," in count else str(value + step)
