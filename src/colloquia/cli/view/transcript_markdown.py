"""A dialogue as Markdown, for an issue or a note."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from colloquia.cli.view.printable import one_line
from colloquia.cli.view.transcript import refusal

if TYPE_CHECKING:
    from colloquia.core.record import DialogueRecord, Exchange
    from colloquia.core.types import Turn


def as_markdown(record: "DialogueRecord", *, drafts: bool) -> str:
    """Return the dialogue as Markdown; `drafts` adds the answers that were turned down."""
    return "\n".join(_lines(record, drafts=drafts)).rstrip()


def _lines(record: "DialogueRecord", *, drafts: bool) -> Iterator[str]:
    dialogue = record.dialogue
    reason = f" ({one_line(dialogue.reason)})" if dialogue.reason else ""
    score = "none" if record.score is None else f"{record.score:.2f}"
    yield f"# {one_line(record.snippet.title or record.snippet.text, most=80)}"
    yield ""
    yield f"- dialogue: `{dialogue.id}`"
    yield f"- outcome: {dialogue.outcome}{reason}"
    yield f"- persona: {one_line(record.persona.name)}"
    yield f"- score: {score}"
    if record.snippet.source:
        yield f"- source: {one_line(record.snippet.source)}"
    for number, exchange in enumerate(record.exchanges, start=1):
        yield ""
        yield f"## {number}. {(exchange.kind or 'question').replace('_', ' ')}"
        yield ""
        yield from _exchange(record, exchange, drafts=drafts)
    for question in record.left_out if drafts else ():
        yield ""
        yield f"## {question.exchange}. left out"
        yield ""
        yield from _struck(record, (*record.asked_before(question), question))
        yield from _struck(record, record.answers_to(question))


def _struck(record: "DialogueRecord", turns: "tuple[Turn, ...]") -> Iterator[str]:
    """Yield what was turned down, each with its reviewers' reasons."""
    for turn in turns:
        yield f"~~{one_line(turn.text)}~~"
        for review in record.reviews_against(turn):
            yield f"- {one_line(review.reviewer)}: {one_line(review.rationale)}"
        yield ""


def _exchange(record: "DialogueRecord", exchange: "Exchange", *, drafts: bool) -> Iterator[str]:
    if drafts:
        yield from _struck(record, record.asked_before(exchange.question))
    yield f"**{one_line(record.persona.name)}:** {exchange.question.text}"
    yield ""
    if drafts:
        yield from _struck(record, record.siblings(exchange.answer))
    for turn in exchange.said:
        if turn.thought:
            yield f"*{one_line(turn.thought)}*"
            yield ""
        mark = refusal(exchange) if turn.id == exchange.answer.id else None
        yield f"**{turn.speaker}{f' ({mark})' if mark else ''}:** {turn.text}"
        yield ""
    for span in exchange.answer.spans:
        yield f"> {one_line(span.text)}"
        yield ""
