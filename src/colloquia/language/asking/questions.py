"""What an utterance asks: which of its sentences ask, what for, and in which bare words.

English only. It goes by question marks, question words and the verbs of requests and never by
grammar, since people who type in a hurry leave out marks, capitals and subjects.
"""

import re
from functools import lru_cache
from typing import Literal

from colloquia.language.lexicon import word_set
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import WORD, content_words

AskedFor = Literal["when", "where", "who", "how_many", "why", "how", "what", "yes_no"]

_WH = r"(?:what|who|when|where|why|how|which|whose|whom)(?:['’]?s)?"
_AUX = (
    r"(?:is|are|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had)"
    r"(?:n['’]?t)?"
)
_CONTINUES = r"(?:and|so|but|or|then|now|also|well|ok|okay|next|please|still|yet)"
_GREETS = r"(?:hi|hello|hey|thanks?|thank you|oh+|ah+|hmm+|wait|sorry|right)"
# Each round begins with a word and ends before the next: one way to match, so no blow-up.
_LEAD = rf"\W*+(?:(?:{_CONTINUES}|{_GREETS})\b\W*+)*"
_PREPOSITION = r"(?:(?:in|on|at|from|since|by|to|of|for|with|under|until|through)\s+)?"
_REQUEST = (
    r"(?:tell|explain|describe|give|name|list|define|remind|show|teach|compare|outline|sketch|"
    r"state|summari[sz]e|sum\s+up|walk|help|run|take|talk|clarify|confirm|spell\s+out|break\s+down|"
    r"fill\s+me|let\s+me\s+know|say)"
)

