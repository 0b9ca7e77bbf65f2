"""A dialogue as Markdown, for an issue or a note."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from colloquia.cli.view.printable import one_line, printable
from colloquia.cli.view.transcript import refusal

if TYPE_CHECKING:
    from colloquia.core.record import DialogueRecord, Exchange


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


def _exchange(record: "DialogueRecord", exchange: "Exchange", *, drafts: bool) -> Iterator[str]:
    yield f"**{one_line(record.persona.name)}:** {printable(exchange.question.text)}"
    yield ""
    if drafts:
        for draft in record.siblings(exchange.answer):
            yield f"~~{one_line(draft.text)}~~"
            for review in record.reviews_of(draft):
                if review.verdict != "accept":
                    yield f"- {one_line(review.reviewer)}: {one_line(review.rationale)}"
            yield ""
    mark = refusal(exchange)
    yield f"**answerer{f' ({mark})' if mark else ''}:** {printable(exchange.answer.text)}"
    for span in exchange.answer.spans:
        yield ""
        yield f"> {one_line(span.text)}"
