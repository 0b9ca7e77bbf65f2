"""Whether a passage answers a question, and what speaks against it; read off both parses.

Questions that only look answerable mix two facts, swap one name, figure or opposite for another,
deny what is said, or want a date where there is none. Each of these is looked for in the sentence
that says most of the question. A word that the passage lacks altogether says little: people
paraphrase.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from colloquia.core.types import Span
from colloquia.language.asking.questions import IMPLIED, AskedFor, asked_for
from colloquia.language.facts.evidence import is_content, word_keys
from colloquia.language.lexicon import word_set
from colloquia.language.reading.parsing import parse_all
from colloquia.language.reading.sentences import split_sentences
from colloquia.offline.reading.opposites import opposites

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

Fault = Literal["other name", "other modifier", "opposite", "denial"]

_ENTITIES: dict[AskedFor | None, frozenset[str]] = {
    "who": word_set("PERSON ORG NORP"),
    "where": word_set("GPE LOC FAC ORG NORP"),
    "when": word_set("DATE TIME"),
    "how_many": word_set("CARDINAL QUANTITY PERCENT MONEY ORDINAL DATE"),
}
_MARKERS: dict[AskedFor | None, frozenset[str]] = {
    "why": word_set("because since due so therefore reason cause caused as for to thus"),
    "how": word_set("by with through using via as in"),
}
_NAME_ROLES = word_set("nsubj nsubjpass pobj appos conj")
_WEAK = word_set(
    "name call type kind term word do be have get make use many much main also first become refer "
    "know happen take give"
)
_WEIGHTS = {"NOUN": 1.0, "PROPN": 1.0, "NUM": 1.0, "ADJ": 0.8, "VERB": 0.7, "ADV": 0.5}
_MODIFIES = word_set("amod compound nummod poss")
_NEGATES = word_set("never no without")
_FAULTS: dict[Fault, float] = {  # how much each counts
    "other name": 0.9, "other modifier": 0.6, "opposite": 2.0, "denial": 2.75,
}  # fmt: skip
_FOREIGN = 2.0  # against a question of which the passage has no word
_NEARLY = 0.2  # of the question's weight: a sentence that says that much less may answer too


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerability:
    """How likely a passage answers a question, and why not."""

    score: float
    """0..1, to rank by: about 0.5 is undecided."""
    sentence: Span
    """The sentence that says most of the question."""
    wanted: AskedFor | None
    """What the question asks for."""
    has_wanted: bool
    """Whether that sentence, or one nearly as good, has such a thing that the question hasn't."""
    against: dict[Fault, tuple[str, ...]]
    """The words of the question that speak against it, by what is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    doc: "Doc"
    wanted: AskedFor | None
    content: "list[Token]"
    keys: frozenset[str]

    def said_by(self, keys: frozenset[str]) -> float:
        """The share of the question's weight whose words are among these keys."""
        whole = sum(_WEIGHTS[token.pos_] for token in self.content)
        said = sum(_WEIGHTS[token.pos_] for token in self.content if _in(token, keys))
        return said / whole if whole else 0.0


def answerability(question: str, *, passage: str) -> Answerability:
    """Return whether an English passage answers a question, and what speaks against it."""
    places = split_sentences(passage)
    doc, *sentences = parse_all((question, *(place.text for place in places)))
    asked = _read(doc)
    keys = [_keys(sentence) for sentence in sentences]
    said = [asked.said_by(found) for found in keys]
    wanted = [_has_wanted(asked, sentence) for sentence in sentences]
    at = max(range(len(sentences)), key=lambda index: (said[index], wanted[index]))
    best, known = sentences[at], frozenset[str]().union(*keys)
    has_wanted = any(
        has and much >= said[at] - _NEARLY for has, much in zip(wanted, said, strict=True)
    )
    strangers = sum(
        any(is_content(token) and not _in(token, known) for token in name) for name in doc.ents
    )
    faults = _faults(asked, best, keys[at])
    # Weights are rounded ones of a logistic regression.
    against = 2.5 * (asked.said_by(known) - said[at]) + 0.3 * strangers + (not has_wanted)
    against += sum(_FAULTS[fault] for fault, words in faults.items() if words)
    against += _FOREIGN * bool(asked.content and not asked.said_by(known))
    return Answerability(
        score=1 / (1 + math.exp(against - 0.7)),
        sentence=Span(start=places[at].start, end=places[at].end, text=best.text),
        wanted=asked.wanted,
        has_wanted=has_wanted,
        against={fault: tuple(token.text for token in words) for fault, words in faults.items()},
    )


