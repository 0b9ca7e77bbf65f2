"""The careful reader: whether a snippet answers a question, where, and with what.

It works from the text alone. A sentence answers when it covers the question's words (by lemma and
stem), holds an answer of the expected kind that the question doesn't itself contain, and agrees
with every number and name the question takes for granted.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from colloquia.core.roles import Line
from colloquia.language.facts import find_facts, numbers_in
from colloquia.language.phrases import noun_phrase_end
from colloquia.language.tagging import tag
from colloquia.language.words import content_forms, content_words, forms, stem, words
from colloquia.offline.reading.asked import Asked, understand
from colloquia.offline.reading.comparisons import dated_event
from colloquia.offline.reading.evidence import has_kind
from colloquia.offline.reading.study import Statement, Study, study

Reason = Literal["found", "not_covered", "wrong_kind", "false_premise"]

# Set on one half of a set of crowd-written questions and checked on the other half.
ANSWER_THRESHOLD = 0.62
YES_NO_THRESHOLD = 0.8
_NUMBER = re.compile(r"\d[\d,.]*\ds?|\d|[A-Za-z]+(?:-[a-z]+)?")
_OF_CONTEXT = 0.05  # what a pronoun stands for only decides between sentences that cover as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a careful reading found."""

    asked: Asked
    answers: bool
    """Whether the snippet answers the question as asked."""
    reason: Reason
    best: tuple[int, ...]
    """The sentences that answer it, or come nearest, best first."""
    confidence: float
    """0..1; above the threshold means answered."""
    agrees: bool | None = None
    """For yes-no questions: whether the snippet says so; None for others."""
    asked_fact: str = ""
    said_fact: str = ""
    """For a premise that doesn't hold: what the question has, and what the snippet has instead."""


@dataclass(frozen=True, slots=True)
class _Match:
    index: int
    coverage: float
    missing: tuple[str, ...]


@lru_cache(maxsize=4096)
def read(
    question: str, *, text: str, title: str | None, transcript: tuple[Line, ...] = ()
) -> Reading:
    """Read a snippet carefully for one question."""
    studied = study(text, title)
    asked = understand(question, transcript, studied)
    matches = _ranked(asked, studied)
    if asked.expected == "overview" or not matches:
        return _plain(asked, matches, answers=asked.expected == "overview")
    if asked.expected == "first":
        return _which_first(asked, studied, matches)
    if asked.expected in {"comparison", "describe"}:
        return _mentioned(asked, studied, matches)
    conflict = _conflict(asked, studied, matches)
    if asked.expected == "yes_no":
        return _yes_no(asked, matches, conflict)
    if conflict is not None:
        return conflict
    return _wh(asked, studied, matches)


def _plain(asked: Asked, matches: Sequence[_Match], *, answers: bool) -> Reading:
    best = tuple(match.index for match in matches[:2])
    return Reading(
        asked=asked, answers=answers, reason="found" if answers else "not_covered", best=best,
        confidence=1.0 if answers else 0.0,
    )  # fmt: skip


def _ranked(asked: Asked, studied: Study) -> list[_Match]:
    """Score every sentence by how much of the question it covers, best first."""
    have = [_known(statement) for statement in studied.statements]
    title = content_forms(f"{studied.title or ''} {studied.topic}")
    weights = {word: _weight(word, asked, have) for word in asked.words}
    total = math.fsum(weights.values())
    found: list[_Match] = []
    for index in range(len(have)):
        credits = {word: _credit(word, have, index, title) for word in weights}
        got = math.fsum(weight * credits[word] for word, weight in weights.items())
        in_context = [word for word in asked.context if forms(word) & have[index]]
        coverage = (got / total if total else 0.0) + _OF_CONTEXT * len(in_context)
        missing = tuple(word for word, credit in credits.items() if credit < 0.5)
        found.append(_Match(index, coverage, missing))
    return sorted(found, key=lambda match: (-match.coverage, match.index))


@lru_cache(maxsize=4096)
def _known(statement: Statement) -> frozenset[str]:
    """Return the forms, stems and word parts a sentence holds, its resolved subject included."""
    said = statement.sentence.text
    if statement.resolved and statement.subject:
        said = f"{said} {statement.subject}"
    found = set(content_forms(said))
    for word in content_words(said):
        found.add(f"~{stem(word)}")
        for part in word.split("-"):
            found |= forms(part)
    return frozenset(found)


def _weight(word: str, asked: Asked, have: Sequence[frozenset[str]]) -> float:
    """Weigh names, numbers and rare words more than what every sentence says."""
    holders = sum(1 for known in have if forms(word) & known)
    rare = 1.0 if holders == 0 else 1.3 - 0.6 * holders / len(have)
    return rare * (1.5 if word[0].isupper() or word[0].isdigit() else 1.0)


