"""The sheet that graders see, and the key that says what is what.

All ways' conversations lie in one mixed pile under neutral names. The sheet has nothing but what a
reader of the dialogues would see; the key stays with whoever makes the table.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.readers.sources import Conversation, Source
from colloquia.core.hashing import seed_for

RUBRIC = Path(__file__).parents[2] / "docs" / "grading.md"


def mixed(conversations: Iterable[Conversation], *, seed: int) -> dict[str, Conversation]:
    """Return the conversations in an order drawn by the seed, by their neutral names."""
    pile = list(conversations)
    random.Random(seed_for(seed, "sheet")).shuffle(pile)
    return {f"d{number:02}": one for number, one in enumerate(pile, start=1)}


def sheet_of(pile: dict[str, Conversation]) -> str:
    """Return what graders see."""
    rubric = RUBRIC.read_text(encoding="utf-8")
    return "\n".join([rubric, *(_page(name, one) for name, one in pile.items())])


def key_of(pile: dict[str, Conversation], sources: Sequence[Source]) -> dict[str, Any]:
    """Return what the names stand for and what each way took, as JSON.

    It holds all that the table is made of, so that it can be kept without the stores.
    """
    return {
        "sources": {source.name: asdict(source.effort()) for source in sources},
        "dialogues": {
            name: {"source": one.source, "id": one.id, "exchanges": one.exchanges}
            for name, one in pile.items()
        },
    }


def _page(name: str, conversation: Conversation) -> str:
    title = f" ({conversation.title})" if conversation.title else ""
    lines = [f"## {name}", "", f"Passage{title}: {conversation.passage}"]
    for number, (question, answer) in enumerate(conversation.exchanges, start=1):
        lines += ["", f"Exchange {number}", f"- User: {question}", f"- Assistant: {answer}"]
    return "\n".join([*lines, ""])
