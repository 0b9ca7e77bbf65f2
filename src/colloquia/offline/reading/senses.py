"""What a part of a sentence tells: a time, a place, a means, a reason, a condition and more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from colloquia.language.figures.dates import MONTH, YEAR
from colloquia.language.lexicon import word_set

if TYPE_CHECKING:
    from spacy.tokens import Token

Sense = Literal[
    "time", "duration", "frequency", "place", "means", "reason", "purpose", "condition",
    "exception", "contrast", "degree",
]  # fmt: skip

_MARKS: tuple[tuple[Sense, str], ...] = (
    ("reason", "because|since"),
    ("purpose", "so that|so as to|in order to"),
    ("exception", "unless|except"),
    ("contrast", "although|though|whereas|while|even (?:if|though|when|where)"),
    ("time", "once|after|before|until|as soon as"),
    ("condition", "if|provided|as long as|in case|when|whenever|where|wherever|as"),
)
UNITS = word_set(
    "second minute hour day week month year decade century fortnight millisecond season term"
)
_WHEN = word_set("during after before until since by in on at from between following throughout")
_WHERE = word_set(
    "in at near into onto on inside outside under beneath behind across around from to"
)
_HANDLING = word_set(
    "measure clean correct irrigate estimate treat make "
    "do remove cut seal secure fix attach fasten "
    "detect check control cool heat test separate prepare produce mix dry polish protect confirm "
    "shown drive power join cover wash rinse"
)
_CARRIERS = word_set(
    "email mail post letter phone telephone hand radio air sea rail road cable fax transfer card"
)
_ARRANGING = word_set("order sort rank group arrange classify index list grade")
_PERIODS = word_set(
    "season night morning evening afternoon winter summer spring autumn century war day date year "
    "age era period dawn dusk midnight noon birth death reign"
)
PLACES = frozenset({"GPE", "LOC", "FAC"})
_OFTEN = re.compile(
    r"\b(?:once|twice|times)\b|\b(?:every|each) (?:\w+ ){0,3}"
    r"(?:day|week|month|year|hour|minute|time|season|winter|summer|spring|autumn)|"
    r"\b(?:per|a) (?:day|week|month|year|hour|minute|season)"
)
_DATE = re.compile(rf"\b{YEAR}s?\b(?!,)|centur|\b{MONTH}\b")


def dated(head: Token) -> bool:
    """Whether the part under this token names a date."""
    inside = list(head.subtree)
    text = head.doc[inside[0].i : inside[-1].i + 1].text
    near = [head, *head.children, *(c for child in head.children for c in child.children)]
    named = any(t.ent_type_ == "DATE" for t in near) or re.search(r"centur|\b[12]\d{3}s?$", text)
    return bool(named and _DATE.search(text))


def sense_of(head: Token) -> Sense | None:
    """Return what the part under this token tells of its verb, or None where that isn't plain."""
    match head.dep_:
        case "advcl":
            return _of_clause(head)
        case "prep" | "agent":
            return _of_adjunct(head)
        case "npadvmod":
            return _of_time(head)
        case "dobj" if next(head.subtree).lower_ == "every":
            return _of_time(head)
        case "advmod":
            return "time" if head.ent_type_ in {"DATE", "TIME"} else None
        case _:
            return None


def _of_clause(verb: Token) -> Sense | None:
    first = next(iter(verb.subtree))
    opened = " ".join(t.lower_ for t in verb.doc[first.i : first.i + 4])
    opened = re.sub(r"^(?:only|except|just|but only) (?=if|when|after|where|once)", "", opened)
    if opened.startswith("as ") and not any(c.dep_ == "nsubj" for c in verb.children):
        return None
    if opened.startswith("as ") and verb.tag_ == "VBD":
        return "time"
    for sense, words in _MARKS:
        if re.match(rf"(?:{words})\b", opened):
            return None if sense == "condition" and _of_part(verb, first) else sense
    if opened.startswith("to ") and verb.tag_ == "VB":
        return "purpose"
    return "means" if opened.startswith(("by ", "using ")) and verb.tag_ == "VBG" else None


def _of_part(verb: Token, first: Token) -> bool:
    """Whether a condition has no verb (if possible), or holds for one of two: A or, if …, B."""
    before = next((t for t in reversed(verb.doc[: first.i]) if not t.is_punct), first)
    within = before.lower_ in {"or", "and", "but"} and verb.head.i < before.i
    said = verb.pos_ in {"VERB", "AUX"} or any(c.dep_ == "nsubj" for c in verb.children)
    return within or not said


def _of_adjunct(prep: Token) -> Sense | None:
    text, word = " ".join(t.lower_ for t in prep.subtree), prep.lower_
    inner = next((c for c in prep.children if c.dep_ in {"pobj", "pcomp"}), None)
    if re.match(r"(?:because of|due to|owing to|thanks to|in response to|as a result of) ", text):
        return "reason"
    if re.match(r"(?:except|apart from|without exception)\b", text):
        return "exception"
    if inner is None or (word == "after" and prep.head.lemma_ in {"name", "call", "model"}):
        return None
    noun, passive = inner.lemma_.lower(), any(c.dep_ == "auxpass" for c in prep.head.children)
    some = any(c.dep_ in {"det", "poss"} for c in inner.children)
    if word == "by" and not some and (noun in _CARRIERS or prep.head.lemma_ in _ARRANGING):
        return "means"
    if text.startswith("by means of ") or (word in {"by", "through"} and inner.tag_ == "VBG"):
        return "means"
    handled = word == "via" or prep.head.lemma_ in _HANDLING
    if word in {"with", "via", "using"} and inner.pos_ == "NOUN" and passive and handled:
        return "means"
    if word in {"for", "within"} and noun in UNITS:
        return "duration"
    timed = dated(prep) or inner.ent_type_ in {"DATE", "TIME"} or noun in UNITS | _PERIODS
    if (word in _WHEN and timed) or word in {"after", "before", "during", "until"}:
        return "time"
    near = [inner, *inner.children]
    return "place" if word in _WHERE and any(t.ent_type_ in PLACES for t in near) else None


def _of_time(head: Token) -> Sense | None:
    if _OFTEN.search(" ".join(t.lower_ for t in head.subtree)):
        after = head.nbor() if head.i + 1 < len(head.doc) else head
        compared = after.tag_ in {"JJR", "RBR"} or after.lower_ in {"as", "over", "the", "that"}
        return None if compared else "frequency"
    if head.lemma_.lower() in UNITS:
        return "duration"
    return "time" if head.ent_type_ in {"DATE", "TIME"} else None
