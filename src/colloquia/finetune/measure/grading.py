"""Grades an answer by rule: correct, not attempted or incorrect, as SimpleQA has it, or invalid.

The reference is a sentence, so agreement word by word would ask too much. An answer is correct if

1. it doesn't decline,
2. it holds no number, date or name that passage, reference and question lack,
3. to a question whose reference begins with yes or no it doesn't say the opposite, and
4. it holds the key: the reference's first date, number or name that the question lacks, where the
   question asks when, how many, who or where; for any other question half of the content words of
   the reference's first sentence that the question lacks.

To a question that the passage doesn't answer no answer is correct: declining, or setting right what
it takes for granted, is not attempted, all else is incorrect. What is no answer is invalid, to any
question: it has no word, or goes round in circles, more than half of its runs of four words having
stood in it before (seq-rep-4 of Welleck et al. 2019, arXiv 1908.04319).

Exact match and F1 are SQuAD's (Rajpurkar et al. 2016), the best over the reference and each quote.
English only; a wrong sentence made of the right words passes, which a model as grader would see.
"""

import re
import string
from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

from colloquia.finetune.data.questions import Question
from colloquia.language.asking.declining import corrects, declines
from colloquia.language.derivation.weighing import weigh_facts
from colloquia.language.facts.finding import Fact, FactKind, find_facts, numbers_in
from colloquia.language.facts.support import is_held, unsupported_facts
from colloquia.language.reading.sentences import split_sentences
from colloquia.language.reading.words import content_words, overlap

AnswerVerdict = Literal["correct", "not_attempted", "incorrect", "invalid"]
VERDICTS: tuple[AnswerVerdict, ...] = get_args(AnswerVerdict)

ENOUGH = 0.5  # of the key's words
REPEATED_RUN, MOST_REPEATED = 4, 0.5  # words, and the share of such runs that may stand twice

_WHEN = re.compile(
    r"\b(?:when|what (?:year|date|day|century)|which (?:year|date|day|century))\b", re.I
)
_COUNT = re.compile(
    r"\bhow (?:many|much|long|old|far|tall|high|deep|wide|large|big|heavy|fast|often)\b", re.I
)
_NAME = re.compile(r"\b(?:who|whom|whose|where)\b", re.I)
_ASKED: tuple[tuple[re.Pattern[str], frozenset[FactKind]], ...] = (
    (_WHEN, frozenset({"date", "year", "century"})),
    (_COUNT, frozenset({"number", "quantity"})),
    (_NAME, frozenset({"name"})),
)
_POLARITY = re.compile(r"\W*(yes|no)\b", re.I)
_WORD = re.compile(r"\w+")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARK = f"[{re.escape(string.punctuation)}]"
# A comma groups digits; other marks between them make the figure: 9:30, 1.5, 3/4, 10^6.
_PUNCTUATION = re.compile(rf"(?<!\d){_MARK}|{_MARK}(?!\d)|,")


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """What an answer is worth."""

    verdict: AnswerVerdict
    exact: bool
    """1 where it reads like the reference or a quote, else 0."""
    f1: float
    """0..1, of words."""
    grounded: bool
    """Whether its numbers, dates and names are in passage or question, or follow from them."""


def solving_verdict(question: Question) -> AnswerVerdict:
    """Return what an answer has to be: correct, or an honest refusal where there is no answer."""
    return "correct" if question.answerable else "not_attempted"


def grade(answer: str, question: Question) -> Graded:
    """Grade one answer."""
    targets = (question.reference, *question.evidence)
    return Graded(
        verdict=_verdict(answer, question),
        exact=any(normalised(answer) == normalised(target) for target in targets),
        f1=max(word_f1(answer, target) for target in targets),
        grounded=not weigh_facts(answer, passage=question.system, question=question.text).strays,
    )


def is_invalid(answer: str) -> bool:
    """Return whether a text is no answer at all: it has no word, or goes round in circles."""
    words = normalised(answer).split()
    runs = [tuple(words[n : n + REPEATED_RUN]) for n in range(len(words) - REPEATED_RUN + 1)]
    return not words or len(set(runs)) < MOST_REPEATED * len(runs)


def gives_away(text: str, question: Question) -> bool:
    """Return whether a text, e.g. what was said before, holds the key of the answer."""
    return question.answerable and _holds_key(text, question)


def answer_spans(text: str, question: Question) -> list[tuple[int, int]]:
    """Return where a text says what it is graded by, as (start, end) of characters.

    Where the question asks when, how many, who or where: the dates, numbers or names that the
    question lacks, right or wrong. For any other question: the words that the question lacks. What
    declines has no such place.
    """
    if declines(text):
        return []
    for pattern, kinds in _ASKED:
        if pattern.search(question.text):
            return [
                (fact.start, fact.end)
                for fact in find_facts(text)
                if fact.kind in kinds and not is_held(fact, sources=(question.text,))
            ]
    words = (found for found in _WORD.finditer(text) if content_words(found[0]))
    return [found.span() for found in words if overlap([found[0]], question.text) == 0]


def normalised(text: str) -> str:
    """Return lower-case words without punctuation and articles, as SQuAD compares them.

    Unlike there, 1.5 isn't 15, nor 9:30 the number 930.
    """
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub("", text.lower())).split())


def word_f1(answer: str, target: str) -> float:
    """Return the harmonic mean of precision and recall of words, 0..1."""
    said, wanted = normalised(answer).split(), normalised(target).split()
    if not said or not wanted:
        return float(said == wanted)
    shared = (Counter(said) & Counter(wanted)).total()
    return 2 * shared / (len(said) + len(wanted))


def _verdict(answer: str, question: Question) -> AnswerVerdict:
    if is_invalid(answer):
        return "invalid"
    if declines(answer):
        return "not_attempted"
    if not question.answerable:
        return "not_attempted" if corrects(answer) else "incorrect"
    sources = (question.system, question.reference, *question.evidence, question.text)
    if unsupported_facts(answer, sources=sources):
        return "incorrect"
    wanted, said = _POLARITY.match(question.reference), _POLARITY.match(answer)
    if wanted and said:
        return "correct" if wanted[1].lower() == said[1].lower() else "incorrect"
    if wanted and wanted[1].lower() == "yes":  # told again without a yes
        held = overlap(content_words(question.reference), answer) >= ENOUGH
        return "correct" if held else "incorrect"
    return "correct" if _holds_key(answer, question) else "incorrect"


def _holds_key(text: str, question: Question) -> bool:
    for pattern, kinds in _ASKED:
        if not pattern.search(question.text):
            continue
        fact = _new_fact(question, kinds)
        if fact is not None:
            return is_held(fact, sources=(text,))
        if "number" in kinds:  # numbers in words are no facts: "two clinics"
            wanted = numbers_in(question.reference) - numbers_in(question.text)
            if wanted:
                return bool(wanted & numbers_in(text))
    if new := _new_words(question):
        return overlap(new, text) >= ENOUGH
    return overlap(content_words(question.reference), text) == 1


def _new_fact(question: Question, kinds: frozenset[FactKind]) -> Fact | None:
    """Return the first fact of the reference that is of a kind and not in the question."""
    for fact in find_facts(question.reference):
        if fact.kind in kinds and not is_held(fact, sources=(question.text,)):
            return fact
    return None


def _new_words(question: Question) -> list[str]:
    sentences = split_sentences(question.reference)
    first = sentences[0].text if sentences else question.reference
    return [word for word in content_words(first) if overlap([word], question.text) == 0]
