"""A dialogue's model calls, as a table and in full."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from colloquia.cli.messages import spoken, with_calls
from colloquia.cli.printable import one_line
from colloquia.core.types import ModelCall

_COLUMNS = ("place", "role", "model", "prompt", "in", "out", "ms", "tries", "cause")


def ledger(calls: Sequence[ModelCall], *, messages: bool) -> Iterator[RenderableType]:
    """Yield the ledger's rows, and with `messages` what was sent and came back."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, no_wrap=True, justify="right" if name in _COLUMNS[4:8] else "left")
    for call in calls:
        table.add_row(*(Text(cell) for cell in _cells(call)))
    yield Padding(table, (1, 0, 0, 0))
    if messages:
        for call in calls:
            yield Padding(
                Text(f"{one_line(call.place)}  {one_line(call.prompt)}", "bold"), (1, 0, 0, 0)
            )
            yield from spoken(call.messages)
            if call.reply is not None:
                yield from spoken((), reply=with_calls(call.reply, call))


def _cells(call: ModelCall) -> tuple[str, ...]:
    def number(value: int | None) -> str:
        return "" if value is None else f"{value:,}"

    return (
        one_line(call.place),
        one_line(call.role),
        one_line(call.model),
        one_line(call.prompt),
        number(call.tokens_in),
        number(call.tokens_out),
        f"{call.latency_s * 1000:,.0f}",
        str(call.attempts),
        one_line(call.cause or ""),
    )
