"""What an opening asks for: the whole, in a few words."""

import re

_OVERVIEW = re.compile(
    r"\b(?:overview|main (?:points?|facts?|things?)|sum(?:marise|marize)?\b.* (?:up|for)|summary|"
    r"gist|basics|big picture|introduction|should I know|where should I start|in a nutshell|"
    r"tell me about|what is .{1,60} about|explain\b|walk me through|run me through|what's involved|"
    r"what does .{1,40} involve)\b", re.I,
)  # fmt: skip


def asks_for_overview(question: str) -> bool:
    """Whether a question wants the whole rather than one thing about it."""
    return _OVERVIEW.search(question) is not None
