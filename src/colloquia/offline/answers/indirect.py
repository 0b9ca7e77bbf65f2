"""A question in the form it has inside a sentence: when did X end -> when X ended."""

import re

from colloquia.language.inflection import VerbForm, inflect, is_base_form
from colloquia.language.lexicon import word_set
from colloquia.language.phrases import noun_phrase_end
from colloquia.language.tagging import Token, tag
from colloquia.offline.reading.asked import Asked

_WH_PHRASE = re.compile(
    r"(?:how (?:many|much)(?: \w+){0,3}?|(?:what|which) (?:kind|sort|type)s? of(?: \w+){1,2}?|"
    r"(?:what|which)(?: \w+){0,2}?|when|where|why|who|whom|how)"
    r"(?= (?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b)",
    re.I,
)
_DO: dict[str, VerbForm] = {"did": "VBD", "does": "VBZ", "do": "VBP"}
_CONNECTORS = word_set("of in for from between to on with at and or")


def indirectly(asked: Asked) -> str | None:
    """Return the question as it stands inside a sentence; None where its grammar isn't certain."""
    core = asked.core
    wh = _WH_PHRASE.match(core)
    if asked.indirect and (wh is None or wh.group().lower() in {"who", "what", "which", "whom"}):
        return core
    if asked.expected == "yes_no":
        return _undo(core, "whether", tag(core), 0)
    if wh is None:
        return (
            core[:1].lower() + core[1:]
            if core.lower().startswith(("who ", "what ", "which "))
            else None
        )
    tokens = tag(core)
    at = next((i for i, token in enumerate(tokens) if token.start > wh.end()), None)
    if at is None:
        return None
    phrase = wh.group()
    return _undo(core, phrase[:1].lower() + phrase[1:], tokens, at)


def _undo(core: str, wh: str, tokens: tuple[Token, ...], at: int) -> str | None:
    """Move the auxiliary at `at` back behind the subject."""
    if at + 1 >= len(tokens):
        return None
    aux = tokens[at].lower
    end = _subject_end(tokens, at + 1)
    if end <= at + 1:
        return None
    subject = core[tokens[at + 1].start : tokens[end - 1].end]
    rest = core[tokens[end - 1].end :].strip()
    if aux in {"has", "have", "had"} and not any(token.tag == "VBN" for token in tokens[end:]):
        return wh + core[tokens[at].start - 1 :]  # the main verb: which museum has a collection
    if aux not in _DO:
        return " ".join(part for part in (wh, subject, aux, rest) if part)
    index = _base_verb(tokens, at + 1, end)
    if index is None:
        return None
    subject = core[tokens[at + 1].start : tokens[index - 1].end]
    verb = inflect(tokens[index].lower, _DO[aux])
    after = core[tokens[index].end :].strip()
    return " ".join(part for part in (wh, subject, verb, after) if part)


def _base_verb(tokens: tuple[Token, ...], start: int, end: int) -> int | None:
    """Return where the base form stands that a form of `do` helps; None where none is certain."""
    for index in range(end, min(end + 3, len(tokens))):
        if tokens[index].tag in {"VB", "VBP"} and is_base_form(tokens[index].lower):
            # two in a row: the first is the last noun of the subject, did the loom | get its name
            again = index + 1 < len(tokens) and tokens[index + 1].tag in {"VB", "VBP"}
            return index + again
    # the verb was taken for the last noun: did the old tower | fall
    misread = end > start + 1 and is_base_form(tokens[end - 1].lower)
    return end - 1 if misread else None


def _subject_end(tokens: tuple[Token, ...], start: int) -> int:
    end = noun_phrase_end(tokens, start)
    while end > start and end + 1 < len(tokens) and tokens[end].lower in _CONNECTORS:
        further = noun_phrase_end(tokens, end + 1)
        if further <= end + 1:
            break
        end = further
    return end