def _credit(word: str, have: Sequence[frozenset[str]], index: int, title: frozenset[str]) -> float:
    own = forms(word)
    if own & have[index]:
        return 1.0
    if f"~{stem(word)}" in have[index]:
        return 0.9
    if own & title:
        return 0.75  # what the whole passage is about need not be said again
    if index and own & have[index - 1]:
        return 0.4
    return 0.0


_SUM = re.compile(r"\d,\d")  # 7,200 is no year, and 1824 no sum


def _conflict(asked: Asked, studied: Study, matches: Sequence[_Match]) -> Reading | None:
    """Return a false-premise reading where a number or name in the question doesn't hold."""
    best = matches[0]
    statement = studied.statements[best.index]
    numbers = numbers_in(statement.sentence.text)
    strange = [value for value in asked.numbers if value not in numbers]
    if strange and _covers_rest(asked, best):
        said = statement.sentence.text
        instead = _instead(strange[0], said, asked)
        wrong = _as_written(strange[0], asked.core)
        return Reading(
            asked=asked, answers=False, reason="false_premise", best=(best.index,), confidence=0.2,
            asked_fact=wrong if instead else _counted(wrong, asked.core),
            said_fact=_counted(instead, said),
        )  # fmt: skip
    unsaid = _strange_name(asked, best)
    if unsaid and _covers_rest(asked, best) and _core_said(asked, best):
        return Reading(
            asked=asked, answers=False, reason="false_premise", best=(best.index,), confidence=0.3,
            asked_fact=_in_full(unsaid, asked.core),
        )  # fmt: skip
    return None


def _in_full(name: str, core: str) -> str:
    """Return a name with the noun it only qualifies: Greek as `the Greek text`."""
    full = re.search(rf"(?:\bthe )?\b{re.escape(name)}\b(?: [a-z]\w+)?", core)
    if full is None:
        return name
    tokens = tag(core[: full.end()])
    noun = tokens[-1].tag in {"NN", "NNS"} and tokens[-1].text != name.split()[-1]
    return full.group() if noun else name


def _as_written(value: str, text: str) -> str:
    """Return a number in the form a text writes it: 4 as `four`, 1000 as `1,000`."""
    return next((word for word in _NUMBER.findall(text) if value in numbers_in(word)), value)


def _counted(figure: str, text: str) -> str:
    """Return a bare figure with what it counts in a text: five as `five hours`, `the 1840s`."""
    if re.fullmatch(r"\d+0s", figure):
        return f"the {figure}"
    counts = re.search(rf"(?<![\w-]){re.escape(figure)}(?= [a-z])", text) if figure else None
    if counts is None or " " in figure:
        return figure
    tokens = tag(text[counts.start() : counts.start() + 60])
    end = noun_phrase_end(tokens, 0)
    counted = tokens[1:end]
    plain = all(token.text.islower() and token.text.isalpha() for token in counted)
    if not plain or not 1 <= len(counted) <= 3 or counted[-1].tag not in {"NNS", "NN"}:
        return figure
    return figure.lower() + text[counts.end() : counts.start() + counted[-1].end]


def _instead(value: str, sentence: str, asked: Asked) -> str:
    """Return the figure of a sentence that stands where the question has another.

    That is the one in the company of the same words. Where two keep equal company nobody can say
    which is meant, and none is returned.
    """
    wrong = _as_written(value, asked.core)
    wanted = _company(wrong, asked.core)
    is_sum = bool(_SUM.search(wrong))
    decade = wrong.endswith("s") and wrong[0].isdigit()
    ranked: list[tuple[int, str]] = []
    for fact in find_facts(sentence):
        for digits in fact.digits if fact.kind != "name" else ():
            written = _as_written(digits, fact.text)
            alike = len(digits) == len(value) and bool(_SUM.search(written)) == is_sum
            alike = alike and written.endswith("s") == decade
            if alike and digits not in asked.numbers:
                said = written if fact.kind == "date" else fact.text
                company = _company(written, sentence)
                nearest = bool(company and wanted and company[-1] & wanted[-1])
                shared = sum(any(word & other for other in wanted) for word in company)
                ranked.append((10 * nearest + shared, said))
    if ranked:
        most = max(company for company, _ in ranked)
        best = {said for company, said in ranked if company == most}
        return best.pop() if len(best) == 1 else ""
    spelt = [w for w in _NUMBER.findall(sentence) if not w[0].isdigit() and numbers_in(w)]
    of_the_same = [w for w in spelt if _noun(w, sentence) & _noun(wrong, asked.core)]
    one = of_the_same if len(spelt) > 1 else spelt
    return one[0] if len(one) == 1 else ""