# A question without its mark, or a request: any of these anywhere is taken for one.
_ASKS = re.compile(
    rf"""
      [?？]
    | ^{_LEAD}(?:{_WH}|{_AUX})\b(?!\s+an?\b)
    | (?:^|[,;:.!–—-]\s*|\b(?:please|{_CONTINUES})\s+){_REQUEST}\b
    | \b(?:can|could|would|will)\s+you\b
    | \bI(?:['’]d|\s+would|\s+should)\s+(?:\w+\s+)?(?:like|love|prefer)\b
    | \bI\s+(?:\w+\s+)?(?:want|need|wonder|wish\s+to)\b
    | \bI['’]?(?:\s+a)?m\s+(?:\w+\s+)?
        (?:curious|wondering|interested|looking|trying|unsure|not\s+sure|after)\b
    | ^{_LEAD}(?:\w+\s+)?(?:need(?:ed)?|wondering|curious|any|more|anything)\b
    | \b(?:go(?:\s+on)?|quick|please|briefly|essentials|basics|gist|overview|in\s+short)\b[.!…]*\s*$
    | [:–—]\s*{_WH}\b
    | \b{_WH}\b[^.!…]*$                                  # the mark was left out
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EXCLAIMS = re.compile(rf"^{_LEAD}(?:what|how)\b[^?]*!+$", re.IGNORECASE)
_MARKED = re.compile(r"(?<![?？])[?？][!?？]*+[\"'”’»)\]]*+$")
_ENDS = re.compile(r"(?<=[?？؟])|[.!。！\n]")
_AFTER_MARK = re.compile(r"(?<=[?？])\s+")

# What stands before the question proper. `whether` stays: it tells what is asked for.
_WRAPPER = re.compile(
    r"^.*?\b(?:do\s+you\s+(?:happen\s+to\s+)?know|(?:can|could|would|will)\s+you\s+(?:please\s+|kindly\s+)?"
    r"(?:tell|explain|say|remind|show|clarify|confirm|mind\s+telling|mind\s+explaining)(?:\s+to)?(?:\s+me|\s+us)?|"
    r"may\s+I\s+ask|can\s+I\s+ask|any\s+idea|I(?:['’]d|\s+would)\s+(?:\w+\s+)?(?:like|love)\s+to\s+know|"
    r"I(?:['’]m|\s+am)\s+(?:\w+\s+)?(?:curious|wondering)(?:\s+to\s+know)?|I\s+wonder|tell\s+me|remind\s+me|"
    r"I\s+(?:want|need)\s+to\s+know)\b[,:]?\s*",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    rf"(?:(?:^|(?<![:;.!…–—])[:;.!…–—]\s*|,\s*(?:{_CONTINUES})\s+){_LEAD}"
    rf"|,\s*(?=(?:what|when|why|how)\s+(?:\w+\s+)?{_AUX}\b)|,\s*(?={_AUX}\b))"
    rf"(?P<asks>{_PREPOSITION}(?:{_WH}|{_AUX})\b)",
    re.IGNORECASE,
)

# What year, which year, what's the year, what was the year.
_WHICH = r"(?:what|which)(?:(?:['’]?s|\s+(?:is|was))\s+the)?"
_FOR: tuple[tuple[AskedFor, str], ...] = (
    ("when", rf"when(?:['’]?s)?|{_WHICH}(?:\s\w+)?\s(?:year|date|month|day|century|decade)"),
    ("where", r"where(?:['’]?s)?"),
    ("where", rf"{_WHICH}\s(?:place|city|town|country|region|state|river|island)"),
    ("how_many", r"how\s(?:many|much|long|far|tall|high|old|large|big|wide|deep|often|fast|heavy)"),
    ("how_many", rf"{_WHICH}\s+(?:number|share|percentage|amount)"),
    ("who", rf"who(?:m|se)?(?:['’]?s)?|{_WHICH}\s+(?:person|people)"),
    ("why", rf"why|how\s+come|{_WHICH}\s+(?:reason|cause)"),
    ("how", r"how(?:['’]?s)?"),
    ("what", r"(?:what|which)(?:['’]?s)?"),
    ("yes_no", rf"{_AUX}|whether|if"),
)  # fmt: skip
_ASKED_FOR = tuple(
    (wanted, re.compile(rf"{_PREPOSITION}(?:{pattern})\b", re.IGNORECASE))
    for wanted, pattern in _FOR
)

# They add manner, whatever is asked; and those that name what the question word asks for anyway.
_WEAK = word_set(
    "exactly precisely actually really quite simply roughly about approximately please thanks "
    "thank question know tell explain say said mean come happen kind sort thing ever again "
    "so-called right okay ok briefly still main"
)
IMPLIED: dict[AskedFor | None, frozenset[str]] = {
    "when": word_set("year years date dates month day century decade time"),
    "where": word_set("place places city town country region located"),
    "who": word_set("name names named person people"),
    "how_many": word_set("number amount total"),
    "what": word_set("name named called"),
    "why": word_set("reason reasons cause"),
}
# Asked for form's sake, with nothing else: can I ask something, are you sure, would you mind?
_IDLE = word_set(
    "sure know knew see mind guess guessed thought remember ask something check go trouble bother "
    "help explain clarify"
)
_GUESSES = re.compile(rf"\W*(?:or|like|maybe|perhaps|because)\b(?!.*\b{_WH}\b)", re.IGNORECASE)
_REAL = re.compile(
    rf"(?:^|[,;:.–—-]\s*(?:{_CONTINUES}\s+)?){_LEAD}(?:{_AUX})\b|\b{_WH}\b", re.IGNORECASE
)
FEW_WORDS = 3  # Really? By ship? Why so?


@lru_cache(maxsize=1024)
def asking_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences that ask or request something; a hurried `ok X, go.` is a request."""
    pieces = [
        piece for found in split_sentences(text) for piece in _AFTER_MARK.split(found.text) if piece
    ]
    return tuple(
        piece
        for piece in pieces
        if WORD.search(piece) and _ASKS.search(piece) and not _EXCLAIMS.match(piece)
    )


def marked_pieces(text: str) -> tuple[str, ...]:
    """Return what ends in a question mark and is more than a word or two, in any language."""
    pieces = [piece.strip() for piece in _ENDS.split(text)]
    return tuple(
        piece
        for piece in pieces
        if piece.endswith(("?", "？", "؟"))
        and (
            len(WORD.findall(piece)) > FEW_WORDS
            or (not piece.isascii() and " " not in piece and len(piece) > 2 * FEW_WORDS)
        )
    )


def separate_questions(text: str) -> tuple[str, ...]:
    """Return the sentences with a question mark that each want an answer of their own.

    `Really?`, an echo of what was said, `Can I ask something?` and a guess that follows a question
    (`By ship?`, `Or later?`) want none.
    """
    return tuple(
        found for found in asking_sentences(text) if _MARKED.search(found) and _wants_answer(found)
    )


def _wants_answer(sentence: str) -> bool:
    bare = bare_question(sentence)
    said = {word.lower() for word in weighty_words(bare)}
    goes_on = len(WORD.findall(sentence)) > FEW_WORDS and asked_for(bare) != "yes_no"
    weighs = said - _IDLE or (goes_on and not said)  # And what did they do then?
    return bool(weighs and _REAL.search(sentence)) and not _GUESSES.match(sentence)


@lru_cache(maxsize=1024)
def bare_question(sentence: str) -> str:
    """Return the question in a sentence without what leads up to it: `Thanks, and when was …`."""
    wrapper = _WRAPPER.match(sentence)
    rest = sentence[wrapper.end() :] if wrapper else sentence
    clause = _CLAUSE.search(rest)
    return rest[clause.start("asks") :] if clause else rest


def asked_for(bare: str) -> AskedFor | None:
    """Return what a bare question asks for; None for a request that no question word begins."""
    return next((wanted for wanted, pattern in _ASKED_FOR if pattern.match(bare)), None)


@lru_cache(maxsize=4096)
def weighty_words(bare: str) -> tuple[str, ...]:
    """Return the content words of a bare question without those that any like it may have."""
    wanted = asked_for(bare)
    weak = _WEAK | IMPLIED[wanted] if wanted in IMPLIED else _WEAK
    return tuple(word for word in content_words(bare) if word.lower() not in weak)
