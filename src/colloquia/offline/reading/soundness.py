"""What can stand in a question: clear pieces, phrases that name something."""

import re
from collections.abc import Iterable

from colloquia.core.hashing import seed_for
from colloquia.language.clauses import Clause
from colloquia.language.lexicon import word_set
from colloquia.language.pieces import Piece
from colloquia.language.tagging import tag
from colloquia.language.words import content_words, words
from colloquia.offline.reading.grammar import DISCOURSE

MAX_QUESTION_WORDS = 24  # longer ones are hard to say in one breath
_OWN_PREPOSITION = re.compile(
    r"\b(?:consists? of|depends? on|leads? to|lead to|results? in|belongs? to|refers? to|focus on|"
    r"contribute to|rely on|derive[d]? from|originate (?:from|in)|deal with|suffer from|"
    r"speciali[sz]e in|serve as|act as|feed on|live on|compete in|react with|begin with|end with|"
    r"differ from|account for|stand for|result (?:in|from)|known as|named after|used (?:for|as)|"
    r"based on|made (?:of|from)|composed of|connected to|associated with|filled with|covered with|"
    r"divided into|powered by|surrounded by|driven by|caused by)$"
)
_NEEDED = frozenset({"object", "that", "infinitive"})
# With two objects, the second says what the first is made or called: make Surtsey a heritage site.
_NAMING = word_set("make name call declare appoint elect crown proclaim designate let give offer")
#: Said of nothing, these ask for nothing: When did Euler show?
SAYING = word_set(
    "show announce say state argue claim suggest conclude demonstrate prove report declare explain "
    "note find discover believe decide estimate predict propose"
)
_MAX_PIECE_WORDS = 12
# Pointing words whose target would be lost outside their sentence.
_POINTERS = word_set(
    "this these those such here there it he she him them they we us our latter former"
)
# Words that want another one after them, and spans without the word that makes them a time.
_CUT_SHORT = re.compile(
    r"\b(?:and|or|the|an?|of|to|by|in|with|as|more|less|most|such|other|only|about|than|not|very|"
    r"each|also|their|its|his|her|that|which|de|van|von|di|at|from|on|into|both|some|any|"
    r"equivalent|worth|up to|at least|(?<!many )(?<!few )(?:\w+ )?years|\w+ months|percent of)$",
    re.I,
)
# A year right behind a word that doesn't govern it: it opened 1999, the garden opened 2002
_LOOSE_YEAR = re.compile(
    r"\b(?!(?:in|by|since|of|after|before|until|till|from|between|and|to|around|circa|c|year|early|"
    r"late|mid|about|than|the|a|an|during|on|for|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|its|their|version|\d+)\b)\w+,? (?:1[5-9]|20)\d\d\b"
    r"(?! [a-z]*[a-z])",
)
_GIVEN_TIME = re.compile(
    r"\b(?:in|by|since|until|around|from|between) (?:(?:early|late|mid|about) )?(?:[A-Z]\w+ )?"
    r"(?:1[0-9]|20)\d\d\b|\b(?:till|until) |\b\d(?:th|st) century|"
    r"\b(?:years|decades|months) (?:later|earlier|ago)"
)
_GIVEN_PLACE = re.compile(
    r"\b\d[\d.,]* (?:kilometres|kilometers|miles|km|metres|meters)\b|\boff [A-Z]|"
    r"\b(?:north|south|east|west) of\b|\b(?:near|outside|across) (?:the )?[A-Z]"
)
_YEAR = re.compile(r"\b(?:1[0-9]\d\d|20\d\d)\b")
_COUNT = re.compile(
    r"(?<!-)\b(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,3}(?:,\d{3})+|\d{1,3})\b"
    r"(?![.,–-]?\d)"
)
# A phrase that says nothing without what follows it: settled in an area | in the east …
_VAGUE = re.compile(
    r"(?:\w+ )?(?:an?|the) (?:area|place|way|number|part|form|kind|sort|result|extent|process|"
    r"manner|case|point|moment|situation|type|series|set|variety|range|group)",
    re.I,
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
    if (_CUT_SHORT.search(body) and not _stranded(body)) or re.search(r"\b(\w+) \1\b", body, re.I):
        return False
    return not (_LOOSE_YEAR.search(body) or _asks_what_it_says(body))


def _stranded(body: str) -> bool:
    """Whether it ends in the preposition of its own verb: what does it consist of."""
    asks = re.match(r"(?:what|who)\b", body, re.I) is not None
    return asks and _OWN_PREPOSITION.search(body) is not None


def _asks_what_it_says(body: str) -> bool:
    """Whether it asks when and gives a year, or where and gives a distance or a bearing."""
    if re.match(r"when\b", body, re.I):
        return _GIVEN_TIME.search(body) is not None
    return re.match(r"where\b", body, re.I) is not None and _GIVEN_PLACE.search(body) is not None


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
        if piece.kind == "adverb" and _idle(piece, clause):
            continue
        if size > _MAX_PIECE_WORDS or length + size > _MAX_PIECE_WORDS + 4:
            break
        second = piece.kind == "object" and any(earlier.kind == "object" for earlier in kept)
        if second and not (clause.lemma in _NAMING and len(kept) == 1):
            break  # two noun phrases in a row: the second is most likely misread
        kept.append(piece)
        length += size
    if kept and kept[-1] is clause.pieces[-1] and not clause.separable:
        kept.pop()  # it goes on in a tail that couldn't be read
    while kept and (kept[-1].kind == "adverb" or _VAGUE.fullmatch(kept[-1].text)):
        kept.pop()
    return tuple(kept)


def _idle(piece: Piece, clause: Clause) -> bool:
    """Whether an adverb says nothing here; `too` before an adjective says a lot."""
    if piece is clause.pieces[-1]:
        return True
    return piece.text in DISCOURSE and piece.text != "too"


def whole(clause: Clause, pieces: Iterable[Piece], *, drop: Iterable[Piece] = ()) -> bool:
    """Whether a question keeps what its verb can't do without: its first object, or what is said.

    `When did Euler show?` and `Why did the rule make?` are no questions.
    """
    there = (*pieces, *drop)
    needed = [piece for piece in clause.pieces[:3] if piece.kind in _NEEDED]
    if needed and needed[0] not in there:
        return False
    if clause.lemma in _NAMING and not clause.passive:
        objects = [piece for piece in clause.pieces if piece.kind == "object"]
        named = len(objects) >= 2 or clause.lemma not in {"make", "call", "let"}
        return named and (len(objects) < 2 or objects[1] in there)
    return not (clause.lemma in SAYING and not needed and not clause.passive)


def well_cut(clause: Clause, pieces: tuple[Piece, ...]) -> bool:
    """Whether the last piece ends where its phrase does: on no adjective, before no noun."""
    if not pieces:
        return True
    tokens = tag(pieces[-1].text)
    last = tokens[-1].tag if tokens else ""
    if last in {"JJR", "JJS", "CC", "PDT"}:
        return False
    loose = last in {"JJ", "VBN", "VBG"} and not clause.copular
    return not (loose and len(tokens) > 1 and pieces[-1].kind == "object")


def unclear(phrase: str) -> bool:
    """Whether a phrase points at something outside itself."""
    return any(word.lower() in _POINTERS for word in words(phrase)) or phrase.count('"') % 2 == 1


def telling(phrase: str, *, least: int) -> bool:
    """Whether a phrase names something in particular: by a name, or by several words."""
    return len(content_words(phrase)) >= least or bool(
        re.search(r"(?<!^)\b[A-Z]|\b[A-Z]\w*[A-Z]|^[A-Z]", phrase)
    )


_RANGE = re.compile(r"\d[\d,.]* (?:to|and|or) \d[\d,.]*")


def keeps_ranges(question: str, text: str) -> bool:
    """Whether every range in a question is the text's own: one end changed may make 74 to 74."""
    return all(found.group() in text for found in _RANGE.finditer(question))


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
