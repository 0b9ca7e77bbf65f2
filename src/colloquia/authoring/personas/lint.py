"""Everything wrong with a card at once: its form, and texts that make a poor or unsafe persona.

The second kind is told, not refused: patterns guess, and a person decides.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from colloquia.authoring.personas.cards import Card, packaged_folder, read_card
from colloquia.authoring.problems import Problem
from colloquia.core.control_tokens import ANY_CONTROL_TOKEN
from colloquia.core.strict_yaml import Document, KeyPath, meaning_elsewhere

#: Shared share of distinct words from which two cards count as one persona; cards written apart
#: from each other stay below 0.25.
NEAR_DUPLICATE = 0.5

_INSTRUCTION = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override)\b .{0,30} \b(?:instruction|rule|prompt|above|previous)
    | \bsystem\s+prompt\b | \bjailbreak | \bas\s+an\s+AI\b
    | \byou\s+(?:are\s+now|must|shall|will\s+now)\b | \byour\s+(?:new\s+)?(?:task|role)\s+is\b
    | \b(?:reply|respond|answer|output)\s+(?:only\s+)?(?:with|in)\s+(?:json|only|the\s+word)\b
    | ^\s*(?:system|assistant|user)\s*:
    | <</?\w+>> | \{\{ | \{%
    """
    + f"| {ANY_CONTROL_TOKEN}",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?<!\w)@\w{3,}|https?://\S+|\+?\d[\d ()-]{7,}\d")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|President|Queen|King)\.?\s+[A-Z]\w+")
_NAMED = re.compile(r"\b([A-Z][a-z]+)(?:\s+(?:[A-Z]\.|van|von|de|bin))*\s+([A-Z][a-z]+)\b")
_PLAYED = re.compile(r"\b(?:impersonat\w+|pretends? to be|modell?ed on|based on the real)\b", re.I)
#: Words in capitalised pairs that name places, times and institutions, not people; and words that
#: are capitalised only because a sentence starts.
_NOT_NAMES = frozenset(
    """New North South East West United Middle World Great Saint Old First Second Good My The A An
    In On At For From When While After Before Every Some Who What Where Why How This That""".split()  # noqa: SIM905 (words read better than quotes)
)


def lint_card(path: Path) -> list[Problem]:
    """Return the problems of a card file, by line."""
    reading = read_card(path)
    problems = list(reading.problems)
    if reading.document is not None:
        problems += _check_surprises(reading.document)
    if reading.document is not None and reading.card is not None:
        problems += _check_texts(reading.card, reading.document)
        problems += _check_name(reading.card, reading.document, path)
        problems += _check_near_duplicates(reading.card, reading.document, path)
    return sorted(problems, key=lambda problem: problem.line)


def _check_surprises(document: Document) -> Iterator[Problem]:
    for line, word in document.surprises:
        what = f"{word} is text here but {meaning_elsewhere(word)} elsewhere; put it in quotes"
        yield Problem(file=document.name, line=line, code="C105", message=what)


def _check_name(card: Card, document: Document, path: Path) -> Iterator[Problem]:
    if card.name != path.stem:
        what = f"name {card.name!r} differs from the file's; name the file {card.name}.yaml"
        line = document.line_of(("name",))
        yield Problem(file=document.name, line=line, code="C106", message=what)


def _check_texts(card: Card, document: Document) -> Iterator[Problem]:
    for where, text in _free_texts(card):
        line = document.line_of(where)
        if match := _INSTRUCTION.search(text):
            what = f"{match[0].strip()!r} reads like an instruction to a model; describe the person"
            yield Problem(file=document.name, line=line, code="C203", message=what)
        if name := _real_person(text):
            what = f"{name!r} may point to a real person; describe a kind of person instead"
            yield Problem(file=document.name, line=line, code="C202", message=what)


def _real_person(text: str) -> str | None:
    for pattern in (_CONTACT, _TITLED, _PLAYED):
        if match := pattern.search(text):
            return match[0]
    pairs = (pair for pair in _NAMED.finditer(text) if _NOT_NAMES.isdisjoint(pair.groups()))
    return next((pair[0] for pair in pairs), None)


def _free_texts(card: Card) -> Iterator[tuple[KeyPath, str]]:
    yield ("background",), card.background
    for topic in card.knowledge:
        yield ("knowledge", topic), topic
    for key in ("goals", "behaviours", "opening_styles", "never"):
        for at, text in enumerate(getattr(card, key)):
            yield (key, at), text


def _check_near_duplicates(card: Card, document: Document, path: Path) -> Iterator[Problem]:
    """Compare with packaged cards and neighbours, but not within a family or with a namesake."""
    others = {
        other.stem: other
        for folder in (packaged_folder(), path.parent)
        for other in folder.glob("*.yaml")
    }
    words = _words(card)
    for name, other in sorted(others.items()):
        twin = read_card(other).card
        if twin is None or name == path.stem or _family(card) & _family(twin):
            continue
        share = len(words & _words(twin)) / len(words | _words(twin))
        if share >= NEAR_DUPLICATE:
            what = f"shares {share:.0%} of its words with {name}; tell them apart, or use 'extends'"
            line = document.line_of(("background",))
            yield Problem(file=document.name, line=line, code="C201", message=what)


def _family(card: Card) -> set[str]:
    return {card.name, Path(card.extends).stem} if card.extends else {card.name}


def _words(card: Card) -> frozenset[str]:
    text = " ".join(text for _, text in _free_texts(card))
    return frozenset(re.findall(r"[a-z]{3,}", text.lower()))
