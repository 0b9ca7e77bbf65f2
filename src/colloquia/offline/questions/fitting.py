"""Whether a question can be put at this place: not answered, and of nothing that nobody named."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from colloquia.language.asking.answered import answering_sentence, refuting_sentence
from colloquia.language.asking.given_away import (
    parroted,
    told_as_question,
    untold_figure,
    untold_name,
)
from colloquia.language.asking.grammar_faults import grammar_fault
from colloquia.language.reading.words import content_words, held, overlap, same_word
from colloquia.offline.questions.candidate import Candidate
from colloquia.offline.reading.people import is_person_noun
from colloquia.offline.reading.study import Study, study

if TYPE_CHECKING:
    from spacy.tokens import Token

_WHOLE = 0.8  # of a statement's weighty words
_LED = 0.4  # of the words that a question has from the passage
_ABBREVIATION = re.compile(r"\b(?:[A-Z]{2,}|[B-HJ-Z])\b")
#: Nouns of which one asks "which?" at first: the duty, the response.
_ABSTRACT = re.compile(
    r"(?:tion|sion|ness|ance|ence|duty|response|result|effect|approach|claim|change|area|region"
    r"|method|idea|number|group)$"
)
_TELLING = frozenset({"compound", "nummod", "poss", "nmod"})  # the flame sensor, the 1936 act


def told_in(studied: Study, said: str) -> set[int]:
    """Return the statements that a text has given whole."""
    return {s.index for s in studied.statements if overlap(content_words(s.said), said) > _WHOLE}


def fits(
    candidate: Candidate, *, studied: Study, answers: Sequence[str], said: Sequence[str]
) -> bool:
    """Say whether somebody could ask this now.

    Args:
        candidate: the question.
        studied: the passage.
        answers: given so far.
        said: everything spoken so far, and the title.
    """
    question, kind, text = candidate.question, candidate.kind, studied.text
    cloze = kind != "false_premise" and told_as_question(question, text)
    if cloze or answering_sentence(question, answers) or parroted(question, text, said):
        return False
    if unheard_of(question, studied, " ".join(said)) or not _led_to(candidate, studied, said):
        return False
    if kind == "false_premise":
        unfit = refuting_sentence(question, answers, source=text)
    elif kind == "yes_no":
        unfit = None
    else:
        unfit = untold_figure(question, text, said)
        unfit = unfit or (untold_name(question, text, said) if any(said) else None)
    return unfit is None and grammar_fault(question) is None


def _led_to(candidate: Candidate, studied: Study, said: Sequence[str]) -> bool:
    """Whether what was said leads one to a near miss: it named the things that are asked of."""
    heard = " ".join(said)
    if candidate.kind != "near_miss" or not content_words(heard):
        return True
    return overlap(held(content_words(candidate.question), studied.text), heard) >= _LED


def unheard_of(question: str, studied: Study, said: str) -> str | None:
    """Return what a question speaks of as known though nobody has: the duty, CAL."""
    if not content_words(said):
        return None
    for short in _ABBREVIATION.finditer(question):
        heard = re.search(rf"\b{short[0]}\b", said) is not None
        if (f"({short[0]})" in studied.text or len(short[0]) == 1) and not heard:
            return short[0]
    for phrase, (head, told) in _definite(studied.text, studied.title).items():
        found = re.search(rf"\b{re.escape(phrase)}\b(?! (?:{told})\b)", question, re.I)
        if found and not held([head], said):
            return phrase
    return None


@lru_cache(maxsize=256)
def _definite(text: str, title: str | None) -> dict[str, tuple[str, str]]:
    """Return what a text calls `the …`: its noun, and the words with which the text says which.

    Left out are people, and things it calls so from the first on: the server, the teeth.
    """
    docs = {id(c.doc): c.doc for s in study(text, title).statements for c in s.clauses}.values()
    nouns = [token for doc in docs for token in doc if token.pos_ == "NOUN"]
    found: dict[str, tuple[str, str]] = {}
    for chunk in (chunk for doc in docs for chunk in doc.noun_chunks):
        head, phrase = chunk.root, chunk.text.lower()
        if chunk[0].lower_ != "the" or head.pos_ != "NOUN" or _is_told(head):
            continue
        first = next(noun for noun in nouns if same_word(noun.text, head.text))
        if _ABSTRACT.search(head.lemma_) or chunk[0] not in first.children:
            which = {re.escape(c.left_edge.text) for c in head.rights if c.dep_ != "punct"}
            before = found.get(phrase, ("", "(?!)"))[1]
            found[phrase] = (head.text, "|".join([before, *sorted(which)]))
    return found


def _is_told(head: "Token") -> bool:
    most = any(c.tag_ in {"JJS", "RBS"} or c.lower_ == "same" for c in head.subtree)
    named = any(c.dep_ in _TELLING or c.pos_ == "PROPN" for c in head.lefts)
    return most or named or is_person_noun(head.lemma_)
