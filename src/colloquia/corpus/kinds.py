"""A dialogue as its answerer lived it: what it did, what it was told, and which of that is a fact.

ECHO (arXiv 2605.24517) learns what comes back from the world beside what was done in it. To an
answerer that is what other speakers say, what reviewers said of a draft before it wrote the next
one, and what an environment answers. What is only given is context; what a harness says on its own
account is a warning.
"""

from collections.abc import Iterator
from typing import Any, Literal, get_args

from colloquia.core.record import DialogueRecord
from colloquia.core.text import clean_text
from colloquia.core.types import Turn

Kind = Literal["context", "action", "observation", "warning"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def told_messages(record: DialogueRecord) -> Iterator[dict[str, Any]]:
    """Yield role, content, speaker, kind and weight of everything the answerer said and heard.

    A draft that was turned down, with its reviewers' reasons, stands before what took its place;
    its own words have weight 0.
    """
    for turn in record.turns:
        if turn.speaker == "answerer":
            yield from _drafts(record, turn)
        yield _message(turn)


def _drafts(record: DialogueRecord, answer: Turn) -> Iterator[dict[str, Any]]:
    for draft in record.siblings(answer):
        told = [
            (review.reviewer, text)
            for review in record.reviews_against(draft)
            if (text := clean_text(review.rationale))
        ]
        if draft.attempt < answer.attempt and told:
            yield _message(draft) | {"weight": 0.0}
            for reviewer, text in told:
                yield {
                    "role": "user",
                    "content": text,
                    "speaker": reviewer,
                    "kind": "observation",
                    "weight": 1.0,
                }


def _message(turn: Turn) -> dict[str, Any]:
    return {
        "role": "assistant" if turn.speaker == "answerer" else "user",
        "content": clean_text(turn.text),
        "speaker": turn.speaker,
        "kind": _kind(turn),
        "weight": turn.train_weight,
    }


def _kind(turn: Turn) -> Kind:
    match turn.speaker:
        case "answerer":
            return "action"
        case "environment":
            return "observation" if turn.train_weight else "warning"
        case "questioner":
            return "observation" if turn.train_weight else "context"