def _faults(asked: _Asked, best: "Doc", keys: frozenset[str]) -> "dict[Fault, list[Token]]":
    """Return what is wrong with words of a question, beside the sentence that says most of it."""
    lacking = [token for token in asked.content if not _in(token, keys)]
    other_names = {
        entity.label_
        for entity in best.ents
        if not any(_in(token, asked.keys) for token in entity if is_content(token))
    }
    modified = _keys(
        token
        for token in best
        if token.pos_ in {"NOUN", "PROPN"}
        and any(child.dep_ in _MODIFIES for child in token.children)
    )
    turned = opposites(_plain(asked.doc), _plain(best))
    denied = any(map(_negates, best))
    return {
        "other name": [token for token in lacking if token.ent_type_ in other_names],
        "other modifier": [
            token for token in lacking if token.dep_ in _MODIFIES and _in(token.head, modified)
        ],
        "opposite": [token for token in asked.content if turned & _plain([token])],
        "denial": [token for token in asked.doc if _negates(token) and not denied],
    }


def _read(doc: "Doc") -> _Asked:
    """Return what a question wants, and its content words without those that say what it wants."""
    asking = [token for token in doc if token.tag_ in {"WDT", "WP", "WP$", "WRB"}]
    # `When it has been eaten, what …`: the question word of a clause beside asks nothing.
    asking.sort(key=lambda token: token.head.dep_ in {"advcl", "relcl"})
    wanted = asked_for(doc[asking[0].i :].text) if asking else "yes_no"
    named = [token.head for token in asking[:1] if token.dep_ == "det"]  # in what year
    return _Asked(
        doc=doc,
        wanted=wanted,
        content=[
            token
            for token in doc
            if is_content(token)
            and token not in (*asking[:1], *named)
            and token.lower_ not in IMPLIED.get(wanted, ())
            and token.lemma_.lower() not in _WEAK
        ],
        keys=_keys(doc),
    )


def _has_wanted(asked: _Asked, sentence: "Doc") -> bool:
    """Whether a sentence has what is wanted, and the question doesn't say it itself."""
    new = [token for token in sentence if not _in(token, asked.keys)]
    kind = asked.wanted
    if kind in _MARKERS:
        return any(token.lower_ in _MARKERS[kind] for token in sentence)
    if kind not in _ENTITIES:
        return any(token.pos_ in {"NOUN", "PROPN", "ADJ"} for token in new)
    roles = {"who": _NAME_ROLES, "where": {"pobj"}}.get(kind or "", frozenset())
    return any(
        (token.ent_type_ in _ENTITIES[kind] and is_content(token))
        or (token.pos_ == "PROPN" and token.dep_ in roles)
        or (kind == "how_many" and token.like_num)
        for token in new
    )


def _plain(tokens: "Iterable[Token]") -> frozenset[str]:
    return frozenset(word for token in tokens for word in (token.lower_, token.lemma_.lower()))


def _negates(token: "Token") -> bool:
    return token.dep_ == "neg" or token.lower_ in _NEGATES


def _keys(tokens: "Iterable[Token]") -> frozenset[str]:
    return frozenset[str]().union(*(word_keys(token) for token in tokens))


def _in(token: "Token", keys: frozenset[str]) -> bool:
    return not keys.isdisjoint(word_keys(token))
