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

_NOTHING = re.compile(rf"{_SPACE.pattern}(?:(?:{'|'.join(map(re.escape, _CLOSING))})\s*)*\Z")

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
    if _is_json_from(0, text):
        return None
    end = next((end for end in ends if _is_json_from(end.end(), text)), ends[-1])
    thought, answer = text[start : end.start()], text[end.end() :]
    return ThoughtAloud(thought=_bare(thought), answer=_bare(answer))


def _bare(text: str) -> str:
    text = text.strip().removeprefix(_OPENING).lstrip()
    end = len(text)
    while text.endswith(_CLOSING, 0, end):
        end = text.rindex("<|", 0, end)
        while end and text[end - 1].isspace():
            end -= 1
    return text[:end]


def _is_json_from(place: int, text: str) -> bool:
    """Whether all that a text says from here on is one JSON value; reads no further than that."""
    before = _SPACE.match(text, place)
    first = before.end() if before else place
    if not text.startswith(("{", "["), first):
        return False
    try:
        _, after = _decode(text, first)
    except (ValueError, RecursionError):
        return False
    return _NOTHING.match(text, after) is not None
