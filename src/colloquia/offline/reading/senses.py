"""What a part of a sentence tells: a time, a place, a means, a reason, a condition, an exception."""

import re
from typing import Literal

from spacy.tokens import Token

from colloquia.language.lexicon import word_set

Sense = Literal[
    "time", "duration", "frequency", "place", "means", "reason", "purpose", "condition",
    "exception", "contrast", "degree",
]  # fmt: skip

_MARKS: dict[str, Sense] = {
    "because": "reason", "since": "reason", "so that": "purpose", "if": "condition",
    "provided": "condition", "as long as": "condition", "in case": "condition", "unless": "exception", "except": "exception", "although": "contrast",
    "though": "contrast", "whereas": "contrast", "while": "contrast", "when": "condition",
    "whenever": "condition", "where": "condition", "once": "time", "after": "time",
    "before": "time", "until": "time", "as": "condition", "as soon as": "time", "wherever": "condition",
}  # fmt: skip
_UNITS = word_set(
    "second minute hour day week month year decade century fortnight millisecond season term"
)
_WHEN = word_set("during after before until since by in on at from between following throughout")
_WHERE = word_set("in at near into onto on inside outside under beneath behind across around")
_PERIODS = word_set(
    "season night morning evening afternoon winter summer spring autumn century war day date time year age era period dawn dusk midnight noon birth death"
)
_TIMES = frozenset({"DATE", "TIME"})
_PLACES = frozenset({"GPE", "LOC", "FAC"})


def sense_of(head: Token) -> Sense | None:
    """Return what the part under this token tells of its verb, or None where that isn't plain."""
    match head.dep_:
        case "advcl":
            return _of_clause(head)
        case "prep" | "agent":
            return _of_adjunct(head)
        case "npadvmod":
            return _of_time(head)
        case "advmod":
            return "time" if head.ent_type_ in _TIMES else None
        case _:
            return None


def _of_clause(verb: Token) -> Sense | None:
    first = next(iter(verb.subtree))
    opened = " ".join(t.lower_ for t in verb.doc[first.i : first.i + 4])
    opened = re.sub(r"^(?:only|even|except|just|but only) (?=if|when|after|where|once)", "", opened)
    if opened.startswith("as ") and not any(c.dep_ == "nsubj" for c in verb.children):
        return None
    for words, sense in _MARKS.items():
        if opened == words or opened.startswith(f"{words} "):
            return sense
    if opened.startswith(("so as to ", "in order to ")) and verb.tag_ == "VB":
        return "purpose"
    if opened.startswith("to ") and verb.tag_ == "VB":
        return "purpose"
    if opened.startswith(("by ", "using ")) and verb.tag_ == "VBG":
        return "means"
    return None


def _of_adjunct(prep: Token) -> Sense | None:
    text = " ".join(t.lower_ for t in prep.subtree)
    word = prep.lower_
    inner = next((c for c in prep.children if c.dep_ in {"pobj", "pcomp"}), None)
    if text.startswith(("because of ", "due to ", "owing to ", "thanks to ")):
        return "reason"
    if text.startswith(("except ", "apart from ", "without exception")):
        return "exception"
    if inner is None:
        return None
    if text.startswith("by means of ") or (word in {"by", "through"} and inner.tag_ == "VBG"):
        return "means"
    if word in {"with", "via", "using", "by"} and inner.pos_ == "NOUN" and _acted(prep.head):
        return "means" if word != "by" else None
    timed = inner.ent_type_ in _TIMES or inner.lemma_.lower() in _UNITS | _PERIODS
    if word in {"for", "within"} and inner.lemma_.lower() in _UNITS:
        return "duration"
    if (word in _WHEN and timed) or word in {"after", "before", "during", "until"}:
        return "time"
    if word == "per":
        return "frequency"
    return _placed(word, inner)


def _placed(word: str, inner: Token) -> Sense | None:
    span = [inner, *inner.children]
    if word in _WHERE | {"from", "to", "throughout"} and any(t.ent_type_ in _PLACES for t in span):
        return "place"
    return None


def _acted(verb: Token) -> bool:
    return verb.tag_ == "VBN" and any(
        c.dep_ == "auxpass" for c in (*verb.children, *verb.head.children)
    )


def _of_time(head: Token) -> Sense | None:
    text = " ".join(t.lower_ for t in head.subtree)
    if re.search(
        r"\b(?:once|twice|times)\b|\b(?:every|each|per|a) (?:\w+ ){0,3}(?:day|week|month|year|hour|minute|time|season)",
        text,
    ):
        return "frequency"
    if head.lemma_.lower() in _UNITS:
        return "duration"
    return "time" if head.ent_type_ in _TIMES else None
