"""A thought that a model speaks aloud before its answer, where the server doesn't take it apart.

Each format has marks of its own. Often the beginning is missing, since the chat template has
written it already; and what a thought holds may look like an answer, a draft in JSON for example.
"""

import json
import re
from dataclasses import dataclass

#: Tokens around a thought; many tokenisers leave them out when they decode an answer.
THOUGHT_ENDS = frozenset({"</think>", "[/THINK]", "◁/think▷", "<channel|>", "<|END_THINKING|>"})
THOUGHT_MARKS = THOUGHT_ENDS | {"<think>", "[THINK]", "◁think▷", "<|channel>", "<|START_THINKING|>"}

_TAGS = "think|thinking|thought|reasoning|seed:think|budget:thinking"
_BEGINNING = re.compile(
    rf"\s*(?:<(?:{_TAGS})>"  # Qwen, DeepSeek, Gemini, Seed-OSS
    r"|\[THINK\]"  # Magistral
    r"|◁think▷"  # Kimi
    r"|<\|START_THINKING\|>"  # Cohere
    r"|<\|channel>thought\b"  # Gemma 4
    r"|(?:<\|start\|>assistant)?<\|channel\|>analysis<\|message\|>"  # gpt-oss
    r"|analysis(?=[A-Z]))"  # gpt-oss, its control tokens left out in decoding
)
_END = re.compile(
    rf"</(?:{_TAGS})>|\[/THINK\]|◁/think▷|<\|END_THINKING\|>|<channel\|>"
    r"|<\|channel\|>final(?:\s*<\|constrain\|>\s*\w+)?\s*<\|message\|>|assistantfinal(?:json)?"
)
# What such formats write before an answer, and after it or a thought.
_OPENING = "<|START_RESPONSE|>"
_CLOSING = ("<|return|>", "<|end|>", "<|END_RESPONSE|>", "<|start|>assistant")
_SPACE = re.compile(rf"\s*(?:{re.escape(_OPENING)}\s*)?")

_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtAloud:
    """A text that begins with its thought, taken apart."""

    thought: str
    answer: str
    """Empty where the thought never ended."""


def thought_apart(text: str) -> ThoughtAloud | None:
    """Return thought and answer where a text begins with a thought; else None.

    The answer is what comes after the thought's last end. An end inside a JSON string is none.
    """
    beginning = _BEGINNING.match(text)
    ends = list(_END.finditer(text))
    start = beginning.end() if beginning else 0
    if not ends:
        return ThoughtAloud(thought=_bare(text[start:]), answer="") if beginning else None
    last = _end_of(text)
    if _is_json_from(0, text, last=last):
        return None
    end = next((end for end in ends if _is_json_from(end.end(), text, last=last)), ends[-1])
    thought, answer = text[start : end.start()], text[end.end() :]
    return ThoughtAloud(thought=_bare(thought), answer=_bare(answer))


def _bare(text: str) -> str:
    text = text.strip().removeprefix(_OPENING).lstrip()
    return text[: _end_of(text)]


def _end_of(text: str) -> int:
    """Return where a text ends, but for what formats write after it."""
    end = len(text.rstrip())
    while closing := next((mark for mark in _CLOSING if text.endswith(mark, 0, end)), None):
        end -= len(closing)
        while end and text[end - 1].isspace():
            end -= 1
    return end


def _is_json_from(place: int, text: str, *, last: int) -> bool:
    """Whether all that a text says from here to `last` is one JSON value; reads no further."""
    before = _SPACE.match(text, place)
    first = before.end() if before else place
    if not text.startswith(("{", "["), first):
        return False
    try:
        _, after = _decode(text, first)
    except (ValueError, RecursionError):
        return False
    rest = _SPACE.match(text, after)
    return rest is not None and rest.end() >= last
