"""A statement of the passage that an answer repeats without what limits it there.

What limits: a condition (if, unless, only, until, except), a hedge (usually, mainly, some of), a
bound (up to, at least) or a denial. Whoever repeats a sentence keeps its very limits; in free
wording, any other word that limits in the same way will do.
"""

import re
from typing import TYPE_CHECKING

from colloquia.language.reading.parsing import parse_sentences

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

STATED = 0.75  # of the content words of the limited clause, so many are in the answer
FEWEST = 2  # words of a clause that can be told from others
REPEATS = 0.85  # of the words of an answer's sentence that repeats one of the passage

_DENIAL = r"(?:\b(?:not|never|no longer|neither|nor|without)\b|n['’]t\b)"
#: How a passage limits what it says, and what an answer in other words may have in its stead.
_LIMITS = tuple(
    (re.compile(limit, re.IGNORECASE), re.compile(instead, re.IGNORECASE))
    for limit, instead in (
        (
            r"\b(?:only|unless|provided that|except(?:ing)?|until|till|(?:as|so) long as|apart from"
            r"|other than|excluding|depending on|but not"
            r"|(?<!even )(?<!as )(?<!particularly )(?<!especially )if)\b",
            rf"{_DENIAL}|\b(?:only|unless|provid\w+|except\w*|until|till|long as|apart from"
            r"|other than|exclud\w+|depend\w*|if|whether|when\w*|where|while|once|after|before"
            r"|in case|otherwise|should|alone|just|no|but|requires?|must|needs?|stops?|ends?)\b",
        ),
        (
            r"\b(?:mainly|mostly|usually|generally|normally|typically|largely|primarily|chiefly"
            r"|partly|(?<!most )often|sometimes|in most cases|(?:some|most|many) of)\b",
            r"\b(?:main\w*|most\w*|usual\w*|general\w*|normal\w*|typical\w*|large\w*|primar\w*"
            r"|chief\w*|part\w*|often|some\w*|many|in most cases|common\w*|may|might|can|tends?"
            r"|majority|rule|almost|rarely|frequent\w*|above all|especially|major\w*|principal\w*"
            r"|predominantly|half)\b",
        ),
        (
            r"\b(?:up to|at most|at least|n(?:o|ot) (?:more|less|fewer) than|almost|nearly"
            r"|(?:less|fewer|more) than|over(?= (?:\w+ )?\d))\b",
            r"\b(?:up to|most|more|maximum|least|minimum|less|fewer|almost|nearly|over|above|below"
            r"|under|beyond|within|close to|limit\w*|about|around|roughly|some|exceed\w*"
            r"|approximately|as \w+ as|not quite|between|range\w*)\b",
        ),
        (_DENIAL, ""),  # there are too many ways to deny it in other words
    )
)
_YES = "UH"  # or no, or well


def lost_limit(answer: str, *, passage: str, question: str) -> str | None:
    """Return what limits a statement in the passage and not in the answer, told to the answerer."""
    for sentence in parse_sentences(passage):
        for limit, instead in _LIMITS:
            for found in limit.finditer(sentence.text):
                if _is_lost(found, sentence, answer, question=question, instead=instead):
                    around = sentence.text[max(0, found.start() - 40) : found.end() + 40]
                    return f"The passage limits this by {found[0]!r} ({around!r}); keep that."
    return None


def _is_lost(
    found: "re.Match[str]", sentence: "Doc", answer: str, *, question: str,
    instead: "re.Pattern[str]",
) -> bool:  # fmt: skip
    head, stated = _limited(sentence, found)
    for said in parse_sentences(answer):
        lemmas = {token.lemma_.lower() for token in said}
        share = len(stated & lemmas) / max(FEWEST, len(stated))
        if _repeats(said, sentence):
            rest = {token.lemma_.lower() for token in said if _carries(token)} - stated
            alike = share >= STATED / 2 or len(stated) < FEWEST or len(rest) < FEWEST
            holds, kept = alike and head in lemmas, found.re
        else:
            holds, kept = share >= STATED, instead
        if holds and not kept.search(f"{said.text} {question}"):
            return True
    return False


def _repeats(said: "Doc", sentence: "Doc") -> bool:
    theirs = {token.lemma_.lower() for token in sentence}
    own = [t.lemma_.lower() for t in said if not t.is_punct and t.tag_ != _YES]
    return sum(lemma in theirs for lemma in own) >= REPEATS * len(own)


def _limited(sentence: "Doc", found: "re.Match[str]") -> tuple[str, frozenset[str]]:
    """Return the verb of the clause that a limit holds for, and the clause's content words."""
    first = next(token for token in sentence if token.idx + len(token) > found.start())
    limit, head = {first.i}, first.head
    if first.dep_ == "mark":
        limit, head = {token.i for token in first.head.subtree}, first.head.head
    elif first.dep_ == "prep":
        limit = {token.i for token in first.subtree}
    while head.pos_ not in ("VERB", "AUX") and head.head.i != head.i:
        head = head.head
    clause = (token for token in head.subtree if token.i not in limit)
    return head.lemma_.lower(), frozenset(t.lemma_.lower() for t in clause if _carries(t))


def _carries(token: "Token") -> bool:
    empty = token.is_stop or token.is_punct or token.is_space or token.tag_ == _YES
    return token.like_num or not empty
