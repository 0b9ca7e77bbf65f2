"""What a question asks for: its core without small talk, the answer it expects, its words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from colloquia.core.roles import Line
from colloquia.language.facts import find_facts, numbers_in
from colloquia.language.lexicon import word_set
from colloquia.language.sentences import split_sentences
from colloquia.language.words import content_words, words
from colloquia.offline.reading.people import is_person_noun
from colloquia.offline.reading.study import Study

Expected = Literal[
    "overview", "describe", "when", "where", "who", "how_many", "why", "how", "what", "definition",
    "yes_no", "comparison", "first",
]  # fmt: skip

_WH = r"(?:when|where|who|whom|whose|what|which|why|how|whether)"
# "Could you tell me when …", "I'd like to know whether …": the question begins at the wh-word.
_LEAD = re.compile(
    rf"^.*?\b(?:tell me|telling me|idea|know|wonder|wondering|explain|curious|say|clear|sure|see|"
    rf"understand|ask|remind me)\b[^?]{{0,30}}?\b({_WH}|if)\b",
    re.I,
)
_DESCRIBE = re.compile(
    r"(?:what (?:does|do|did|can) (?:the |this )?(?:passage|text|snippet|you|it) "
    r"(?:say|tell|mention|know)|what (?:is|was) (?:said|written)|what the (?:passage|text) says|"
    r"what (?:is|should i know) about|(?:tell me|say|said|know) about|we learn about|"
    r"^(?:and )?what about |how (?:does|do) .{1,60} come into|how .{1,60} comes? into|"
    r"in what connection|mentioned)",
    re.I,
)
_OVERVIEW = re.compile(
    r"(?:\boverview|\bsummar(?:y|ise|ize)|\bmain (?:\w+ )?(?:facts|points|things|idea)|\bgist\b|"
    r"big picture|\bintroduction to|\bbasics\b|\bessentials\b|should i (?:know|start)|\bsum up\b|"
    r"what (?:is|'s) (?:this|the) passage about|where (?:should|do) (?:i|we) (?:start|begin)|"
    r"\bkey facts|bring me up to speed|\brundown\b)",
    re.I,
)
_AUXILIARY = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|may|might)\b",
    re.I,
)
_COMPARE = re.compile(
    r"^how\b.*\b(?:differs?|compares?)\b|^what (?:is|are) the differences? between\b"
)
# Who was Karin Holt?: it asks what she was, not for another name.
_NAME = r"(?:[A-Z][\w.'’-]*|de|la|von|van|der|of|the)(?: |$)"
_WHO_SOMEONE_IS = re.compile(
    rf"[Ww]ho (?:(?:is|was|are|were) (?:[A-Z][\w.'’-]* ?){{1,2}}(?:{_NAME}){{0,3}}|"
    r"(?:[A-Z][\w.'’-]* |de |la |von |van |der ){1,5}(?:is|was|are|were))"
)
_TIME_HEADS = word_set("year date century decade time day month period era age")
_PLACE_HEADS = word_set(
    "country city place region state town continent location area county countries cities "
    "places regions states areas locations"
)
_NUMBER_HEADS = word_set("number percentage percent proportion population amount share")
# Words of the conversation, not of the question: they are found in no snippet and prove nothing.
_SMALL_TALK = word_set(
    "passage text snippet tell know wonder wondering curious please exactly actually say says "
    "said mention mentioned mentions according really explain understand question ask kind "
    "type sort called like able quick thanks thank hello hi okay ok sure right wrong "
    "happened happen first come comes into learn connection mentioned happens describe "
    "described word words briefly simply precisely main different difference differ compare "
    "compared part give given examples example"
)
_PRONOUN = re.compile(r"\b(it|they|he|she|them|him)\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question taken apart."""

    core: str
    """The question proper, from its wh-word or auxiliary, without the mark."""
    expected: Expected
    head: str
    """The noun the question names its answer by (`how many books` -> `books`); often empty."""
    words: tuple[str, ...]
    """The content words an answering sentence should share."""
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    context: tuple[str, ...] = ()
    """Content words of what a pronoun in the question stands for."""

    @property
    def indirect(self) -> bool:
        """Whether the core is already in the form it has inside a sentence."""
        return self.core[:1].islower()


def understand(question: str, transcript: Sequence[Line], read: Study) -> Asked:
    """Take a question apart, with the transcript to say what its pronouns stand for."""
    asked = take_apart(question)
    points = _PRONOUN.search(asked.core) is not None or not asked.words
    if not points or not transcript:
        return asked
    context = content_words(spoken_of(transcript, read))
    # When was it? How many are there?: all that is asked about is what the pronoun stands for.
    return replace(asked, words=asked.words or context, context=context)


def spoken_of(transcript: Sequence[Line], read: Study) -> str:
    """Return the subject the transcript spoke of last; empty where none can be told."""
    last = next((line.text for line in reversed(transcript) if line.speaker == "answerer"), "")
    said = frozenset(word.lower() for word in content_words(last))
    best, most = "", 0
    for statement in read.statements:
        if statement.subject is None:
            continue
        shared = sum(1 for word in content_words(statement.sentence.text) if word.lower() in said)
        if shared > most:
            best, most = statement.subject, shared
    return best


