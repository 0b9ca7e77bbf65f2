"""Whether a text holds the kind of answer a question expects, beyond what the question says."""

import re

from colloquia.language.facts import find_facts, numbers_in
from colloquia.language.numbers import counts_roughly
from colloquia.language.tagging import tag
from colloquia.language.words import content_words, forms
from colloquia.offline.reading.asked import Asked
from colloquia.offline.reading.people import is_person_noun
from colloquia.offline.reading.study import Statement

_CAUSE = re.compile(
    r"\b(?:because|due to|as a result of|since|so that|in order to|owing to|thanks to|therefore|"
    r"thus|hence|for this reason|led to|caused?|to (?:avoid|escape|protect|prevent|allow|ensure|"
    r"make|help|improve|reduce|gain|secure|stop|keep|drain|warn|measure|find|build|provide))\b|"
    r", so (?!far|that|called)",
    re.I,
)
_MEANS = re.compile(r"\b(?:by (?:the )?\w+|through|via|using|with|from|as)\b", re.I)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|into|on|throughout|across|within|outside|around|toward|towards)\s+"
    r"(?:(?:the|a|an|his|her|their|its)\s+)?(?:\w+\s){0,3}?[A-Z]\w+"
)
_WHEN = re.compile(
    r"\b(?:in|during|for|over) the [\w ]{0,20}?(?:years|decades|days|era|period|age|war)\b|"
    r"\b(?:ago|today|during|until|century|centuries|later|after|before|when)\b",
    re.I,
)


def has_kind(asked: Asked, statement: Statement, text: str | None = None) -> bool:
    """Whether a sentence (or an answer's text) holds an answer of the expected kind."""
    said = text if text is not None else statement.sentence.text
    inside = asked.core.lower()
    match asked.expected:
        case "when":
            return _has_time(said, inside)
        case "where":
            return _has_place(asked, said, inside, statement)
        case "who":
            return _has_person(said, inside)
        case "how_many":
            return _has_number(asked, said)
        case "why":
            return bool(_CAUSE.search(said)) and not _CAUSE.search(asked.core)
        case "how":
            return bool(_MEANS.search(said))
        case _:
            return _says_more(asked, said)


def _has_time(said: str, inside: str) -> bool:
    if any(
        f.kind in {"date", "year", "century"} and f.text.lower() not in inside
        for f in find_facts(said)
    ):
        return True
    return any(found.group().lower() not in inside for found in _WHEN.finditer(said))


def _has_place(asked: Asked, said: str, inside: str, statement: Statement) -> bool:
    clause = statement.clause
    if clause and any(
        piece.kind == "place" and piece.text.lower() not in inside for piece in clause.pieces
    ):
        return True
    if asked.head:  # "which country", "what city": any name the question lacks may be the answer
        return any(f.kind == "name" and f.text.lower() not in inside for f in find_facts(said))
    return any(found.group().split()[-1].lower() not in inside for found in _PLACE.finditer(said))


def _has_person(said: str, inside: str) -> bool:
    if any(f.kind == "name" and f.text.lower() not in inside for f in find_facts(said)):
        return True
    return any(
        token.tag.startswith("NN") and token.lower not in inside and is_person_noun(token.lower)
        for token in tag(said)
    )


def _has_number(asked: Asked, said: str) -> bool:
    tokens = tag(said)
    for index, token in enumerate(tokens):
        if token.tag != "CD" and not counts_roughly(token.lower):
            continue
        if numbers_in(token.text) & set(asked.numbers):
            continue
        if re.fullmatch(r"(?:1[5-9]|20)\d\d", token.text) and asked.head:
            continue
        near = tokens[max(0, index - 3) : index + 7]
        if not asked.head or any(forms(other.text) & forms(asked.head) for other in near):
            return True
    return False


def _says_more(asked: Asked, said: str) -> bool:
    known = {form for word in (*asked.words, asked.head) for form in forms(word)}
    if any(not forms(word) & known for word in content_words(said)):
        return True
    inside = asked.core.lower()
    return any(fact.text.lower() not in inside for fact in find_facts(said))
