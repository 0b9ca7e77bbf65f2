"""A dialogue's model calls, as a table and in full."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from colloquia.cli.view.messages import spoken, with_calls
from colloquia.cli.view.printable import one_line

if TYPE_CHECKING:
    from colloquia.core.types import ModelCall

_NUMBERS = ("in", "out", "ms", "tries")
_COLUMNS = ("place", "prompt", "in", "out", "ms", "tries", "model", "cause")
_USUAL = {"tries": "1", "cause": ""}
"""What needs no column where it is so for all calls."""


def ledger(calls: "Sequence[ModelCall]", *, messages: bool) -> Iterator[RenderableType]:
    """Yield the ledger's rows, and with `messages` what was sent and came back."""
    rows = [_cells(call) for call in calls]
    columns = [name for name in _COLUMNS if {row[name] for row in rows} != {_USUAL.get(name)}]
    models = {row["model"] for row in rows}
    if len(models) == 1:
        columns.remove("model")
        yield Padding(Text(f"all calls to {models.pop()}", style="dim"), (1, 0, 0, 0))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in columns:
        is_number = name in _NUMBERS  # words may go on in a second line, numbers stay whole
        table.add_column(
            name, no_wrap=is_number, justify="right" if is_number else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(row[name]) for name in columns))
    yield Padding(table, (1, 0, 0, 0))
    if messages:
        for call in calls:
            yield Padding(
                Text(f"{one_line(call.place)}  {one_line(call.prompt)}", "bold"), (1, 0, 0, 0)
            )
            yield from spoken(call.messages)
            if call.reply is not None:
                said = with_calls(call.reply, call)
                yield from spoken((), thought=call.thought, reply=said)


def _cells(call: "ModelCall") -> dict[str, str]:
    def number(value: int | None) -> str:
        return "" if value is None else f"{value:,}"

    return {
        "place": one_line(call.place),
        "prompt": one_line(call.prompt),
        "in": number(call.tokens_in),
        "out": number(call.tokens_out),
        "ms": f"{call.latency_s * 1000:,.0f}",
        "tries": str(call.attempts),
        "model": one_line(call.model),
        "cause": one_line(call.cause or ""),
    }
