"""Faults planted in exchanges that were accepted: each changes what one slip would, nothing else.

A planter is a pure function. It sees the exchange as its reviewers see it and the other exchanges
of the dialogue, and returns the exchange with its fault, or None where there is no place for it.
What is drawn comes from the seed and the kind alone, so kinds don't move each other.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from benchmarks.planted.answers import (
    invented_answer,
    lost_condition,
    needless_refusal,
    other_answer,
    swapped_figure,
    swapped_name,
    wrong_figure,
)
from benchmarks.planted.questions import cloze_question
from benchmarks.planted.words import bent_quote, broken_question
from colloquia.core.hashing import seed_for
from colloquia.core.record import DialogueRecord
from colloquia.core.roles import Line, Passage, ReviewInput
from colloquia.core.types import QuestionKind

Planter = Callable[[ReviewInput, Sequence[ReviewInput], random.Random], ReviewInput | None]

UNTOUCHED = "untouched"
PLANTERS: Mapping[str, Planter] = {
    "wrong figure": wrong_figure,
    "swapped figure": swapped_figure,
    "swapped name": swapped_name,
    "lost condition": lost_condition,
    "other answer": other_answer,
    "needless refusal": needless_refusal,
    "invented answer": invented_answer,
    "bent quote": bent_quote,
    "broken question": broken_question,
    "cloze question": cloze_question,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An exchange that was accepted, in its dialogue."""

    dialogue: str
    case: ReviewInput
    """As its reviewers saw it."""
    kind: QuestionKind | None
    """What its question was planned to be."""
    others: tuple[ReviewInput, ...]
    """The dialogue's other exchanges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """An exchange with its fault, or an untouched one."""

    fault: str
    case: ReviewInput
    settled: Settled


def settled_exchanges(records: Iterable[DialogueRecord]) -> list[Settled]:
    """Return every exchange of accepted dialogues, in order."""
    settled: list[Settled] = []
    for record in records:
        if record.dialogue.outcome != "accepted":
            continue
        cases = _cases(record)
        kinds = [cast(QuestionKind | None, exchange.kind) for exchange in record.exchanges]
        settled += [
            Settled(
                dialogue=record.dialogue.id,
                case=case,
                kind=kind,
                others=cases[:number] + cases[number + 1 :],
            )
            for number, (case, kind) in enumerate(zip(cases, kinds, strict=True))
        ]
    return settled


def plant(settled: Sequence[Settled], fault: str, *, number: int, seed: int) -> list[Planted]:
    """Return up to `number` exchanges with one kind of fault, or untouched, drawn by the seed."""
    chance = random.Random(seed_for(seed, fault))
    drawn = chance.sample(settled, len(settled))
    if fault == UNTOUCHED:
        return [Planted(fault=fault, case=one.case, settled=one) for one in drawn[:number]]
    planted: list[Planted] = []
    for one in drawn:
        if len(planted) == number:
            break
        case = PLANTERS[fault](one.case, one.others, chance)
        if case is not None:
            planted.append(Planted(fault=fault, case=case, settled=one))
    return planted


def _cases(record: DialogueRecord) -> tuple[ReviewInput, ...]:
    passage = Passage(title=record.snippet.title, text=record.snippet.text)
    lines: tuple[Line, ...] = ()
    cases: list[ReviewInput] = []
    for exchange in record.exchanges:
        question, answer = exchange.question, exchange.answer
        cases.append(
            ReviewInput(
                snippet=passage,
                question=question.text,
                transcript=lines,
                answer=answer.text,
                quotes=tuple(span.text for span in answer.spans),
                declined=answer.declined,
            )
        )
        lines += tuple(Line(speaker=turn.speaker, text=turn.text) for turn in (question, answer))
    return tuple(cases)