def _noun(figure: str, text: str) -> frozenset[str]:
    """Return the forms of the noun a figure counts: bridge, bridges of `seven bridges`."""
    _, _, counted = _counted(figure, text).rpartition(" ")
    return forms(counted) if counted else frozenset()


def _company(figure: str, text: str) -> tuple[frozenset[str], ...]:
    """Return the forms of the content words before a figure, the nearest last."""
    before, found, _ = text.partition(figure)
    return tuple(forms(word) for word in content_words(before)[-5:]) if found else ()


def _strange_name(asked: Asked, match: _Match) -> str:
    """Return a name of the question that its best sentence doesn't hold in any word."""
    for name in asked.names:
        parts = [word for word in words(name) if word[0].isupper()]
        if parts and all(word in match.missing for word in parts):
            return name
    return ""


def _core_said(asked: Asked, match: _Match) -> bool:
    """Whether all but names is said, so that the name alone is out of place."""
    plain = [word for word in asked.words if not word[0].isupper()]
    return len(plain) >= 2 and not any(word in match.missing for word in plain)


def _covers_rest(asked: Asked, match: _Match) -> bool:
    rest = [word for word in asked.words if not word[0].isdigit()]
    missing = [word for word in match.missing if not word[0].isdigit()]
    return bool(rest) and len(missing) / len(rest) <= 0.5


def _yes_no(asked: Asked, matches: Sequence[_Match], conflict: Reading | None) -> Reading:
    best = matches[0]
    strict = best.coverage >= YES_NO_THRESHOLD and not _strange_names(asked, best)
    if conflict is not None:
        return Reading(
            asked=asked, answers=True, reason="found", best=conflict.best, confidence=best.coverage,
            agrees=False, asked_fact=conflict.asked_fact, said_fact=conflict.said_fact,
        )  # fmt: skip
    return Reading(
        asked=asked, answers=strict, reason="found" if strict else "not_covered",
        best=(best.index,), confidence=best.coverage, agrees=True if strict else None,
    )  # fmt: skip


def _strange_names(asked: Asked, match: _Match) -> bool:
    return any(word in match.missing for name in asked.names for word in words(name))


def _mentioned(asked: Asked, studied: Study, matches: Sequence[_Match]) -> Reading:
    """To describe or compare, the things asked about must be in the text."""
    everywhere = frozenset[str]().union(*(_known(statement) for statement in studied.statements))
    missing = [word for word in asked.words if not forms(word) & everywhere]
    answers = bool(asked.words) and len(missing) <= 0.25 * len(asked.words)
    both = asked.expected == "comparison" and matches[0].coverage < 0.99
    best = tuple(match.index for match in matches[: 2 if both else 1])
    return Reading(
        asked=asked, answers=answers, reason="found" if answers else "not_covered", best=best,
        confidence=1 - len(missing) / max(1, len(asked.words)),
    )  # fmt: skip


def _wh(asked: Asked, studied: Study, matches: Sequence[_Match]) -> Reading:
    best, confidence, fits = matches[0], -1.0, False
    for match in matches[:6]:
        statement = studied.statements[match.index]
        holds = has_kind(asked, statement)
        score = match.coverage * (1.0 if holds else 0.55)
        if _strange_names(asked, match):
            score *= 0.8
        if score > confidence:
            best, confidence, fits = match, score, holds
    answers = confidence >= ANSWER_THRESHOLD
    reason: Reason = "found" if answers else ("not_covered" if fits else "wrong_kind")
    return Reading(
        asked=asked, answers=answers, reason=reason, best=(best.index,), confidence=confidence
    )


def _which_first(asked: Asked, studied: Study, matches: Sequence[_Match]) -> Reading:
    """Align the two events named with two dated statements."""
    halves = re.split(r",? or ", asked.core.split(":", 1)[-1], maxsplit=1)
    dated = [
        (event, statement.index)
        for statement in studied.claims
        if (event := dated_event(statement)) is not None
    ]
    found: list[int] = []
    for half in halves:
        wanted = content_forms(half)
        scored = [
            (len(wanted & content_forms(event[0])), -index)
            for event, index in dated
            if -index not in found
        ]
        if scored and max(scored)[0] >= 2:
            found.append(-max(scored)[1])
    answers = len(found) == 2 and found[0] != found[1]
    best = (
        tuple(sorted(found, key=lambda index: _year(studied.statements[index])))
        if answers
        else (matches[0].index,)
    )
    return Reading(
        asked=asked, answers=answers, reason="found" if answers else "not_covered", best=best,
        confidence=1.0 if answers else 0.3,
    )  # fmt: skip


def _year(statement: Statement) -> int:
    event = dated_event(statement)
    return event[1] if event else 0
