"""How well a passage backs an answer, as a grade from 0 to 1, read off both parses; no model.

What the answer claims is weighed. Talk around the claims (`I'm not sure, but`, a question back)
isn't a claim about the passage and doesn't count; what speakers say of themselves (`I love tacos`)
is one that no passage backs.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colloquia.language.figures.numbers import NUMBER, Number, read_number
from colloquia.language.lexicon import word_set
from colloquia.language.reading.parsing import parse_all
from colloquia.language.reading.pipeline import ENGLISH
from colloquia.language.reading.words import FUNCTION_WORDS, stem

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_CONTENT = word_set("NOUN PROPN VERB ADJ ADV NUM")
_KNOWING = word_set("know think believe guess mean hear say read see agree understand wonder bet")
_SURE = word_set("sure certain right correct aware glad sorry true welcome")
_FILLERS = word_set(
    "actually basically really pretty quite just yes yeah yep no oh wow well ok okay lol haha sure "
    "absolutely definitely exactly indeed course thanks thank please hi hello hey maybe perhaps "
    "probably interesting cool nice"
)
_AROUND = word_set("aux neg advmod acomp mark attr")
_STAND_INS = word_set("do be have can will would")  # I do; so have we
_COMPLEMENTS = word_set("dobj attr acomp xcomp ccomp prep oprd dative")
_SPELLINGS = (  # colour, centre, organise: one word with color, center, organize
    (re.compile(r"our(?=s?$|ed$|ing$|ful$)"), "or"),
    (re.compile(r"(?<=[^aeiou])re(?=s?$)"), "er"),
    (re.compile(r"is(?=e[ds]?$|ing$|ation$)"), "iz"),
)
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
_MOST_INITIALS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What of an answer's claims a passage backs; shares are 0..1, 0.5 where nothing is claimed."""

    content: float
    """Of the words that carry content, and of the numbers by what they are worth."""
    letters: float
    """Of all three letters in a row, word ends among them: how far the wording is the passage's."""
    lost: int
    """Words that carry content, and numbers, that aren't the passage's."""
    speaker: int
    """How often speakers tell of themselves."""
    judged: int
    """Judgements that aren't the passage's: `they are great`."""
    strays: int
    """Numbers that neither passage nor question has."""
    denied: int
    """Verbs that the answer negates and the passage doesn't, or the other way round."""

    @property
    def score(self) -> float:
        """The grade, 0..1.

        Weights are rounded ones of a logistic regression, but those of strays and denied: such
        answers are too few for one.
        """
        backs = 1.5 * self.content + 3 * self.letters
        against = 0.9 * math.log1p(self.lost) + 1.5 * min(2, self.speaker) + 0.75 * self.judged
        against += 0.5 * min(2, self.strays) + 0.5 * min(2, self.denied)
        return 1 / (1 + math.exp(2.8 + against - backs))


def evidence_score(
    answer: str, *, passage: str, question: str = "", language: str = ENGLISH
) -> float:
    """Return how well a passage backs an answer: 0 (not at all) to 1 (all of it).

    Words and numbers of the question may be repeated. A grade to rank by: the highest fit answers
    that say the passage over, and an answer may be false in one word and near 1.
    """
    return backing(answer, passage=passage, question=question, language=language).score


def backing(answer: str, *, passage: str, question: str = "", language: str = ENGLISH) -> Backing:
    """Return what of an answer's claims a passage backs."""
    said, source, asked = parse_all((answer, passage, question), language, entities=False)
    speaker, claims = _claims(said)
    nouns = (token for token in asked if token.pos_ in {"NOUN", "PROPN", "NUM"})
    known = frozenset[str]().union(*map(word_keys, source), *map(word_keys, nouns))
    short = _initials(source)
    content = [token for token in claims if is_content(token) and not token.like_num]
    lost = [
        token for token in content if known.isdisjoint(word_keys(token)) and token.text not in short
    ]
    numbers = _numbers(claims)
    theirs = _numbers(source) | _numbers(asked)
    strays = {number for number in numbers if not any(map(number.may_be, theirs))}
    weighed = len(content) + len(numbers)
    return Backing(
        content=1 - (len(lost) + len(strays)) / weighed if weighed else 0.5,
        letters=_letters(claims, source),
        lost=len(lost) + len(strays),
        speaker=speaker,
        judged=sum(token.pos_ == "ADJ" and token.dep_ in {"acomp", "attr"} for token in lost),
        strays=len(strays),
        denied=_denied(claims, source),
    )


