"""A question that nobody would ask: a statement of the passage, turned into yes or no."""

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from colloquia.core.roles import ReviewInput
from colloquia.language.lexicon import word_set
from colloquia.language.reading.parsing import parse
from colloquia.language.reading.words import content_words, overlap

if TYPE_CHECKING:
    from spacy.tokens import Span

FEWEST, MOST = 6, 16  # content words of a statement that would be asked in one breath
_OPENERS = (
    "I'd love to know whether {}.",
    "Is it true that {}?",
    "Would you say that {}?",
    "Now I wonder if {}.",
)
_TURNED = word_set("is are was were has have had can could may might must will would should")


def cloze_question(
    case: ReviewInput, others: Sequence[ReviewInput], chance: random.Random
) -> ReviewInput | None:
    """Ask whether a sentence of the passage is so, in its own words, with its figures."""
    said = " ".join(line.text for line in case.transcript)
    statements = [
        sentence
        for sentence in parse(case.snippet.text).sents
        if FEWEST <= len(content_words(sentence.text)) <= MOST
        and overlap(content_words(sentence.text), said) < 0.7
    ]
    for sentence in chance.sample(statements, len(statements)):
        ways = list(_as_questions(sentence))
        if ways:
            return case.model_copy(update={"question": chance.choice(ways)})
    return None


def _as_questions(sentence: "Span") -> Iterator[str]:
    """Yield the question with its verb in front, where it has an auxiliary, and within others."""
    first, text = sentence[0], sentence.text.rstrip(" .")
    if not text[0].isupper() or first.tag_ == "PRP":
        return
    told = text if first.pos_ == "PROPN" or first.text.isupper() else text[0].lower() + text[1:]
    for opener in _OPENERS:
        yield opener.format(told)
    root = sentence.root
    subject = next((t for t in root.children if t.dep_ in ("nsubj", "nsubjpass")), None)
    verb = next((t for t in (*root.lefts, root) if t.lower_ in _TURNED), None)
    if subject is not None and verb is not None and subject.left_edge.i == sentence.start:
        at = verb.idx - sentence.start_char
        rest = text[at + len(verb.text) :].lstrip()
        yield f"{verb.text.capitalize()} {told[:at]}{rest}?"