@lru_cache(maxsize=8192)
def take_apart(question: str) -> Asked:
    """Take a question apart by itself, without a transcript."""
    core = _core(question)
    expected, head = _expected(core)
    asks_name = _ASKS_NAME.search(core)
    kept = tuple(
        word
        for word in content_words(core)
        if word.lower() not in _SMALL_TALK
        and word.lower() not in _TIME_HEADS
        and word.lower() != head
        and not (asks_name and word.lower() == "name")
    )
    if not kept and expected == "how_many" and head:
        kept = (head,)  # How many bridges did it have?: nothing else says what is meant
    facts = find_facts(core)
    numbers = tuple(sorted(numbers_in(core)))
    names = tuple(fact.text for fact in facts if fact.kind == "name")
    return Asked(core=core, expected=expected, head=head, words=kept, numbers=numbers, names=names)


_ASIDES = re.compile(
    r"^(?:in short|briefly|next|next up|one more thing|quick question|to be sure|just to be sure|"
    r"ok(?:ay)?|so|and|well|also|then|right|now|hello|hi|please|sorry)\b[,:;.!]\s+",
    re.I,
)


# "I may have missed it, but is it …"
_HEDGE = re.compile(rf"^I [^,]{{1,40}}, but\s+(?=(?:\w+ )?{_WH}|{_AUXILIARY.pattern[1:]})", re.I)


_ASKS_NAME = re.compile(r"\bname (?:of|given|the|an?|two)\b|\bwhat name\b", re.I)


def _core(question: str) -> str:
    """Return the question proper: the last asking sentence, small talk before it cut off."""
    pieces = [piece.text for piece in split_sentences(question.strip()[:600])]
    asking = [piece for piece in pieces if piece.endswith("?") and len(words(piece)) >= 2]
    core = (asking or pieces or [question])[-1].rstrip("?!. \"'”)")
    core = _HEDGE.sub("", _ASIDES.sub("", core))
    if _AUXILIARY.match(core) and not _LEAD.match(core):
        return core
    lead = _LEAD.match(core)
    if lead and not re.match(_WH, core, re.I):
        return core[lead.start(1) :]
    for mark in (": ", "; ", " — ", " – ", "… ", "... "):
        tail = core.split(mark)[-1] if mark in core else ""
        if re.match(rf"(?:\w+ )?{_WH}\b", tail, re.I) or _AUXILIARY.match(tail):
            return tail
    opened = re.match(
        rf"(?:[A-Za-z' ]{{1,40}},\s+)?(?:and|so|but|then|now|ok|okay|well|also)?,?\s*(?=({_WH})\b)",
        core,
        re.I,
    )
    if (
        opened
        and opened.end()
        and not re.match(r"(?:in|on|at|by|during|after|before|from|of)\b", core, re.I)
    ):
        return core[opened.end() :]
    return re.sub(r"^(?:and|so|but|then|ok|okay|well|also)\b,?\s+", "", core, flags=re.I)


def _expected(core: str) -> tuple[Expected, str]:
    lower = core.lower()
    if _OVERVIEW.search(core):
        return "overview", ""
    if lower.startswith(("which happened first", "what happened first", "which came first")):
        return "first", ""
    if _COMPARE.search(lower):
        return "comparison", ""
    if _DESCRIBE.search(core):
        return "describe", ""
    if _AUXILIARY.match(core) or lower.startswith(("whether ", "if ")):
        return "yes_no", ""
    titled = any(is_person_noun(word.lower()) for word in words(core)[1:3])
    if _WHO_SOMEONE_IS.fullmatch(core) and not titled:  # Who is President of …? wants the name
        return "definition", ""
    found = re.search(rf"\b{_WH}\b", lower)
    if found is None:
        return "describe", ""
    return _by_wh_word(lower[found.start() :])


def _by_wh_word(rest: str) -> tuple[Expected, str]:
    first, *others = words(rest)
    second = others[0] if others else ""
    if first == "how":
        if second in {"many", "much"}:
            return "how_many", _counted(others[1:]) if second == "many" else ""
        measured = {
            "old",
            "long",
            "far",
            "large",
            "big",
            "tall",
            "high",
            "often",
            "fast",
            "deep",
            "wide",
        }
        return ("how_many", "") if second in measured else ("how", "")
    if first in {"who", "whom", "whose"}:
        return "who", ""
    if first in {"when", "where", "why"}:
        return first, ""  # type: ignore[return-value]
    return _by_head(first, others)


def _counted(others: list[str]) -> str:
    """Return the first word of what is to be counted: bridges in `how many of the bridges`."""
    named = [word for word in others[:3] if word not in {"of", "the", "these", "those", "its"}]
    return "" if not named or _AUXILIARY.match(named[0]) else named[0]


def _by_head(first: str, others: list[str]) -> tuple[Expected, str]:
    heads = others[:3]
    for head in heads[:2]:
        if head in _TIME_HEADS:
            return "when", head
        if head in _PLACE_HEADS:
            return "where", head
        if head in _NUMBER_HEADS:
            return "how_many", ""
    if heads and is_person_noun(heads[0]):
        return "who", heads[0]
    if (
        first == "what"
        and heads[:1]
        and heads[0] in {"is", "are", "was", "were"}
        and len(others) <= 7
    ):
        return "definition", ""
    if first == "what" and others[-1:] and others[-1] in {"is", "are", "was", "were"}:
        return "definition", ""
    return "what", ""
