"""The whole in a few words: what matters most, what to call it, and whether that is asked for."""

import re
from collections.abc import Sequence
from dataclasses import replace

from colloquia.language.reading.words import content_forms, content_words, overlap, words
from colloquia.offline.reading.clauses import bare
from colloquia.offline.reading.study import POINTING, Statement, Study
from colloquia.offline.reading.topics import Topic

MAX_WORDS = 75
_FEW = 4  # statements, to each of the overview's: the others are left to be asked about
_WEIGHTY = re.compile(r"\b(?:must|should|because|so that|only|used|called|means|important|main)\b")
# It goes on from something that an overview hasn't said.
_GOING_ON = re.compile(
    r"(?:\W*[\w'’-]+){0,3}?\W*\b(?:then|therefore|this|these|those|such|another|further|otherwise|"
    r"in addition|by contrast|for example|in particular|similarly|likewise|even before|too)\b"
    r"|.*\b(?:also(?! (?:called|known|named))|that (?:moment|time|point|year)|"
    r"the (?:two|latter|former)|instead(?! of))\b", re.I,
)  # fmt: skip
_SOME = frozenset({"most", "many", "some", "several", "all", "no", "few"})
_OVERVIEW = re.compile(
    r"\b(?:overview|main (?:points?|facts?|things?)|sum(?:marise|marize)?\b.* (?:up|for)|summary|"
    r"gist|basics|big picture|introduction|should I know|where should I start|in a nutshell|"
    r"tell me about|(?:should|do) I (?:know|start)|what can you tell me|what is .{1,60} about|"
    r"explain\b|walk me through|run me through|what's involved|what does .{1,40} involve)\b", re.I,
)  # fmt: skip


def asks_for_overview(question: str) -> bool:
    """Whether a question wants the whole rather than one thing about it."""
    return _OVERVIEW.search(question) is not None


def opening_topic(studied: Study) -> Topic:
    """Name what the overview is about: where a broad title isn't it, the subject that is."""
    topic, chosen = studied.topic, central(studied)
    subject, main = (chosen[0].subject, chosen[0].main) if chosen else ("", None)
    head = main.subject_head if main else None
    broad = not topic.doing and not topic.asking and len(content_words(topic.name)) <= 2
    named = overlap(content_words(topic.name), subject) >= 0.3 or " and " in topic.name
    own = subject.lower().split()
    if not broad or named or head is None or not 0 < len(own) <= 6:
        return topic
    if own[-1] == "and" or set(own) & POINTING or own[0] in _SOME or re.search(r"\d|,", subject):
        return topic
    if head.pos_ == "PROPN" and head.text[:1].isupper():
        return replace(topic, name=subject)
    common = head.tag_ in {"NNS", "NN"} and own[0] not in {"the", "a", "an"} and len(own) <= 2
    return replace(topic, name=f"{subject} and {topic.name}") if common else topic


def central(studied: Study) -> list[Statement]:
    """Choose what says what the thing is, then what the topic's other words stand in, in order."""
    whole = [s for s in studied.statements if not s.loose and _whole(s)]
    plain = [s for s in whole if not _GOING_ON.match(bare(s.said))] or whole
    plain = plain or [*studied.statements]
    if not plain:
        return []
    opening = max(plain[:3], key=lambda s: (_identity(s, studied), -s.index))
    chosen = [opening]
    while len(chosen) < 3 and len(studied.statements) > _FEW * len(chosen):
        rest = [s for s in plain if s not in chosen and _length(*chosen, s) <= MAX_WORDS]
        open_words = content_forms(studied.topic.name) - _forms(chosen)
        fresh = [s for s in rest if open_words & content_forms(s.said)]
        if not fresh and len(chosen) > 1:
            break
        after = [s for s in fresh or rest if s.index > opening.index]
        if not after:
            break
        chosen.append(max(after, key=lambda s: _weight(s, studied)))
    return sorted(chosen, key=lambda s: s.index)


def _forms(chosen: Sequence[Statement]) -> frozenset[str]:
    return frozenset(form for s in chosen for form in content_forms(s.said))


def _length(*statements: Statement) -> int:
    return sum(len(words(s.said)) for s in statements)


def _whole(statement: Statement) -> bool:
    lists = re.match(r"[A-Z]\w+: ", statement.quote) or statement.quote.rstrip().endswith(":")
    return len(words(statement.said)) >= 5 and not lists and "aforementioned" not in statement.said


def _identity(statement: Statement, studied: Study) -> float:
    """How well a statement says what the topic is."""
    named = overlap(content_words(studied.topic.name), statement.said)
    main = statement.main
    defines = main is not None and main.copular and main.first("attribute") is not None
    orders = main is not None and main.orders
    first = 1.0 if statement.index == 0 else 0.0
    return first + named + (0.6 if defines and named > 0.3 else 0.0) - (0.8 if orders else 0.0)


def _weight(statement: Statement, studied: Study) -> float:
    own = content_forms(statement.said)
    shared = sum(
        len(own & content_forms(other.said))
        for other in studied.statements
        if other.index != statement.index
    )
    topical = len(own & content_forms(studied.topic.name))
    weighty = 1.5 if _WEIGHTY.search(statement.said) else 0.0
    near = 2.0 if statement.index <= 2 else 0.0
    return (shared + 2 * topical) / (len(own) ** 0.5 or 1) + weighty + near
