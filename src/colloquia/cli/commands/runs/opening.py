"""Opening the store of a command that looks at runs, and how such a command names one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from colloquia.cli.view.terminal import Terminal

if TYPE_CHECKING:
    from colloquia.store.repository import Store

RunArgument = Annotated[
    str | None,
    typer.Argument(metavar="[RUN]", help="A run's id or its beginning; the latest by default."),
]


@contextmanager
def open_store(terminal: Terminal) -> "Iterator[Store]":
    """Open a store that is there.

    Raises:
        WrongStore: there is none.
        StoreError: it can't be opened.
    """
    from colloquia.store.repository import Store

    with Store.open(terminal.store) as store:
        yield store
