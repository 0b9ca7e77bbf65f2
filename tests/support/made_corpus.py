"""A small exported corpus on disk, and a student that says what it is told to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from made_dialogues import dialogue, manifest

from colloquia.corpus.export import export
from colloquia.models.faults.errors import CallFailed

FORMATS = ("trl-sft", "trl-sft-turns", "trl-dpo", "trl-grpo")


def made_corpus(out: Path, *, number: int = 12, **settings: Any) -> Path:
    """Export dialogues about numbered things; the last question of each third is declined."""
    records = []
    for n in range(number):
        record = dialogue(n, draft=None)
        if n % 3 == 2:
            record = dialogue(
                n,
                questions=("What is it?", "Who made it?"),
                answers=(f"It is thing number {n}.", "No name is given for that."),
                draft=None,
            )
            *before, last = record.tree
            declined = last.model_copy(update={"declined": True})
            record = record.model_copy(update={"tree": (*before, declined)})
        records.append(record)
    asked = {"to": FORMATS, "split": {"train": 0.6, "test": 0.4}} | settings
    export(records, manifest=manifest(), out=out, **asked)
    return out


@dataclass
class Scripted:
    """A student that answers by the last question, in turn where there are several answers."""

    says: Callable[[str, int], str]
    batch: int = 4
    window: int | None = None
    asked: list[Any] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def answer(self, chats: Sequence[Any]) -> list[Any]:
        from colloquia.models.local.text_generator import Answer

        found: list[Any] = []
        for chat in chats:
            self.asked.append(chat)
            text = chat.messages[-1].content
            turn = self.counts.get(text, 0)
            self.counts[text] = turn + 1
            said = self.says(text, turn)
            if said == "too long":
                found.append(CallFailed("context too long"))
            else:
                found.append(Answer(text=said, ids=(), stop="stop", tokens_in=1))
        return found


def by_turn(answers: Mapping[str, Sequence[str]]) -> Callable[[str, int], str]:
    """Answer each question with its own list of answers, one after the other."""
    return lambda text, turn: answers[text][turn % len(answers[text])]
