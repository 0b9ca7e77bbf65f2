"""A dialogue laid out for reading in a terminal.

Every text in it was written by a model or a stranger, so all of it goes through `printable` and
none of it is ever taken for markup.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from colloquia.cli.view.printable import counted, one_line
from colloquia.cli.view.terminal import console_on

if TYPE_CHECKING:
    from colloquia.core.record import DialogueRecord, Exchange
    from colloquia.core.types import Review, Turn

MOST_COLUMNS = 92  # longer lines are hard to read
SEPARATOR = "  ·  "
_OUTCOMES = {"accepted": "green", "rejected": "yellow", "failed": "red", "pending": "dim"}


def transcript(record: "DialogueRecord", *, drafts: bool) -> Iterator[RenderableType]:
    """Yield the parts of a transcript, from heading to end.

    Args:
        record: the dialogue.
        drafts: also show the answers that were turned down, each with its reviewers' reasons.
    """
    width = min(MOST_COLUMNS, console_on("stdout").width)
    yield from _heading(record)
    yield Text("─" * width, style="dim")
    blocks = [
        _exchange(record, number, exchange, drafts=drafts)
        for number, exchange in enumerate(record.exchanges, start=1)
    ]
    for rows in (*blocks, *((_left_out(record),) if drafts and record.left_out else ())):
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", no_wrap=True, style="dim")
        grid.add_column(max_width=width - _name_width(record) - 2)
        for left, right in rows:
            grid.add_row(left, right)
        yield Padding(grid, (1, 0, 0, 0))
    yield from _ending(record, drafts=drafts)


def _heading(record: "DialogueRecord") -> Iterator[Text]:
    dialogue = record.dialogue
    yield Text(one_line(record.snippet.title or record.snippet.text, most=80), style="bold")
    line = Text(style="dim")
    line.append(dialogue.outcome, style=_OUTCOMES[dialogue.outcome])
    if dialogue.reason:
        line.append(f" ({one_line(dialogue.reason)})")
    parts = [
        f"asked by {one_line(record.persona.name)}",
        counted(len(record.exchanges), "exchange"),
    ]
    if record.score is not None:
        parts.append(f"score {record.score:.2f}")
    if record.plan is not None:
        parts.append(f"difficulty {record.plan.difficulty:.2f}")
    width = console_on("stdout").width
    for part in parts:
        if line.cell_len + len(SEPARATOR + part) > width:
            yield line
            line = Text(part, style="dim")
        else:
            line.append(f"{SEPARATOR}{part}")
    yield line
    source = (
        f"{SEPARATOR}{one_line(record.snippet.source, most=60)}" if record.snippet.source else ""
    )
    yield Text(f"{dialogue.id}{source}", style="dim")


def _exchange(
    record: "DialogueRecord", number: int, exchange: "Exchange", *, drafts: bool
) -> Iterator[tuple[Text, Text]]:
    """Yield rows of (who, what): the question, drafts turned down, the answer and its evidence."""
    kind = (exchange.kind or "").replace("_", " ")
    yield Text(str(number)), Text(kind, style="dim")
    asker = Text(one_line(record.persona.name), style="cyan")
    if drafts:
        yield from _struck(record, record.asked_before(exchange.question), "question")
    yield asker, Text(exchange.question.text)
    if drafts:
        yield from _struck(record, record.siblings(exchange.answer), "draft")
    for turn in exchange.said:
        if turn.thought:
            yield Text("thought", style="dim"), Text(turn.thought, style="dim")
        yield _said(turn, exchange)
    for position, quote in enumerate(_unmarked_quotes(exchange.answer)):
        yield Text("" if position else "quotes"), Text(f"“{quote}”", style="dim italic")
    if drafts:
        yield from _reasons(record.reviews_of(exchange.answer))


def _said(turn: "Turn", exchange: "Exchange") -> tuple[Text, Text]:
    if turn.id == exchange.answer.id:
        return Text("answerer", style="green"), _answer(exchange)
    is_answerer = turn.speaker == "answerer"
    return Text(turn.speaker, style="green" if is_answerer else "magenta"), Text(turn.text)


def _left_out(record: "DialogueRecord") -> Iterator[tuple[Text, Text]]:
    """Yield rows on the exchanges that could not be mended."""
    for question in record.left_out:
        yield Text(str(question.exchange)), Text("left out", style="dim")
        yield from _struck(record, record.asked_before(question), "question")
        if record.reviews_against(question):
            yield from _struck(record, (question,), "question")
        else:
            yield Text("question", style="dim"), Text(question.text, style="dim")
        yield from _struck(record, record.answers_to(question), "draft")


def _struck(
    record: "DialogueRecord", turns: "tuple[Turn, ...]", name: str
) -> Iterator[tuple[Text, Text]]:
    """Yield what was turned down, each with its reviewers' words."""
    for turn in turns:
        yield Text(f"✗ {name}", style="red"), Text(turn.text, style="dim strike")
        yield from _reasons(record.reviews_of(turn))


def _answer(exchange: "Exchange") -> Text:
    """Return an answer; words quoted from the snippet are underlined, a refusal is marked."""
    turn = exchange.answer
    text = Text(turn.text)
    for span in turn.spans:
        text.highlight_words([span.text], style="underline")
    mark = refusal(exchange)
    return Text.assemble((f"{mark}: ", "yellow"), text) if mark else text


def refusal(exchange: "Exchange") -> str | None:
    """Return what an answer does that doesn't do as asked: decline, or correct what was assumed."""
    if not exchange.declined:
        return None
    return "corrected" if exchange.kind == "false_premise" else "declined"


def _unmarked_quotes(turn: "Turn") -> Iterator[str]:
    """Yield the quotes that no underlining in the answer shows; outside a terminal, all of them."""
    underlined = turn.text if console_on("stdout").is_terminal else ""
    for span in turn.spans:
        if span.text not in underlined:
            yield one_line(span.text)


def _reasons(reviews: "tuple[Review, ...]") -> Iterator[tuple[Text, Text]]:
    for review in reviews:
        scores = " ".join(f"{name} {score:.2f}" for name, score in review.scores.items())
        label = f" {one_line(review.label)}" if review.label else ""
        verdict = f"{review.verdict}{label}  {scores}".rstrip()
        words = Text(verdict, style="yellow" if review.verdict != "accept" else "dim")
        if review.rationale:
            words.append(f"\n{review.rationale}", style="dim")
        yield Text(one_line(review.reviewer)), words


def _ending(record: "DialogueRecord", *, drafts: bool) -> Iterator[RenderableType]:
    if record.left_out and not drafts:
        told = f"{counted(len(record.left_out), 'exchange')} left out; --drafts shows why"
        yield Padding(Text(told, style="dim"), (1, 0, 0, 0))
    if not record.exchanges:
        yield Padding(Text("no exchange was completed", style="dim"), (1, 0, 0, 0))
    if record.dialogue.outcome != "accepted" and record.dialogue.stop_reason:
        reason = f"ended: {one_line(record.dialogue.stop_reason)}"
        yield Padding(Text(reason, style=_OUTCOMES[record.dialogue.outcome]), (1, 0, 0, 0))


def _name_width(record: "DialogueRecord") -> int:
    return max(len(one_line(record.persona.name)), len("refusal_checker"))
