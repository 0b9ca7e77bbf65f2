"""The whole in a few words: what matters most, what to call it, and whether that is asked for."""

import re
from dataclasses import replace

from colloquia.language.reading.words import content_forms, content_words, overlap, words
from colloquia.offline.reading.clauses import bare
from colloquia.offline.reading.study import POINTING, Statement, Study
from colloquia.offline.reading.topics import Topic

MAX_WORDS = 60
_FEW = 3  # statements; of so few, one is overview enough and the others are left to be asked about
_WEIGHTY = re.compile(r"\b(?:must|should|because|so that|only|used|called|means|important|main)\b")
# It goes on from something that an overview hasn't said.
_GOING_ON = re.compile(
    r"(?:\W*[\w'’-]+){0,3}?\W*\b(?:then|therefore|this|these|those|such|another|further|otherwise|"
    r"in addition|by contrast|for example|in particular|similarly|likewise|even before|too)\b"
    r"|.*\b(?:also(?! (?:called|known|named))|that (?:moment|time|point|year)|"
    r"the (?:two|latter|former|quantity)|instead(?! of))\b", re.I,
)  # fmt: skip
_SOME = frozenset({"most", "many", "some", "several", "all", "no", "few"})
_OVERVIEW = re.compile(
    r"\b(?:overview|main (?:points?|facts?|things?)|sum(?:marise|marize)?\b.* (?:up|for)|summary|"
    r"gist|basics|big picture|introduction|should I know|where should I start|in a nutshell|"
    r"tell me about|what is .{1,60} about|explain\b|walk me through|run me through|what's involved|"
    r"what does .{1,40} involve)\b", re.I,
)  # fmt: skip


def asks_for_overview(question: str) -> bool:
    """Whether a question wants the whole rather than one thing about it."""
    return _OVERVIEW.search(question) is not None


def opening_topic(studied: Study) -> Topic:
    """Name what the overview is about: a broad title's narrower subject is named beside it."""
    topic, chosen = studied.topic, central(studied)
    subject = chosen[0].subject if chosen else ""
    broad = not topic.doing and not topic.asking and len(content_words(topic.name)) <= 2
    named = overlap(content_words(topic.name), subject) >= 0.3
    own = subject.lower().split()
    if not broad or named or not own or len(own) > 5 or set(own) & POINTING or own[0] == "no":
        return topic
    if re.search(r"\d|,", subject) or " and " in topic.name or own[0] in _SOME:
        return topic
    if overlap(content_words(topic.name), studied.text) < 0.5:
        return replace(topic, name=subject)
    return replace(topic, name=f"{subject} and {topic.name}")


def central(studied: Study) -> list[Statement]:
    """Choose what says what the thing is, then what shares most with the rest, in their order."""
    whole = [s for s in studied.statements if not s.loose and _whole(s)]
    plain = (
        [s for s in whole if not _GOING_ON.match(bare(s.said))] or whole or [*studied.statements]
    )
    if not plain:
        return []
    opening = max(plain[:4], key=lambda s: (_identity(s, studied), -s.index))
    chosen = [opening]
    beside = [s for s in studied.statements if s.sentence == opening.sentence and s is not opening]
    if len(studied.statements) > _FEW:
        others = [
            s for s in plain if s is not opening and s not in beside and s.index > opening.index
        ]
        for other in sorted(others, key=lambda s: -_weight(s, studied)):
            if _length(opening, other) <= MAX_WORDS:
                chosen.append(other)
                break
    elif (
        beside
        and not beside[0].loose
        and _length(opening, beside[0]) <= MAX_WORDS
        and len(studied.statements) > 3
    ):
        chosen.append(beside[0])
    return sorted(chosen, key=lambda s: s.index)


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
