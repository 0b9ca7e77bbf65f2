"""Talks: questions with their answers, interviews and chat logs.

A question with its answers is one passage, without `Q:` and `A:`: the question first, as it was
asked. Of a chat log each turn keeps who speaks and when, on a line of its own. A label that comes
alone, as in `Note: …`, makes no talk.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from colloquia.snippets.prose.blocks import ProseBlock

LONGEST = 3_000  # characters of one passage of a chat log
LONGEST_ANSWER = 30_000  # characters of a question with its answers; no passage may be that long

_QUESTIONS = frozenset({"q", "question"})
_ASKS = _QUESTIONS | {"user", "human"}
_NO_SPEAKERS = frozenset({"note", "notes", "warning", "tip", "caution", "example", "source", "see"})
_ANSWERS = frozenset({"a", "answer", "ans", "assistant", "bot", "ai"})
_PAIR = r"(q|question|a|answer|ans)(?:\s?\d{1,3})?"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:\s?[aApP]\.?[mM]\.?)?"
_DATE = r"(?:\d[\d/.\-]{3,9},?\s{1,3}|(?:[Tt]oday|[Yy]esterday) at )"
_STAMP = rf"(?:[\[(]{_DATE}?{_CLOCK}[\])]|{_DATE}{_CLOCK})"
_NICK = r"<[@+%&~ ]?([\w.-]{1,30})>"
_SAYS = rf"\s{{0,3}}[-–]?\s{{0,3}}(?:{_NICK}|(\w[\w .'-]{{0,30}}?):)\s"
_NAME = r"([^\W\d][\w.'-]{0,20}(?:,? [A-Z0-9][\w.'-]{0,20}){0,3}?)"
_TIMED = re.compile(rf"(?:{_STAMP}|{_CLOCK}){_SAYS}\s{{0,3}}(?=\S)")
_LABEL = re.compile(rf"(?:{_NICK}|{_NAME}(?: \({_CLOCK}\))?:|([A-Z]\w{{2,20}})\.)\s+(?=\S)")
# What Slack, Discord and Teams copy out: the words begin below it.
_ABOVE = re.compile(
    rf"{_NAME}(?: [—–])?\s{{1,3}}{_DATE}?{_CLOCK}(?=\s|$)|\[{_DATE}{_CLOCK}\] {_NAME}(?=\s|$)"
)
# No prose begins so; a schedule has other things that look like turns.
_TURN = re.compile(
    rf"{_STAMP}{_SAYS}|{_CLOCK}\s{{1,3}}{_NICK}|{_NAME} \({_CLOCK}\): |{_NAME}  {_CLOCK}\s"
    rf"|{_NAME} [—–] {_DATE}{_CLOCK}|\[{_DATE}{_CLOCK}\] {_NAME}"
    rf"|(?:\d\d:)?\d\d:\d\d[.,]\d{{3}} --> |{_DATE}{_CLOCK} [-–] "
)
_EMPHASIS = re.compile(r"^([*_]{1,3})([^*_]{1,60}?)(:?)\1(:?)(?=\s)")
_INLINE = re.compile(rf"(?:^|(?<=\s)){_PAIR}[:.]\s+(?=\S)", re.I | re.M)
_MARKED = re.compile(r"(?:^|(?<=\s))(?:Q|A|Question|Answer)(?:\s?\d{1,3})?:\s", re.M)


def is_talk(text: str) -> bool:
    """Whether a passage is what several people say by turns, or lines of a log."""
    spoken = (speaker_of(line) for line in text.splitlines())
    often = Counter(speaker.lower() for speaker in spoken if speaker)
    starts = [turn.start() for turn in islice(_TURN.finditer(text), 2)]
    comes_back = len(often) > 1 and max(often.values()) > 1
    return comes_back or len(starts) > 1 or starts == [0]


def speaker_of(line: str) -> str | None:
    """Return who a line says is speaking, if it begins a turn."""
    plain = without_emphasis(line)
    found = _TIMED.match(plain) or _LABEL.match(plain) or _ABOVE.match(plain)
    speaker = next(filter(None, found.groups()), None) if found else None
    return None if speaker and speaker.lower() in _NO_SPEAKERS else speaker


def is_timed(line: str) -> bool:
    """Whether a line begins a turn even where nothing parts it from the line above."""
    return _TURN.match(line) is not None


def without_emphasis(line: str) -> str:
    """Return a line whose speaker stands in bold or italics without that."""
    return _EMPHASIS.sub(r"\2\3\4", line.lstrip())


def without_labels(text: str) -> str:
    """Return a text that is a question with its answer without `Q:` and `A:`."""
    if not _MARKED.match(text):
        return text
    labels = [found[1].lower() for found in _INLINE.finditer(text) if _MARKED.match(found[0])]
    asked = bool(labels) and labels[0] in _ASKS and any(label in _ANSWERS for label in labels)
    return _MARKED.sub("", text).strip() if asked else text


def with_talks(blocks: Iterable[ProseBlock]) -> Iterator[ProseBlock]:
    """Yield blocks with runs of turns as talks, a passage each, or as the paragraphs they were."""
    run: list[ProseBlock] = []
    length = 0
    asked = False
    for block in blocks:
        if block.kind == "heading":
            asked = _MARKED.match(block.text) is not None
            block = replace(block, text=_MARKED.sub("", block.text)) if asked else block
        if asked and block.kind == "turn" and not run and _answers(block):
            block = replace(block, kind="paragraph", text=_said(block), mark="")
        most = LONGEST_ANSWER if block.kind == "turn" and _answers(block) else LONGEST
        if run and (block.kind != "turn" or length > most):
            yield from _settled(run)
            run, length = [], 0
        if block.kind == "turn":
            run.append(block)
            length += block.length
        else:
            yield block
    yield from _settled(run)


def _settled(run: Sequence[ProseBlock]) -> Iterator[ProseBlock]:
    for talk in _parted(run):
        kinds = [_kind(turn) for turn in talk]
        if "asks" in kinds and "answers" in kinds:
            yield from _pairs(talk)
        elif _alternate(talk):
            yield _talk(talk, "\n".join(turn.text for turn in talk))
        else:
            yield from _paragraphs(talk)


def _parted(run: Sequence[ProseBlock]) -> Iterator[Sequence[ProseBlock]]:
    """Yield the talks of a run: one that stands in a block of its own is one by itself."""
    rest: list[ProseBlock] = []
    blocks: list[list[ProseBlock]] = []
    for turn in run:
        if turn.goes_on and blocks:
            blocks[-1].append(turn)
        else:
            blocks.append([turn])
    for block in blocks:
        if _alternate(block):
            yield from filter(None, (rest, block))
            rest = []
        else:
            rest = [*rest, *block]
    if rest:
        yield rest


def _alternate(run: Sequence[ProseBlock]) -> bool:
    """Whether some take turns: where blank lines part these, two must come back."""
    often = Counter(turn.mark.lower() for turn in run)
    if len(often) < 2:
        return False
    parted = not all(turn.goes_on for turn in run[1:])
    return sum(number > 1 for number in often.values()) > parted


def _speaker(turn: ProseBlock) -> str:
    return turn.mark.lower().rstrip(" 0123456789")


def _kind(turn: ProseBlock) -> str:
    speaker = _speaker(turn)
    return "asks" if speaker in _ASKS else "answers" if speaker in _ANSWERS else ""


def _answers(turn: ProseBlock) -> bool:
    return _kind(turn) == "answers"


def _said(turn: ProseBlock) -> str:
    return turn.text[turn.text.find(":") + 1 :].strip()


def _pairs(run: Sequence[ProseBlock]) -> Iterator[ProseBlock]:
    pair: list[ProseBlock] = []
    for turn in run:
        if pair and _kind(turn) == "asks":
            yield _talk(pair, _pair_text(pair))
            pair = []
        pair.append(turn)
    yield _talk(pair, _pair_text(pair))


def _pair_text(pair: Sequence[ProseBlock]) -> str:
    said = []
    for turn in pair:
        text = _said(turn) if _kind(turn) else turn.text
        is_question = _speaker(turn) in _QUESTIONS
        said.append(f"{text}?" if is_question and text[-1:] not in "?.!" else text)
    return " ".join(said)


def _talk(turns: Sequence[ProseBlock], text: str) -> ProseBlock:
    rest = sum(turn.length - len(turn.text) for turn in turns)
    return ProseBlock(kind="talk", line=turns[0].line, text=text, length=len(text) + max(0, rest))


def _paragraphs(run: Sequence[ProseBlock]) -> Iterator[ProseBlock]:
    joined: list[ProseBlock] = []
    for turn in run:
        if joined and turn.goes_on:
            last = joined[-1]
            joined[-1] = replace(
                last, text=f"{last.text} {turn.text}", length=last.length + 1 + turn.length
            )
        else:
            joined.append(replace(turn, kind="paragraph", mark=""))
    yield from joined
