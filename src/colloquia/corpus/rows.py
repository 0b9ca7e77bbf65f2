"""Training rows from one dialogue in the shapes that TRL expects, or why there is none.

Every dialogue, answer or sibling pair that could have been a row gives one `PossibleRow`, so that
what goes in always equals what comes out plus what was left out, by reason.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, assert_never

from colloquia.core.control_tokens import find_control_token
from colloquia.core.record import DialogueRecord
from colloquia.core.roles import Passage
from colloquia.core.text import clean_text
from colloquia.core.types import Snippet, Turn
from colloquia.corpus import thinking
from colloquia.corpus.canonical import dialogue_line, row_line
from colloquia.corpus.formats import Format, row_id
from colloquia.corpus.kinds import told_messages
from colloquia.corpus.manifest import Context, ExportSettings, Only
from colloquia.corpus.pairs import PreferencePair, preference_pairs

#: Why something isn't in an export, in the words of card and documents.
REASONS = {
    "pending": "its dialogue isn't finished",
    "failed": "its dialogue failed",
    "rejected": "its dialogue was rejected",
    "stale": "its snippet is no longer in the source",
    "below_min_score": "its dialogue scored below the minimum",
    "unscored": "its dialogue has no score to compare with the minimum",
    "no_exchange": "no question with an answer",
    "out_of_turn": "user and assistant don't alternate",
    "empty_text": "a message without text",
    "control_tokens": "text with the control tokens of a chat format, which would forge a turn",
    "zero_weight": "an answer that isn't to be trained on",
    "no_thought": "an answer without a thought, in a run that was to think",
    "same_text": "both answers of the pair read the same",
}

ChatMessage = dict[str, str]

#: What precedes the snippet where `context` is `open`.
OPEN_CONTEXT = "Answer from the passage below alone. Where it doesn't hold the answer, say so.\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which dialogues are exported, and whether the model sees their snippets."""

    only: Only = "accepted"
    """`all`: rejected and failed ones too; unfinished ones never."""
    min_score: float | None = None
    context: Context = "closed"
    """`open` puts the snippet in a system message."""
    thinks: bool = False
    """Whether answers are learnt with their thoughts, under the system message that asks for them;
    what was said before never has any."""
    stale: Container[str] = ()
    """Snippets by their ids whose dialogues are left out."""

    @classmethod
    def of(
        cls, settings: ExportSettings, *, thinks: bool = False, stale: Container[str] = ()
    ) -> Self:
        """Take what an export was asked for, what its run is like, and what is to be left out."""
        return cls(
            only=settings.only,
            min_score=settings.min_score,
            context=settings.context,
            thinks=thinks,
            stale=stale,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleRow:
    """A line of JSON, or the reason why there is none."""

    line: str | None = None
    reason: str | None = None


class _LeftOut(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def possible_rows(
    record: DialogueRecord, name: Format, *, selection: Selection, recipe_hash: str
) -> Iterator[PossibleRow]:
    """Yield what one dialogue gives in one format, in a fixed order."""
    unselected = left_out(record, selection)
    for make in _makers(record, name, selection, recipe_hash):
        try:
            yield PossibleRow(reason=unselected) if unselected else PossibleRow(line=make())
        except _LeftOut as error:
            yield PossibleRow(reason=error.reason)


def _makers(
    record: DialogueRecord, name: Format, selection: Selection, recipe_hash: str
) -> list[Callable[[], str]]:
    """Return one function per possible row, which makes its line or raises `_LeftOut`."""
    match name:
        case "canonical":
            return [partial(dialogue_line, record, recipe_hash=recipe_hash)]
        case "trl-sft":
            return [partial(_sft_line, record, selection)]
        case "trl-sft-turns":
            places = [place for place, turn in enumerate(record.turns) if _is_answer(turn)]
            return [partial(_turn_line, record, place, selection) for place in places]
        case "trl-grpo":
            return [
                partial(_question_line, record, n, selection) for n in range(_count_answers(record))
            ]
        case "trl-dpo":
            return [
                partial(_pair_line, record, pair, selection) for pair in preference_pairs(record)
            ]
        case "echo-jsonl":
            return [partial(_echo_line, record, selection)]
        case _:
            assert_never(name)


def left_out(record: DialogueRecord, selection: Selection) -> str | None:
    """Return why a whole dialogue isn't selected, or None."""
    outcome = record.dialogue.outcome
    if outcome == "pending" or (outcome != "accepted" and selection.only == "accepted"):
        return outcome
    if record.snippet.id in selection.stale:
        return "stale"
    if selection.min_score is None:
        return None
    if record.score is None:
        return "unscored"
    return "below_min_score" if record.score < selection.min_score else None


def _sft_line(record: DialogueRecord, selection: Selection) -> str:
    path = list(record.turns)
    while path and not _is_answer(path[-1]):  # a question left without an answer
        path.pop()
    if not path:
        raise _LeftOut("no_exchange")
    answers = [turn for turn in path if _is_answer(turn)]
    if any(turn.train_weight == 0 for turn in answers):
        raise _LeftOut("zero_weight")
    messages = _messages(record, path, selection)
    row = {
        "messages": messages,
        **_about_row(
            record, score=record.score, attempts=1 + max(turn.attempt for turn in answers)
        ),
    }
    return _named_line("trl-sft", row)


def _turn_line(record: DialogueRecord, place: int, selection: Selection) -> str:
    answer = record.turns[place]
    if answer.train_weight == 0:
        raise _LeftOut("zero_weight")
    messages = _messages(record, record.turns[: place + 1], selection)
    row = {
        "prompt": messages[:-1],
        "completion": [_with_thought(messages[-1], answer, selection)],
        **_about_row(record, score=record.turn_score(answer), attempts=1 + answer.attempt),
    }
    return _named_line("trl-sft-turns", row)


def _question_line(record: DialogueRecord, n: int, selection: Selection) -> str:
    exchange = record.exchanges[n]
    answer = exchange.answer
    if answer.train_weight == 0:
        raise _LeftOut("zero_weight")
    # What was declined in an accepted dialogue counts, not what the plan meant the question to be.
    messages = _messages(record, record.turns[: record.turns.index(answer) + 1], selection)
    prompt, reference = messages[:-1], messages[-1]["content"]
    row = {
        "prompt": prompt,
        "reference": reference,
        "answerable": not exchange.declined,
        "evidence": [text for span in answer.spans if (text := clean_text(span.text))],
        "kind": exchange.kind,
        "system": system_message(record.snippet, thinks=selection.thinks, is_open=True),
        **_about_row(record, score=record.turn_score(answer), attempts=1 + answer.attempt),
    }
    return _named_line("trl-grpo", row)


def _count_answers(record: DialogueRecord) -> int:
    return sum(exchange.answer.speaker == "answerer" for exchange in record.exchanges)


def _pair_line(record: DialogueRecord, pair: PreferencePair, selection: Selection) -> str:
    *prompt, chosen = _messages(record, [*pair.prefix, pair.chosen], selection)
    *_, rejected = _messages(record, [*pair.prefix, pair.rejected], selection)
    if chosen == rejected:
        raise _LeftOut("same_text")
    row = {
        "prompt": prompt,
        "chosen": [_with_thought(chosen, pair.chosen, selection)],
        "rejected": [_with_thought(rejected, pair.rejected, selection)],
        "score_chosen": _rounded(pair.score_chosen),
        "score_rejected": _rounded(pair.score_rejected),
        "source": pair.source,
    }
    return _named_line("trl-dpo", row)


def _echo_line(record: DialogueRecord, selection: Selection) -> str:
    messages = list(told_messages(record))
    acted = [message for message in messages if message["kind"] == "action"]
    if not acted or messages[0]["role"] != "user":
        raise _LeftOut("no_exchange")
    if not any(message["weight"] for message in acted):
        raise _LeftOut("zero_weight")
    if selection.context == "open":
        passage = system_message(record.snippet, thinks=False, is_open=True)
        shown = {"role": "system", "content": passage, "speaker": "system"}
        messages.insert(0, {**shown, "kind": "context", "weight": 0.0})
    _refuse_unfit(messages)
    attempts = 1 + max(turn.attempt for turn in record.turns if _is_answer(turn))
    row = {
        "messages": messages,
        "task": record.snippet.external_id,
        **_about_row(record, score=record.score, attempts=attempts),
    }
    return _named_line("echo-jsonl", row)


def _named_line(name: Format, row: dict[str, Any]) -> str:
    return row_line({"id": row_id(row, name), **row})


def _messages(
    record: DialogueRecord, turns: Sequence[Turn], selection: Selection
) -> list[ChatMessage]:
    """Return turns as chat messages that alternate from user to a last assistant."""
    messages: list[ChatMessage] = []
    for place, turn in enumerate(turns):
        role = "assistant" if place % 2 else "user"
        if turn.speaker != ("answerer" if place % 2 else "questioner"):
            raise _LeftOut("out_of_turn")
        messages.append({"role": role, "content": clean_text(turn.text)})
    if len(messages) % 2:
        raise _LeftOut("out_of_turn")
    is_open = selection.context == "open"
    if system := system_message(record.snippet, thinks=selection.thinks, is_open=is_open):
        messages.insert(0, {"role": "system", "content": system})
    _refuse_unfit(messages)
    return messages


def _refuse_unfit(messages: Sequence[dict[str, Any]]) -> None:
    for message in messages:
        if not message["content"]:
            raise _LeftOut("empty_text")
        if find_control_token(message["content"]):
            raise _LeftOut("control_tokens")


def system_message(shown: Snippet | Passage, *, thinks: bool, is_open: bool) -> str:
    """Return the system message: how to think, and the passage; empty where there is neither."""
    parts = [thinking.SYSTEM] if thinks else []
    if is_open:
        title = clean_text(shown.title or "")
        passage = f"{title}\n\n" * bool(title) + clean_text(shown.text)
        parts.append(OPEN_CONTEXT + passage)
    return "\n\n".join(parts)


def _with_thought(message: ChatMessage, turn: Turn, selection: Selection) -> ChatMessage:
    if not selection.thinks:
        return message
    thought = clean_text(turn.thought or "")
    if not thought:
        raise _LeftOut("no_thought")
    if find_control_token(thought):
        raise _LeftOut("control_tokens")
    return {**message, "content": thinking.with_thought(thought, message["content"])}


def _about_row(record: DialogueRecord, *, score: float | None, attempts: int) -> dict[str, Any]:
    source = record.snippet.source
    return {
        "snippet_ids": [record.snippet.id],
        "persona": clean_text(record.persona.name),
        "difficulty": _rounded(record.plan.difficulty) if record.plan else None,
        "score": _rounded(score),
        "attempts": attempts,
        "source": clean_text(source) if source else None,
    }


def _is_answer(turn: Turn) -> bool:
    return turn.speaker == "answerer"


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(float(score), 4)
