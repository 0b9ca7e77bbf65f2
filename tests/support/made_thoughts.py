"""Dialogues whose answers were thought over first, and the run that they come from."""

from pathlib import Path
from typing import Any

from made_dialogues import dialogue, manifest

from colloquia.core.record import DialogueRecord
from colloquia.core.run_manifest import RunManifest
from colloquia.corpus.export import export


def thought_for(text: str) -> str:
    return f"I recall it: {text}"


def with_thoughts(record: DialogueRecord) -> DialogueRecord:
    tree = tuple(
        turn.model_copy(update={"thought": thought_for(turn.text)})
        if turn.speaker == "answerer"
        else turn
        for turn in record.tree
    )
    return record.model_copy(update={"tree": tree})


def thinking_manifest() -> RunManifest:
    recipe = {"snippets": "snippets.jsonl", "agents": {"answerer": {"style": "reasoning"}}}
    return manifest(recipe=recipe)


def thinking_corpus(out: Path, *, number: int = 10, **settings: Any) -> Path:
    asked: dict[str, Any] = {
        "to": ("trl-sft", "trl-dpo", "trl-grpo"),
        "split": {"train": 0.7, "test": 0.3},
    }
    records = (with_thoughts(dialogue(n)) for n in range(number))
    export(records, manifest=thinking_manifest(), out=out, **asked | settings)
    return out