def word_keys(token: "Token") -> frozenset[str]:
    """Return what two tokens share that are forms of one word, or derived from one stem."""
    found = {token.lower_, token.lemma_.lower() or token.lower_}
    for pattern, plain in _SPELLINGS:
        found |= {pattern.sub(plain, word) for word in found if len(word) > _MOST_INITIALS}
    return frozenset(found | {stem(word) for word in found})


def is_content(token: "Token") -> bool:
    """Whether a token carries content; where a language has no tagger, its stop words don't."""
    if not token.pos_:
        return _is_word(token) and not token.is_stop
    named = token.pos_ == "PROPN" and token.text[0].isupper()  # the US, in May, World War I
    carries = token.pos_ in _CONTENT and (named or token.lower_ not in FUNCTION_WORDS)
    return carries and _is_word(token)


def _is_word(token: "Token") -> bool:
    return any(map(str.isalnum, token.text))


def _claims(said: "Doc") -> "tuple[int, list[Token]]":
    """Return how often speakers tell of themselves, and the tokens of what they claim."""
    speaker, talk = 0, set[int]()
    for sentence in said.sents:
        asks = sentence.text.rstrip(" \"'").endswith("?")
        if asks and any(token.lower_ == "you" for token in sentence):
            talk |= _outside_what_is_known(sentence)
        for token in sentence:
            remark = _remark(token)
            talk |= remark
            if token.lower_ in _FILLERS or token.pos_ == "INTJ":
                talk.add(token.i)
            tells = token.lower_ in {"i", "we"} and token.dep_.startswith("nsubj") and not remark
            tells &= token.pos_ == "PRON"  # not World War I
            speaker += (tells or token.lower_ in {"my", "our"}) and not asks
    return speaker, [token for token in said if token.i not in talk and _is_word(token)]


def _outside_what_is_known(sentence: "Span") -> set[int]:
    """Of `Do you know that X is Y?` only what is known is claimed, of `Do you like X?` nothing."""
    claimed = {
        inner.i
        for token in sentence
        if token.dep_ in {"ccomp", "advcl", "dobj"} and token.head.lemma_ in _KNOWING
        for inner in token.subtree
    }
    return {token.i for token in sentence} - claimed


def _remark(subject: "Token") -> set[int]:
    """Return the tokens of `I don't know` or `you're right` with this subject."""
    if not subject.dep_.startswith("nsubj"):
        return set()
    verb = subject.head
    knows = verb.lemma_ in _KNOWING or any(child.lower_ in _SURE for child in verb.children)
    knows |= verb.lemma_ in _STAND_INS and not any(c.dep_ in _COMPLEMENTS for c in verb.children)
    if subject.lower_ not in {"i", "you", "we"} or not knows:
        return set()
    return {subject.i, verb.i, *(child.i for child in verb.children if child.dep_ in _AROUND)}


def _letters(claims: "list[Token]", source: "Doc") -> float:
    said, has = _plain(claims), _plain(source)
    threes = [said[at : at + 3] in has for at in range(len(said) - 2)]
    return sum(threes) / len(threes) if threes else 0.5


def _plain(tokens: "Iterable[Token]") -> str:
    return " ".join(token.lower_ for token in tokens if _is_word(token))


def _initials(source: "Doc") -> frozenset[str]:
    """Return the initials of neighbouring words: US for United States."""
    first = "".join(token.text[0] for token in source if token.text[0].isupper())
    return frozenset(
        first[at : at + size]
        for size in range(2, _MOST_INITIALS + 1)
        for at in range(len(first) - size + 1)
    )


def _numbers(tokens: "Iterable[Token]") -> frozenset[Number]:
    text = " ".join(token.text for token in tokens)
    values = (match[0] for match in _NUMBER.finditer(text) if match[0].lower() != "one")
    return frozenset(map(read_number, values))


def _denied(claims: "list[Token]", source: "Doc") -> int:
    verbs = [(word_keys(token), _negated(token)) for token in source if token.pos_ == "VERB"]
    said = [token for token in claims if token.pos_ == "VERB"]
    same = [{no for keys, no in verbs if keys & word_keys(token)} for token in said]
    return sum({not _negated(token)} == held for token, held in zip(said, same, strict=True))


def _negated(verb: "Token") -> bool:
    return any(child.dep_ == "neg" for child in verb.children)
