"""What each way has made, from a store or a file: accepted conversations, and what they took."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import colloquia
from benchmarks import prefix
from colloquia.core.record import DialogueRecord
from colloquia.corpus.pairs import preference_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A dialogue as its reader sees it."""

    source: str
    id: str
    title: str | None
    passage: str
    exchanges: tuple[tuple[str, str], ...]
    """Question and answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a way took for all it made, rejected dialogues too."""

    planned: int
    calls: int
    tokens_in: int
    """Prompt tokens as the endpoint counted them."""
    prefix_share: float
    """Of the prompts' tokens, in blocks of 16."""
    pairs: int
    """Preference pairs of accepted dialogues."""
    revisions: int
    """Answers written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way's dialogues: a store, of which the latest run counts, or a file of one call each."""

    name: str
    path: Path

    @classmethod
    def of(cls, named: str) -> "Source":
        """Read `NAME=PATH`."""
        name, equals, path = named.partition("=")
        if not (name and equals and Path(path).is_file()):
            raise SystemExit(f"{named!r}: write NAME=PATH, with a store or a .jsonl file")
        return cls(name=name, path=Path(path).resolve())

    @property
    def is_store(self) -> bool:
        """Whether it is a run's store."""
        return self.path.suffix != ".jsonl"

    def conversations(self) -> list[Conversation]:
        """Return the accepted dialogues; of one call each, those that hold an exchange."""
        if self.is_store:
            return [
                _from_record(self.name, record)
                for record in self._run().dialogues(outcome="accepted")
            ]
        return [_from_row(self.name, row) for row in self._rows() if row["exchanges"]]

    def effort(self) -> Effort:
        """Count what it took."""
        return self._effort_of_run() if self.is_store else self._effort_of_rows()

    def _run(self) -> colloquia.Run:
        return colloquia.find_run(str(self.path))

    def _rows(self) -> list[dict[str, Any]]:
        return rows_of(self.path)

    def _effort_of_run(self) -> Effort:
        run = self._run()
        counts = run.counts()
        records = list(run.dialogues())
        return Effort(
            planned=counts.planned,
            calls=counts.calls,
            tokens_in=counts.tokens_in,
            prefix_share=_prefix_share(prefix.calls_of(str(self.path), run.id)),
            pairs=sum(
                len(preference_pairs(record))
                for record in records
                if record.dialogue.outcome == "accepted"
            ),
            revisions=sum(turn.attempt > 0 for record in records for turn in record.tree),
        )

    def _effort_of_rows(self) -> Effort:
        rows = self._rows()
        calls = [call for row in rows for call in row["calls"]]
        sent = ((call["role"], call["model"], call["messages"]) for call in calls)
        return Effort(
            planned=len(rows),
            calls=len(calls),
            tokens_in=sum(call["tokens_in"] or 0 for call in calls),
            prefix_share=_prefix_share(sent),
            pairs=0,
            revisions=0,
        )


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Read a file of JSON Lines."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _prefix_share(calls: Iterator[tuple[str, str, list[tuple[str, str]]]]) -> float:
    total = prefix.count(calls).get("all")
    return total.in_blocks / total.tokens if total else 0.0


def _from_record(source: str, record: DialogueRecord) -> Conversation:
    return Conversation(
        source=source,
        id=record.snippet.external_id or record.snippet.id,
        title=record.snippet.title,
        passage=record.snippet.text,
        exchanges=tuple((one.question.text, one.answer.text) for one in record.exchanges),
    )


def _from_row(source: str, row: dict[str, Any]) -> Conversation:
    return Conversation(
        source=source,
        id=row["id"],
        title=row["title"],
        passage=row["text"],
        exchanges=tuple((one["question"], one["answer"]) for one in row["exchanges"]),
    )
